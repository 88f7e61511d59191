//! pdb-without-policy: a budget says a number.

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, Asked, Check, Covers, Fault, Minutes, Text},
    object::Kind,
};

pub(super) const CHECK: Check = Check {
    id: "pdb-without-policy",
    title: "Budget that says nothing",
    category: Category::Reliability,
    severity: Severity::Medium,
    effort: Minutes(10),
    since: "0.1.0",
    profile: Profile::Baseline,
    text: Text {
        sees: "A PodDisruptionBudget for the workload sets neither minAvailable nor maxUnavailable, so that it counts as minAvailable 1.",
        root_cause: "The field was lost when a template was filled in with nothing.",
        scenario: "With one replica no node can be drained; with ten, nine may go at once.",
        impact: "It protects something other than what everybody believes.",
        fix: "Write maxUnavailable: 1, which fits any number of replicas.",
    },
    links: &["https://kubernetes.io/docs/tasks/run-application/configure-pdb/"],
    covers: Covers {
        audit_rows: &[],
        peers: &["kube-score:poddisruptionbudget-has-policy", "eksup:K8S004"],
    },
    parameters: &[],
    reads: &[Kind::PodDisruptionBudget],
    ask: Ask::Surroundings(ask),
};

fn ask(asked: &Asked<'_>) -> Answer {
    let workload = asked.workload;
    Answer::about(asked.surroundings.disruption_budgets(workload), |budgets| {
        if budgets.is_empty() {
            return Answer::DoesNotApply;
        }
        let empty = budgets.into_iter().filter(|budget| {
            budget.spec.min_available.is_none() && budget.spec.max_unavailable.is_none()
        });
        let faults = empty.map(|budget| {
            let message = format!(
                "PodDisruptionBudget {} says neither minAvailable nor maxUnavailable",
                budget.metadata.name
            );
            Fault::new(workload.at("/metadata/name"), message)
        });
        Answer::from_faults(faults.collect())
    })
}
