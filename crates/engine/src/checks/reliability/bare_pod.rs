//! bare-pod: something makes pods again.

use crate::{
    api::vocabulary::{Category, Profile, Severity, WorkloadKind},
    check::{Answer, Ask, Asked, Check, Covers, Fault, Minutes, Text},
};

pub(super) const CHECK: Check = Check {
    id: "bare-pod",
    title: "Pod without a controller",
    category: Category::Reliability,
    severity: Severity::High,
    effort: Minutes(30),
    since: "0.1.0",
    profile: Profile::Production,
    text: Text {
        sees: "A Pod or ReplicaSet has no controller that would make it again. Static pods of a node and pods of a Helm test are not asked.",
        root_cause: "Somebody made the pod by hand, to try something, and it stayed.",
        scenario: "The node is drained for an upgrade, and the pod is gone for good.",
        impact: "What it served is down until somebody remembers that it existed.",
        fix: "Make it a Deployment, a StatefulSet, a DaemonSet or a Job.",
    },
    links: &["https://kubernetes.io/docs/concepts/workloads/pods/#pods-and-controllers"],
    covers: Covers {
        audit_rows: &[],
        peers: &[
            "popeye:208",
            "kyverno:prevent-bare-pods",
            "kubescape:C-0073",
            "datree:25",
            "kyverno:cleanup-bare-pods",
        ],
    },
    parameters: &[],
    reads: &[],
    ask: Ask::Workload(ask),
};

/// On a static pod, which its node's kubelet makes again.
const MIRROR: &str = "kubernetes.io/config.mirror";

fn ask(asked: &Asked<'_>) -> Answer {
    let workload = asked.workload;
    let metadata = &workload.metadata;
    if !matches!(workload.kind, WorkloadKind::Pod | WorkloadKind::ReplicaSet)
        || metadata.annotations.contains_key(MIRROR)
        || metadata.annotations.contains_key("helm.sh/hook")
    {
        return Answer::DoesNotApply;
    }
    Answer::pass_if(metadata.controller().is_some(), || {
        let message = match workload.kind {
            WorkloadKind::Pod => "has no controller, so nothing makes it again when its node goes",
            _ => "has no Deployment, so nothing rolls a change of it out or back",
        };
        Fault::new(workload.at("/metadata/name"), message)
    })
}
