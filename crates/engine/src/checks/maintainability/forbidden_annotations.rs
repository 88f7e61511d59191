//! forbidden-annotations: what the platform does not want is not there.

use crate::{
    api::vocabulary::{Category, Profile, Severity, WorkloadKind},
    check::{Answer, Ask, Asked, Check, Covers, Fault, Minutes, Parameter, ParameterKind, Text},
    object::Pointer,
};

pub(super) const CHECK: Check = Check {
    id: "forbidden-annotations",
    title: "Forbidden annotation",
    category: Category::Maintainability,
    severity: Severity::Low,
    effort: Minutes(5),
    since: "0.1.0",
    profile: Profile::Production,
    text: Text {
        sees: "The workload or its pods have an annotation whose key is forbidden by the parameter keys, each alone or with a star at its end. Without the parameter it asks nothing.",
        root_cause: "An annotation was copied that turns something off which the platform relies on.",
        scenario: "A node cannot be drained because a pod says that it must not be evicted.",
        impact: "What the platform does for all does not happen here.",
        fix: "Remove the annotation that the finding names.",
    },
    links: &["https://kubernetes.io/docs/concepts/overview/working-with-objects/annotations/"],
    covers: Covers {
        audit_rows: &[],
        peers: &[
            "kube-linter:forbidden-annotation",
            "kyverno:restrict-annotations",
            "kyverno:allowed-annotations",
        ],
    },
    parameters: &[KEYS],
    reads: &[],
    ask: Ask::Workload(ask),
};

const KEYS: Parameter = Parameter {
    name: "keys",
    describes: "Annotations that must not be there, each alone or with a star at its end.",
    kind: ParameterKind::Texts { default: &[] },
};

fn ask(asked: &Asked<'_>) -> Answer {
    let workload = asked.workload;
    let keys = asked.texts(KEYS.name);
    if keys.is_empty() {
        return Answer::DoesNotApply;
    }
    let forbidden = |key: &String| {
        keys.iter().any(|pattern| match pattern.strip_suffix('*') {
            Some(start) => key.starts_with(start),
            None => key == pattern,
        })
    };
    let own = workload
        .metadata
        .annotations
        .keys()
        .filter(|key| forbidden(key));
    let mut faults: Vec<Fault> = own
        .map(|key| {
            let at = workload.at("/metadata/annotations").key(key);
            Fault::new(
                at,
                format!("has the annotation {key}, which the policy forbids"),
            )
        })
        .collect();
    if workload.kind != WorkloadKind::Pod {
        let pods = workload
            .spec
            .template
            .metadata
            .annotations
            .keys()
            .filter(|key| forbidden(key));
        let root = Pointer::new(workload.pod_root().trim_end_matches("/spec"));
        faults.extend(pods.map(|key| {
            let at = root.join("/metadata/annotations").key(key);
            Fault::new(
                at,
                format!("its pods have the annotation {key}, which the policy forbids"),
            )
        }));
    }
    Answer::from_faults(faults)
}
