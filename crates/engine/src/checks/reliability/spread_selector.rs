//! spread-selector: spreading counts the pods that are meant.

use serde_json::json;

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, Asked, Check, Covers, Fault, Minutes, Text},
    fix::Edit,
    object::{Workload, selector::LabelSelector},
};

pub(super) const CHECK: Check = Check {
    id: "spread-selector",
    title: "Spreading counts other pods",
    category: Category::Reliability,
    severity: Severity::Medium,
    effort: Minutes(10),
    since: "0.1.0",
    profile: Profile::Baseline,
    text: Text {
        sees: "A topology spread constraint of a workload that runs for ever has no labelSelector or one that does not match its own pods; or none of its anti-affinity terms over nodes or zones matches them. Keeping away from others is a use of anti-affinity too, so a term that means others is right beside one that means its own.",
        root_cause: "The labels were renamed, or the block was copied from another workload.",
        scenario: "The constraint counts no pod, so every node looks equally good, and all replicas end up together.",
        impact: "The spreading that is written down does not happen.",
        fix: "Write the labels of the pod template into the selector.",
    },
    links: &[
        "https://kubernetes.io/docs/concepts/scheduling-eviction/topology-spread-constraints/#spread-constraint-definition",
    ],
    covers: Covers {
        audit_rows: &[],
        peers: &["kube-score:pod-topology-spread-constraints", "datree:84"],
    },
    parameters: &[],
    reads: &[],
    ask: Ask::Workload(ask),
};

fn ask(asked: &Asked<'_>) -> Answer {
    let workload = asked.workload;
    let constraints = &workload.pod().topology_spread_constraints;
    if constraints.is_empty() || !workload.runs_for_ever() {
        return Answer::DoesNotApply;
    }
    let labels = workload.pod_labels();
    let faults = constraints
        .iter()
        .enumerate()
        .filter_map(|(index, spread)| {
            let at = format!("/topologySpreadConstraints/{index}");
            let key = &spread.topology_key;
            let (at, message) = match &spread.label_selector {
                None => (
                    at,
                    format!("spreads over {key} without a selector, so it counts no pod"),
                ),
                Some(selector) if !selector.matches(labels) => (
                    format!("{at}/labelSelector"),
                    format!("spreads over {key} by labels that its own pods do not have"),
                ),
                Some(_) => return None,
            };
            let fault = Fault::new(workload.pod_at(&at), message);
            Some(match own_selector(workload) {
                Some(selector) => {
                    let at = format!("/topologySpreadConstraints/{index}/labelSelector");
                    fault.edit(Edit::set(workload.pod_at(&at), json!(selector)))
                }
                None => fault,
            })
        });
    Answer::from_faults(faults.collect())
}

fn own_selector(workload: &Workload) -> Option<&LabelSelector> {
    let selector = workload.spec.selector.as_ref();
    selector.filter(|selector| selector.matches(workload.pod_labels()))
}
