//! node-spread: one node may fail without the service failing.

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, Asked, Check, Covers, Fault, Minutes, Text},
    object::Kind,
    spread::{HOSTNAME, is_spread_over, soft_constraint},
};

pub(super) const CHECK: Check = Check {
    id: "node-spread",
    title: "Replicas may share one node",
    category: Category::Reliability,
    severity: Severity::Medium,
    effort: Minutes(10),
    since: "0.1.0",
    profile: Profile::Production,
    text: Text {
        sees: "A Deployment or StatefulSet with more than one replica has neither a topology spread constraint nor an anti-affinity over nodes or zones that means its own pods.",
        root_cause: "The scheduler spreads only softly by itself, and forgets it when room is short.",
        scenario: "A node fails or is drained, and all replicas were on it.",
        impact: "An outage although replicas were paid for.",
        fix: "Add a topologySpreadConstraint over kubernetes.io/hostname whose labelSelector matches the pods' own labels.",
    },
    links: &[
        "https://kubernetes.io/docs/concepts/scheduling-eviction/topology-spread-constraints/",
    ],
    covers: Covers {
        audit_rows: &[24],
        peers: &[
            "kube-linter:no-anti-affinity",
            "kube-score:deployment-has-host-podantiaffinity",
            "kube-score:statefulset-has-host-podantiaffinity",
            "kyverno:create-pod-antiaffinity",
            "kyverno:topologyspreadconstraints-policy",
            "kyverno:spread-pods-across-topology",
            "datree:83",
            "eksup:K8S005",
            "kics:Deployment Has No PodAntiAffinity, StatefulSet Has No PodAntiAffinity",
            "redhat-cop:BESTPRACT-00026",
        ],
    },
    parameters: &[],
    reads: &[Kind::HorizontalPodAutoscaler, Kind::ScaledObject],
    ask: Ask::Workload(ask),
};

/// Node labels whose values are places that fail together. What is spread over zones is on several nodes too.
const KEYS: [&str; 5] = [
    HOSTNAME,
    "topology.kubernetes.io/zone",
    "topology.kubernetes.io/region",
    "failure-domain.beta.kubernetes.io/zone",
    "failure-domain.beta.kubernetes.io/region",
];

fn ask(asked: &Asked<'_>) -> Answer {
    let workload = asked.workload;
    if !workload.is_scalable() || workload.metadata.controller().is_some() {
        return Answer::DoesNotApply;
    }
    let scalers = asked.surroundings.autoscalers(workload).known();
    let replicas = scalers
        .unwrap_or_default()
        .iter()
        .map(|scaler| scaler.min_replicas)
        .fold(workload.replicas(), i64::max);
    if replicas < 2 {
        return Answer::DoesNotApply;
    }
    Answer::pass_if(is_spread_over(workload, |key| KEYS.contains(&key)), || {
        let message = format!("nothing keeps its {replicas} replicas from sharing one node");
        let fault = Fault::new(workload.pod_at("/topologySpreadConstraints"), message);
        match soft_constraint(workload, HOSTNAME) {
            Some(edit) => fault.edit(edit),
            None => fault,
        }
    })
}
