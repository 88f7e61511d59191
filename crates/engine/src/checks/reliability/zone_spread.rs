//! zone-spread: one zone may fail without the service failing.

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, Asked, Check, Covers, Fault, Minutes, Parameter, ParameterKind, Text},
    object::Kind,
    spread::{is_spread_over, soft_constraint},
};

const TOPOLOGY_KEYS: Parameter = Parameter {
    name: "topologyKeys",
    describes: "Node labels whose values are failure domains to spread over.",
    kind: ParameterKind::Texts {
        default: &[
            "topology.kubernetes.io/zone",
            "failure-domain.beta.kubernetes.io/zone",
        ],
    },
};

pub(super) const CHECK: Check = Check {
    id: "zone-spread",
    title: "Replicas not spread over zones",
    category: Category::Reliability,
    severity: Severity::Medium,
    effort: Minutes(15),
    since: "0.1.0",
    profile: Profile::Production,
    text: Text {
        sees: "A Deployment or StatefulSet with more than one replica has neither a topology spread constraint nor an anti-affinity over zones that means its own pods.",
        root_cause: "The scheduler spreads only softly by itself, and forgets it when room is short.",
        scenario: "After some upgrades all replicas run in one zone, and then that zone fails.",
        impact: "An outage although replicas were paid for, until the cluster has found room elsewhere.",
        fix: "Add a topologySpreadConstraint over topology.kubernetes.io/zone whose labelSelector matches the pods' own labels.",
    },
    links: &[
        "https://kubernetes.io/docs/concepts/scheduling-eviction/topology-spread-constraints/",
    ],
    covers: Covers {
        audit_rows: &[24],
        peers: &["polaris:topologySpreadConstraint", "eksup:K8S005"],
    },
    parameters: &[TOPOLOGY_KEYS],
    reads: &[Kind::HorizontalPodAutoscaler, Kind::ScaledObject],
    ask: Ask::Workload(ask),
};

fn ask(asked: &Asked<'_>) -> Answer {
    let workload = asked.workload;
    if !workload.is_scalable() || workload.metadata.controller().is_some() {
        return Answer::DoesNotApply;
    }
    let scalers = asked
        .surroundings
        .autoscalers(workload)
        .or_known(Vec::new())
        .known()
        .unwrap_or_default();
    let replicas = scalers
        .iter()
        .map(|scaler| scaler.min_replicas)
        .fold(workload.replicas(), i64::max);
    if replicas < 2 {
        return Answer::DoesNotApply;
    }
    let keys = asked.texts(TOPOLOGY_KEYS.name);
    let is_spread = is_spread_over(workload, |key| keys.iter().any(|known| known == key));
    Answer::pass_if(is_spread, || {
        let message = format!("nothing spreads its {replicas} replicas over zones");
        let fault = Fault::new(workload.pod_at("/topologySpreadConstraints"), message);
        let key = keys.first();
        match key.and_then(|key| soft_constraint(workload, key)) {
            Some(edit) => fault.edit(edit),
            None => fault,
        }
    })
}
