//! dangling-pdb: every budget protects something.

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, AskedNamespace, Check, Covers, Fault, Minutes, Text},
    object::{Kind, namespaced::PodDisruptionBudget},
};

pub(super) const CHECK: Check = Check {
    id: "dangling-pdb",
    title: "Budget that protects nothing",
    category: Category::Reliability,
    severity: Severity::Low,
    effort: Minutes(10),
    since: "0.1.0",
    profile: Profile::Production,
    text: Text {
        sees: "A PodDisruptionBudget selects the pods of no workload of its namespace. An empty selector means all pods; an absent one means none.",
        root_cause: "Labels were renamed, or the workload was deleted.",
        scenario: "A node is drained, and all replicas go at once although everybody believes that a budget guards them.",
        impact: "An outage in the middle of a maintenance.",
        fix: "Make the selector match the labels of the pods, or delete the budget.",
    },
    links: &["https://kubernetes.io/docs/tasks/run-application/configure-pdb/"],
    covers: Covers {
        audit_rows: &[],
        peers: &["popeye:900", "kor:pdb"],
    },
    parameters: &[],
    reads: &[Kind::PodDisruptionBudget],
    ask: Ask::Namespace(ask),
};

fn ask(asked: &AskedNamespace<'_>) -> Answer {
    let around = &asked.surroundings;
    if around.each::<PodDisruptionBudget>().next().is_none() {
        return Answer::DoesNotApply;
    }
    let idle = around.each::<PodDisruptionBudget>().filter(|budget| {
        let selector = budget.spec.selector.as_ref();
        !around
            .workloads()
            .any(|workload| selector.is_some_and(|one| one.matches(workload.pod_labels())))
    });
    let faults = idle.map(|budget| {
        let message = format!(
            "PodDisruptionBudget {} protects no workload",
            budget.metadata.name
        );
        Fault::in_object(budget, "/spec/selector", message)
    });
    let faults: Vec<Fault> = faults.collect();
    match around.foreign_kind() {
        Some(kind) if !faults.is_empty() => {
            Answer::Unknown(format!("a {kind} of the namespace may make pods"))
        }
        _ => Answer::from_faults(faults),
    }
}
