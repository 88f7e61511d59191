//! zone-spread: one zone may fail without the service failing.

use serde_json::json;

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, Asked, Check, Covers, Fault, Minutes, Parameter, ParameterKind, Text},
    fix::Edit,
    object::{Kind, Workload, pod::PodAntiAffinity, selector::LabelSelector},
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
        peers: &[
            "polaris:topologySpreadConstraint",
            "kyverno:require-pod-topologyspreadconstraints",
        ],
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
    Answer::pass_if(is_spread(workload, asked.texts(TOPOLOGY_KEYS.name)), || {
        let message = format!("nothing spreads its {replicas} replicas over zones");
        let fault = Fault::new(workload.pod_at("/topologySpreadConstraints"), message);
        match constraint(workload, asked.texts(TOPOLOGY_KEYS.name)) {
            Some(edit) => fault.edit(edit),
            None => fault,
        }
    })
}

fn is_spread(workload: &Workload, keys: &[String]) -> bool {
    let pod = workload.pod();
    let means_own = |selector: &Option<LabelSelector>| {
        selector
            .as_ref()
            .is_some_and(|selector| selector.matches(workload.pod_labels()))
    };
    let anti_affinity = pod
        .affinity
        .iter()
        .filter_map(|affinity| affinity.pod_anti_affinity.as_ref());
    pod.topology_spread_constraints
        .iter()
        .any(|spread| keys.contains(&spread.topology_key) && means_own(&spread.label_selector))
        || anti_affinity
            .flat_map(PodAntiAffinity::terms)
            .any(|term| keys.contains(&term.topology_key) && means_own(&term.label_selector))
}

/// A soft constraint: it never keeps a pod from running.
fn constraint(workload: &Workload, keys: &[String]) -> Option<Edit> {
    let selector = workload
        .spec
        .selector
        .as_ref()
        .filter(|selector| selector.matches(workload.pod_labels()))?;
    Some(Edit::Append {
        at: workload.pod_at("/topologySpreadConstraints"),
        value: json!({
            "maxSkew": 1,
            "topologyKey": keys.first()?,
            "whenUnsatisfiable": "ScheduleAnyway",
            "labelSelector": selector,
        }),
    })
}
