//! priority-class: when room is short, it is known who goes first.

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, Asked, Check, Covers, Fault, Minutes, Text},
    object::{Kind, storage::PriorityClass},
};

pub(super) const CHECK: Check = Check {
    id: "priority-class",
    title: "No priority, or one that is not there",
    category: Category::Reliability,
    severity: Severity::Low,
    effort: Minutes(10),
    since: "0.1.0",
    profile: Profile::Scale,
    text: Text {
        sees: "The pod names no PriorityClass and the cluster has no default one; or names one that does not exist; or, outside kube-system, one of the two that are the cluster's own.",
        root_cause: "Priorities matter only on the day when room is short.",
        scenario: "A node is lost, and the batch job that started first keeps its place while the checkout waits.",
        impact: "What matters most is down while what matters least runs.",
        fix: "Set priorityClassName to a class of the platform's, such as one for production services.",
    },
    links: &["https://kubernetes.io/docs/concepts/scheduling-eviction/pod-priority-preemption/"],
    covers: Covers {
        audit_rows: &[],
        peers: &[
            "polaris:priorityClassNotSet",
            "kyverno:require-pod-priorityclassname",
            "kyverno:allowed-pod-priorities",
            "kube-linter:priority-class-name",
            "kyverno:add-karpenter-daemonset-priority-class",
            "kyverno:add-pod-priorityclassname",
        ],
    },
    parameters: &[],
    reads: &[Kind::PriorityClass],
    ask: Ask::Surroundings(ask),
};

/// Classes that every cluster has.
const BUILT_IN: [&str; 2] = ["system-cluster-critical", "system-node-critical"];

fn ask(asked: &Asked<'_>) -> Answer {
    let workload = asked.workload;
    let at = workload.pod_at("/priorityClassName");
    let named = workload.pod().priority_class_name.as_deref();
    match named.filter(|name| !name.is_empty()) {
        Some(name) if BUILT_IN.contains(&name) => {
            let own = workload.metadata.namespace == "kube-system";
            Answer::pass_if(own, || {
                Fault::new(
                    at,
                    format!("takes {name}, the priority of the cluster's own parts"),
                )
            })
        }
        Some(name) => {
            let found = asked.surroundings.at::<PriorityClass>("", name);
            Answer::about(found, |found| {
                Answer::pass_if(found.is_some(), || {
                    let message = format!("names the PriorityClass {name}, which there is not");
                    Fault::new(at, message).severity(Severity::High)
                })
            })
        }
        None => {
            let mut classes = asked.surroundings.everywhere::<PriorityClass>();
            if classes.any(|class| class.global_default) {
                return Answer::Passes;
            }
            Answer::about(asked.surroundings.absent(Kind::PriorityClass), |()| {
                Answer::fails(Fault::new(at, "has no priority when room is short"))
            })
        }
    }
}
