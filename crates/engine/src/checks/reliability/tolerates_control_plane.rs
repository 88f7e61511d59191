//! tolerates-control-plane: applications stay off the control plane.

use crate::{
    api::vocabulary::{Category, Profile, Severity, WorkloadKind},
    check::{Answer, Ask, Asked, Check, Covers, Fault, Minutes, Text},
    object::pod::Toleration,
};

pub(super) const CHECK: Check = Check {
    id: "tolerates-control-plane",
    title: "May run on control-plane nodes",
    category: Category::Reliability,
    severity: Severity::Medium,
    effort: Minutes(15),
    since: "0.1.0",
    profile: Profile::Production,
    text: Text {
        sees: "A workload other than a DaemonSet bears the taint of control-plane nodes, or every taint.",
        root_cause: "A toleration was copied from a node agent, or added to get a pod placed at any price.",
        scenario: "A busy application lands beside the API server and etcd, and takes their disk and memory.",
        impact: "The whole cluster is slow, or an intruder is on the node that holds its keys.",
        fix: "Tolerate only the taints of the pool it is meant for.",
    },
    links: &["https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/"],
    covers: Covers {
        audit_rows: &[],
        peers: &["kyverno:restrict-controlplane-scheduling"],
    },
    parameters: &[],
    reads: &[],
    ask: Ask::Workload(ask),
};

/// Taints of nodes that run the control plane.
const TAINTS: [&str; 2] = [
    "node-role.kubernetes.io/control-plane",
    "node-role.kubernetes.io/master",
];

fn ask(asked: &Asked<'_>) -> Answer {
    let workload = asked.workload;
    if workload.kind == WorkloadKind::DaemonSet || workload.pod().tolerations.iter().all(is_default)
    {
        return Answer::DoesNotApply;
    }
    let tolerations = workload.pod().tolerations.iter().enumerate();
    let faults = tolerations.filter_map(|(index, toleration)| {
        let message = said(toleration)?;
        let at = workload.pod_at(&format!("/tolerations/{index}"));
        Some(Fault::new(at, message))
    });
    Answer::from_faults(faults.collect())
}

/// Whether the API server gives it to every Pod.
fn is_default(toleration: &Toleration) -> bool {
    let key = toleration.key.as_deref();
    toleration.effect.as_deref() == Some("NoExecute")
        && matches!(
            key,
            Some("node.kubernetes.io/not-ready" | "node.kubernetes.io/unreachable")
        )
}

fn said(toleration: &Toleration) -> Option<String> {
    let exists = toleration.operator.as_deref() == Some("Exists");
    // Without a key it bears all; what only keeps it for a while where it runs does not place it.
    let places = toleration.effect.as_deref() != Some("NoExecute");
    match toleration.key.as_deref().filter(|key| !key.is_empty()) {
        None if exists && places => {
            Some("bears every taint, that of control-plane nodes among them".to_owned())
        }
        Some(key) if TAINTS.contains(&key) => Some(format!("bears the taint {key}")),
        _ => None,
    }
}
