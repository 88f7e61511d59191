//! selector-mismatch: a workload's selector means its own pods.

use crate::{
    api::vocabulary::{Category, Profile, Severity, WorkloadKind},
    check::{Answer, Ask, Asked, Check, Covers, Fault, Minutes, Text},
};

pub(super) const CHECK: Check = Check {
    id: "selector-mismatch",
    title: "Selector does not select its own pods",
    category: Category::Reliability,
    severity: Severity::Critical,
    effort: Minutes(10),
    since: "0.1.0",
    profile: Profile::Baseline,
    text: Text {
        sees: "The selector of a Deployment, StatefulSet, DaemonSet or ReplicaSet does not match the labels of its own pod template, or is missing or empty. A Job makes its selector itself and is not asked.",
        root_cause: "Selector and labels are written in two places, and one of them was changed.",
        scenario: "The API server refuses the next apply in the middle of a release, after half of the other objects have been applied.",
        impact: "The release stops half way, and the old version stays while everything around it is new.",
        fix: "Make spec.selector.matchLabels a part of spec.template.metadata.labels. The selector of an existing workload cannot be changed, so change the labels.",
    },
    links: &["https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#selector"],
    covers: Covers {
        audit_rows: &[],
        peers: &[
            "kube-linter:mismatching-selector",
            "kube-score:deployment-pod-selector-labels-match-template-metadata-labels",
            "kube-score:statefulset-pod-selector-labels-match-template-metadata-labels",
            "popeye:508",
            "kubescape:C-0296",
            "redhat-cop:BESTPRACT-00006",
        ],
    },
    parameters: &[],
    reads: &[],
    ask: Ask::Workload(ask),
};

fn ask(asked: &Asked<'_>) -> Answer {
    let workload = asked.workload;
    let has_selector = matches!(
        workload.kind,
        WorkloadKind::Deployment
            | WorkloadKind::StatefulSet
            | WorkloadKind::DaemonSet
            | WorkloadKind::ReplicaSet
    );
    if !has_selector {
        return Answer::DoesNotApply;
    }
    let at = workload.at("/spec/selector");
    match &workload.spec.selector {
        None => Answer::fails(Fault::new(
            at,
            "has no selector, so it cannot know its pods",
        )),
        Some(selector) if selector.is_empty() => Answer::fails(Fault::new(
            at,
            "has an empty selector, which would mean every pod",
        )),
        Some(selector) => Answer::pass_if(selector.matches(workload.pod_labels()), || {
            Fault::new(
                at,
                "has a selector that does not match the labels of its own pods",
            )
        }),
    }
}
