//! environment-policy: variables are as the platform wants them.

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{
        Answer, Ask, Asked, Check, Containers, Covers, Fault, Minutes, Parameter, ParameterKind,
        Text,
    },
    object::{Container, Kind},
};

pub(super) const CHECK: Check = Check {
    id: "environment-policy",
    title: "Variable against the policy",
    category: Category::Maintainability,
    severity: Severity::Low,
    effort: Minutes(10),
    since: "0.1.0",
    profile: Profile::Production,
    text: Text {
        sees: "A container lacks a variable of the parameter required, or has one of the parameter forbidden; each is a name, or name=value. Without parameters it asks nothing.",
        root_cause: "The rule is written in a wiki.",
        scenario: "A proxy or a time zone is not set, and calls to the outside fail from this one workload.",
        impact: "A fault that is looked for everywhere else.",
        fix: "Add or remove the variable that the finding names.",
    },
    links: &[
        "https://kubernetes.io/docs/tasks/inject-data-application/define-environment-variable-container/",
    ],
    covers: Covers {
        audit_rows: &[],
        peers: &[
            "kube-linter:env-var",
            "kyverno:check-env-vars",
            "kyverno:mitigate-log4shell",
            "kyverno:add-pod-proxies",
        ],
    },
    parameters: &[REQUIRED, FORBIDDEN],
    reads: &[Kind::ConfigMap],
    ask: Ask::Containers(Containers::Planned, ask),
};

const REQUIRED: Parameter = Parameter {
    name: "required",
    describes: "Variables that must be there, as NAME or NAME=value.",
    kind: ParameterKind::Texts { default: &[] },
};

const FORBIDDEN: Parameter = Parameter {
    name: "forbidden",
    describes: "Variables that must not be there, as NAME or NAME=value.",
    kind: ParameterKind::Texts { default: &[] },
};

fn ask(container: &Container<'_>, asked: &Asked<'_>) -> Answer {
    let (required, forbidden) = (asked.texts(REQUIRED.name), asked.texts(FORBIDDEN.name));
    if required.is_empty() && forbidden.is_empty() {
        return Answer::DoesNotApply;
    }
    let known = asked.variables(container);
    let position = |entry: &String| {
        let (name, wanted) = match entry.split_once('=') {
            Some((name, value)) => (name, Some(value)),
            None => (entry.as_str(), None),
        };
        let found = known.iter().find(|one| one.name == name);
        match wanted {
            Some(value) => found
                .filter(|one| one.value == value)
                .map(crate::environment::Variable::pointer),
            None => found
                .map(crate::environment::Variable::pointer)
                .or_else(|| {
                    let index = container
                        .spec
                        .env
                        .iter()
                        .position(|variable| variable.name == name)?;
                    Some(container.at(&format!("/env/{index}")))
                }),
        }
    };
    let missing = required.iter().filter(|entry| position(entry).is_none());
    let mut faults: Vec<Fault> = missing
        .map(|entry| Fault::in_container(container, "/env", format!("lacks the variable {entry}")))
        .collect();
    faults.extend(forbidden.iter().filter_map(|entry| {
        let pointer = position(entry)?;
        let message = format!("has the variable {entry}, which the policy forbids");
        Some(Fault::in_container_at(container, pointer, message))
    }));
    Answer::from_faults(faults)
}
