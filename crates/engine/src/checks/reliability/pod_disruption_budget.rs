//! pod-disruption-budget: maintenance takes pods one by one.

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, Asked, Check, Covers, Fault, Minutes, Text},
    object::Kind,
};

pub(super) const CHECK: Check = Check {
    id: "pod-disruption-budget",
    title: "No PodDisruptionBudget",
    category: Category::Reliability,
    severity: Severity::High,
    effort: Minutes(15),
    since: "0.1.0",
    profile: Profile::Production,
    text: Text {
        sees: "A Deployment or StatefulSet with more than one replica is selected by no PodDisruptionBudget.",
        root_cause: "A node drain evicts every pod of its node at once unless a budget says how many must stay.",
        scenario: "A node upgrade drains two nodes side by side, and all replicas go in the same minute.",
        impact: "An outage during planned maintenance, although there were enough replicas.",
        fix: "Add a PodDisruptionBudget that selects the pods, with maxUnavailable: 1.",
    },
    links: &[
        "https://kubernetes.io/docs/concepts/workloads/pods/disruptions/",
        "https://kubernetes.io/docs/tasks/run-application/configure-pdb/",
    ],
    covers: Covers {
        audit_rows: &[24],
        peers: &[
            "polaris:missingPodDisruptionBudget",
            "kube-score:deployment-has-poddisruptionbudget",
            "kube-score:statefulset-has-poddisruptionbudget",
            "popeye:206",
            "kyverno:require-pdb",
            "kics:Deployment Without PodDisruptionBudget, StatefulSet Without PodDisruptionBudget",
            "kyverno:create-default-pdb",
            "redhat-cop:REQ_INV-00001",
        ],
    },
    parameters: &[],
    reads: &[
        Kind::PodDisruptionBudget,
        Kind::HorizontalPodAutoscaler,
        Kind::ScaledObject,
    ],
    ask: Ask::Surroundings(ask),
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
    let owned = scalers.iter().map(|scaler| scaler.min_replicas).max();
    let replicas = owned.unwrap_or_else(|| workload.replicas());
    // A budget for a single pod could only block drains.
    if replicas < 2 {
        return Answer::DoesNotApply;
    }
    Answer::about(asked.surroundings.disruption_budgets(workload), |budgets| {
        Answer::pass_if(!budgets.is_empty(), || {
            let message = format!("no PodDisruptionBudget selects its {replicas} replicas");
            Fault::new(workload.at("/metadata/name"), message)
        })
    })
}
