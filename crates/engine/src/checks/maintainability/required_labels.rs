//! required-labels: the labels that the platform asks for are there.

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, Asked, Check, Covers, Fault, Minutes, Parameter, ParameterKind, Text},
};

pub(super) const CHECK: Check = Check {
    id: "required-labels",
    title: "Required labels missing",
    category: Category::Maintainability,
    severity: Severity::Medium,
    effort: Minutes(10),
    since: "0.1.0",
    profile: Profile::Production,
    text: Text {
        sees: "The workload lacks one of the labels that the policy names, or its value does not match the pattern beside it. Without the parameter it asks nothing.",
        root_cause: "The platform's rule about labels is written in a wiki.",
        scenario: "Costs, alerts or rights are assigned by the label, and this workload is assigned to nobody.",
        impact: "What the platform does by it does not happen here.",
        fix: "Add the label that the finding names.",
    },
    links: &["https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/"],
    covers: Covers {
        audit_rows: &[],
        peers: &[
            "kube-linter:required-label-owner",
            "gatekeeper:requiredlabels",
            "datree:21",
            "kyverno:metadata-match-regex",
            "kyverno:require-kubecost-labels",
        ],
    },
    parameters: &[WANTED],
    reads: &[],
    ask: Ask::Workload(ask),
};

use regex::Regex;

const WANTED: Parameter = Parameter {
    name: "labels",
    describes: "Keys that must be there, each alone or as key=pattern with a regular expression for the whole value.",
    kind: ParameterKind::Texts { default: &[] },
};

fn ask(asked: &Asked<'_>) -> Answer {
    let workload = asked.workload;
    let wanted = asked.texts(WANTED.name);
    if wanted.is_empty() {
        return Answer::DoesNotApply;
    }
    let own = &workload.metadata.labels;
    let faults = wanted.iter().filter_map(|entry| {
        let (key, pattern) = match entry.split_once('=') {
            Some((key, pattern)) => (key, Some(pattern)),
            None => (entry.as_str(), None),
        };
        let at = workload.at("/metadata/labels").key(key);
        let Some(value) = own.get(key) else {
            return Some(Fault::new(at, format!("lacks the label {key}")));
        };
        let fits = match pattern.map(|pattern| Regex::new(&format!("^(?:{pattern})$"))) {
            None => true,
            Some(Ok(pattern)) => pattern.is_match(value),
            Some(Err(_)) => {
                return Some(Fault::new(
                    at,
                    format!("the policy's pattern for {key} cannot be read"),
                ));
            }
        };
        (!fits).then(|| {
            Fault::new(
                at,
                format!("has {value} as {key}, which the policy does not take"),
            )
        })
    });
    Answer::from_faults(faults.collect())
}
