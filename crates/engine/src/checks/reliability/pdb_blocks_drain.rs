//! pdb-blocks-drain: maintenance can go on.

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, Asked, Check, Covers, Fault, Minutes, Text},
    object::{Kind, namespaced::BudgetSpec},
};

pub(super) const CHECK: Check = Check {
    id: "pdb-blocks-drain",
    title: "Budget blocks every drain",
    category: Category::Reliability,
    severity: Severity::High,
    effort: Minutes(10),
    since: "0.1.0",
    profile: Profile::Baseline,
    text: Text {
        sees: "A PodDisruptionBudget that selects the workload's pods allows no disruption even while all replicas are healthy, or more than one budget selects them.",
        root_cause: "minAvailable as high as the number of replicas, or maxUnavailable 0, forbids every eviction; and of a pod with two budgets the API server evicts none.",
        scenario: "A node upgrade waits for an eviction that never comes, until somebody deletes the budget by hand in the middle of the night.",
        impact: "Security updates of nodes stop, or are forced past the budget.",
        fix: "Use maxUnavailable: 1, or fewer in minAvailable than there are replicas (than the autoscaler's minimum, where one scales them), and one budget for each workload.",
    },
    links: &[
        "https://kubernetes.io/docs/tasks/run-application/configure-pdb/#think-about-how-your-application-reacts-to-disruptions",
    ],
    covers: Covers {
        audit_rows: &[],
        peers: &[
            "kube-linter:pdb-max-unavailable",
            "kube-linter:pdb-min-available",
            "polaris:pdbDisruptionsIsZero",
            "polaris:pdbMinAvailableGreaterThanHPAMinReplicas",
            "popeye:209",
            "kyverno:pdb-maxunavailable",
            "kyverno:pdb-minavailable",
            "gatekeeper:poddisruptionbudget",
            "kyverno:deployment-replicas-higher-than-pdb",
            "kyverno:pdb-maxunavailable-with-deployments",
            "kyverno:require-replicas-allow-disruption",
            "popeye:901",
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
        .or_known(Vec::new());
    let scalers = scalers.known().unwrap_or_default();
    let least = scalers.iter().map(|scaler| scaler.min_replicas).min();
    let replicas = least.unwrap_or_else(|| workload.replicas());
    Answer::about(asked.surroundings.disruption_budgets(workload), |budgets| {
        let at = || workload.at("/metadata/name");
        match budgets.as_slice() {
            [] => Answer::DoesNotApply,
            [budget] => {
                Answer::pass_if(replicas == 0 || allows_any(&budget.spec, replicas), || {
                    let name = &budget.metadata.name;
                    let message = match least {
                        Some(_) => format!(
                            "PodDisruptionBudget {name} allows no eviction at the {replicas} replicas that its autoscaler may go down to"
                        ),
                        None => format!(
                            "PodDisruptionBudget {name} allows no eviction of its {replicas} replicas"
                        ),
                    };
                    Fault::new(at(), message)
                })
            }
            several => {
                let names: Vec<&str> = several
                    .iter()
                    .map(|budget| budget.metadata.name.as_str())
                    .collect();
                let message = format!(
                    "PodDisruptionBudgets {} select the same pods, and the API server then evicts none",
                    names.join(" and ")
                );
                Answer::fails(Fault::new(at(), message))
            }
        }
    })
}

/// Whether a pod may go while all of them are healthy. Percentages are rounded up, as the disruption controller
/// does it.
fn allows_any(budget: &BudgetSpec, replicas: i64) -> bool {
    if let Some(most) = &budget.max_unavailable {
        return most.scaled_up(replicas).is_none_or(|most| most > 0);
    }
    let Some(least) = &budget.min_available else {
        return true;
    };
    least
        .scaled_up(replicas)
        .is_none_or(|least| least < replicas)
}
