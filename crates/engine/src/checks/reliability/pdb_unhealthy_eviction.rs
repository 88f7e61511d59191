//! pdb-unhealthy-eviction: a pod that does not work holds no node.

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, Asked, Check, Covers, Fault, Minutes, Text},
    object::Kind,
};

pub(super) const CHECK: Check = Check {
    id: "pdb-unhealthy-eviction",
    title: "Broken pods block drains",
    category: Category::Reliability,
    severity: Severity::Low,
    effort: Minutes(5),
    since: "0.1.0",
    profile: Profile::Scale,
    text: Text {
        sees: "A PodDisruptionBudget for the workload does not set unhealthyPodEvictionPolicy to AlwaysAllow, so that pods which are not ready count against it and cannot be evicted. Databases and brokers that vote may want the default and are not asked.",
        root_cause: "The field is newer than most budgets.",
        scenario: "A release with a fault is crash-looping, and no node that holds one of its pods can be drained.",
        impact: "The upgrade of the cluster stops at an application that does not work anyway.",
        fix: "Set unhealthyPodEvictionPolicy: AlwaysAllow.",
    },
    links: &[
        "https://kubernetes.io/docs/tasks/run-application/configure-pdb/#unhealthy-pod-eviction-policy",
    ],
    covers: Covers {
        audit_rows: &[],
        peers: &["kube-linter:pdb-unhealthy-pod-eviction-policy"],
    },
    parameters: &[],
    reads: &[Kind::PodDisruptionBudget, Kind::Service],
    ask: Ask::Surroundings(ask),
};

fn ask(asked: &Asked<'_>) -> Answer {
    let workload = asked.workload;
    let role = asked.role();
    if role.keeps_data() {
        return Answer::DoesNotApply;
    }
    Answer::about(asked.surroundings.disruption_budgets(workload), |budgets| {
        if budgets.is_empty() {
            return Answer::DoesNotApply;
        }
        let strict = budgets.into_iter().filter(|budget| {
            budget.spec.unhealthy_pod_eviction_policy.as_deref() != Some("AlwaysAllow")
        });
        let faults = strict.map(|budget| {
            let message = format!(
                "PodDisruptionBudget {} keeps pods that are not ready from being evicted",
                budget.metadata.name
            );
            Fault::new(workload.at("/metadata/name"), message)
        });
        Answer::from_faults(faults.collect())
    })
}
