//! How replicas are kept from failing together.

use serde_json::json;

use crate::{
    fix::Edit,
    object::{
        Workload,
        pod::{PodAntiAffinity, TopologySpread},
        selector::LabelSelector,
    },
};

/// The label of a node's own name.
pub const HOSTNAME: &str = "kubernetes.io/hostname";

/// The label of a node's zone.
pub const ZONE: &str = "topology.kubernetes.io/zone";

/// What a constraint says that gives way where it cannot be kept.
const SOFT: &str = "ScheduleAnyway";

/// Whether a constraint or an anti-affinity over one of the node labels means the workload's own pods.
pub fn is_spread_over(workload: &Workload, is_meant: impl Fn(&str) -> bool) -> bool {
    let pod = workload.pod();
    let means_own = |selector: &Option<LabelSelector>| {
        let labels = workload.pod_labels();
        selector
            .as_ref()
            .is_some_and(|selector| selector.matches(labels))
    };
    let spreads = |key: &str, selector| is_meant(key) && means_own(selector);
    let anti_affinity = pod
        .affinity
        .iter()
        .filter_map(|affinity| affinity.pod_anti_affinity.as_ref());
    pod.topology_spread_constraints
        .iter()
        .any(|spread| spreads(&spread.topology_key, &spread.label_selector))
        || anti_affinity
            .flat_map(PodAntiAffinity::terms)
            .any(|term| spreads(&term.topology_key, &term.label_selector))
}

/// A soft constraint over a node label, which never keeps a pod from running; none where the workload's own selector
/// does not mean its pods. One that is there already is made to mean them: the API server takes no two that differ by
/// their selector alone.
pub fn soft_constraint(workload: &Workload, key: &str) -> Option<Edit> {
    let selector = workload.spec.selector.as_ref();
    let selector = selector.filter(|selector| selector.matches(workload.pod_labels()))?;
    let is_same = |spread: &TopologySpread| {
        spread.topology_key == key && spread.when_unsatisfiable.as_deref() == Some(SOFT)
    };
    let at = workload.pod_at("/topologySpreadConstraints");
    let mut spreads = workload.pod().topology_spread_constraints.iter();
    Some(match spreads.position(is_same) {
        Some(index) => Edit::set(at.join(&format!("/{index}/labelSelector")), json!(selector)),
        None => Edit::Append {
            at,
            value: json!({
                "maxSkew": 1,
                "topologyKey": key,
                "whenUnsatisfiable": SOFT,
                "labelSelector": selector,
            }),
        },
    })
}
