//! node-affinity: a pod may move to another node.

use crate::{
    api::vocabulary::{Category, Profile, Severity, WorkloadKind},
    check::{Answer, Ask, Asked, Check, Covers, Fault, Minutes, Text},
    object::PodSpec,
};

pub(super) const CHECK: Check = Check {
    id: "node-affinity",
    title: "Pinned to one node",
    category: Category::Reliability,
    severity: Severity::Medium,
    effort: Minutes(30),
    since: "0.1.0",
    profile: Profile::Baseline,
    text: Text {
        sees: "The pod names one node: by nodeName, by the label kubernetes.io/hostname in nodeSelector, or by a required node affinity for that label or the field metadata.name with a single value. DaemonSet pods are placed by their controller and are not asked.",
        root_cause: "Data on a local disk, or a quick fix that stayed.",
        scenario: "The node is replaced by the next upgrade of the pool, and no other may take the pod.",
        impact: "An outage that ends when somebody finds the line.",
        fix: "Select nodes by what they offer (a label of the pool, a zone), and let volumes say where they are.",
    },
    links: &["https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/"],
    covers: Covers {
        audit_rows: &[],
        peers: &[
            "kyverno:restrict-node-selection",
            "kyverno:restrict-node-affinity",
            "clusterlint:node-name-pod-selector",
        ],
    },
    parameters: &[],
    reads: &[],
    ask: Ask::Workload(ask),
};

const HOSTNAME: &str = "kubernetes.io/hostname";

fn ask(asked: &Asked<'_>) -> Answer {
    let workload = asked.workload;
    let pod = workload.pod();
    // The scheduler itself writes the name into a Pod.
    let is_placed = matches!(workload.kind, WorkloadKind::DaemonSet | WorkloadKind::Pod);
    let mut faults = Vec::new();
    let by_name = pod.node_name.as_deref().filter(|name| !name.is_empty());
    if let Some(name) = by_name.filter(|_| !is_placed) {
        let message = format!("may run on node {name} alone, past the scheduler");
        faults.push(Fault::new(workload.pod_at("/nodeName"), message));
    }
    if let Some(name) = pod.node_selector.get(HOSTNAME) {
        let at = workload.pod_at("/nodeSelector").key(HOSTNAME);
        faults.push(Fault::new(
            at,
            format!("may run on node {name} alone (nodeSelector)"),
        ));
    }
    if let Some(name) = by_affinity(pod) {
        let path = "/affinity/nodeAffinity/requiredDuringSchedulingIgnoredDuringExecution";
        let message = format!("may run on node {name} alone (nodeAffinity)");
        faults.push(Fault::new(workload.pod_at(path), message));
    }
    Answer::from_faults(faults)
}

/// The one node that an affinity asks for: every way to meet it leads there.
fn by_affinity(pod: &PodSpec) -> Option<&str> {
    let affinity = pod.affinity.as_ref()?.node_affinity.as_ref()?;
    let terms = &affinity.required.as_ref()?.node_selector_terms;
    let mut names = terms.iter().map(|term| {
        let labels = term
            .match_expressions
            .iter()
            .filter(|one| one.key == HOSTNAME);
        let fields = term
            .match_fields
            .iter()
            .filter(|one| one.key == "metadata.name");
        labels
            .chain(fields)
            .find(|one| one.operator == "In" && one.values.len() == 1)
            .map(|one| one.values[0].as_str())
    });
    let first = names.next()??;
    names.all(|name| name == Some(first)).then_some(first)
}
