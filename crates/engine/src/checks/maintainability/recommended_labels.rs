//! recommended-labels: tools know what belongs together.

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, Asked, Check, Covers, Fault, Minutes, Parameter, ParameterKind, Text},
};

pub(super) const CHECK: Check = Check {
    id: "recommended-labels",
    title: "Recommended labels missing",
    category: Category::Maintainability,
    severity: Severity::Low,
    effort: Minutes(10),
    since: "0.1.0",
    profile: Profile::Production,
    text: Text {
        sees: "The workload lacks one of the parameter labels: app.kubernetes.io/name, instance and managed-by by default; or the name or instance in its selector is another than its own.",
        root_cause: "Every team had labels of its own before there were common ones.",
        scenario: "A dashboard, a bill or a search by application shows half of it.",
        impact: "What belongs together is not seen together.",
        fix: "Add the labels; Helm charts have them by convention, Kustomize adds them with labels.",
    },
    links: &["https://kubernetes.io/docs/concepts/overview/working-with-objects/common-labels/"],
    covers: Covers {
        audit_rows: &[],
        peers: &[
            "kubescape:C-0076",
            "kubescape:C-0077",
            "polaris:metadataAndInstanceMismatched",
            "kyverno:require-labels",
            "datree:22",
            "redhat-cop:BESTPRACT-00001",
        ],
    },
    parameters: &[LABELS],
    reads: &[],
    ask: Ask::Workload(ask),
};

const LABELS: Parameter = Parameter {
    name: "labels",
    describes: "Labels that every workload should have.",
    kind: ParameterKind::Texts {
        default: &[
            "app.kubernetes.io/name",
            "app.kubernetes.io/instance",
            "app.kubernetes.io/managed-by",
        ],
    },
};

/// Labels that must say the same in the selector.
const SAME: [&str; 2] = ["app.kubernetes.io/name", "app.kubernetes.io/instance"];

fn ask(asked: &Asked<'_>) -> Answer {
    let workload = asked.workload;
    let own = &workload.metadata.labels;
    let wanted = asked.texts(LABELS.name);
    let missing: Vec<&str> = wanted
        .iter()
        .filter(|label| own.get(*label).is_none_or(String::is_empty))
        .map(String::as_str)
        .collect();
    let mut faults = Vec::new();
    if !missing.is_empty() {
        let message = format!("lacks the labels {}", missing.join(", "));
        faults.push(Fault::new(workload.at("/metadata/labels"), message));
    }
    let selector = workload.spec.selector.as_ref();
    for label in SAME {
        let selected = selector.and_then(|selector| selector.match_labels.get(label));
        if let (Some(own), Some(selected)) = (own.get(label), selected)
            && own != selected
        {
            let message = format!("is called {own} by its label {label}, and its pods {selected}");
            faults.push(Fault::new(
                workload.at("/metadata/labels").key(label),
                message,
            ));
        }
    }
    Answer::from_faults(faults)
}
