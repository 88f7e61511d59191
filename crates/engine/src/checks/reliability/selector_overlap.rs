//! selector-overlap: each pod has one owner.

use crate::{
    api::vocabulary::{Category, Profile, Severity, WorkloadKind},
    check::{Answer, Ask, Asked, Check, Covers, Fault, Minutes, Text},
};

pub(super) const CHECK: Check = Check {
    id: "selector-overlap",
    title: "Two workloads select the same pods",
    category: Category::Reliability,
    severity: Severity::High,
    effort: Minutes(60),
    since: "0.1.0",
    profile: Profile::Baseline,
    text: Text {
        sees: "The selector of another Deployment, StatefulSet, DaemonSet or ReplicaSet of the namespace, of the same kind, matches the labels of this workload's pods.",
        root_cause: "The selector holds only the name of the application, and a second part of it was added.",
        scenario: "Two controllers adopt each other's pods, and delete the ones that seem too many.",
        impact: "Pods come and go without end, and nothing in the manifests seems wrong.",
        fix: "Give each a label of its own in selector and template; a selector cannot be changed, so make the workload again under a new name.",
    },
    links: &["https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#selector"],
    covers: Covers {
        audit_rows: &[],
        peers: &[],
    },
    parameters: &[],
    reads: &[],
    ask: Ask::Workload(ask),
};

fn ask(asked: &Asked<'_>) -> Answer {
    let workload = asked.workload;
    let selects = matches!(
        workload.kind,
        WorkloadKind::Deployment
            | WorkloadKind::StatefulSet
            | WorkloadKind::DaemonSet
            | WorkloadKind::ReplicaSet
    );
    if !selects || workload.metadata.controller().is_some() {
        return Answer::DoesNotApply;
    }
    let labels = workload.pod_labels();
    let mut others = asked.surroundings.workloads();
    let other = others.find(|other| {
        let selector = other.spec.selector.as_ref();
        other.kind == workload.kind
            && other.name() != workload.name()
            && other.metadata.controller().is_none()
            && selector.is_some_and(|selector| !selector.is_empty() && selector.matches(labels))
    });
    match other {
        Some(other) => {
            let message = format!("{} selects its pods too", other.display_name());
            Answer::fails(Fault::new(workload.at("/spec/selector"), message))
        }
        None => Answer::Passes,
    }
}
