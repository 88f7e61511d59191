//! dangling-network-policy: every policy is for somebody.

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, AskedNamespace, Check, Covers, Fault, Minutes, Text},
    object::{Kind, network_policy::NetworkPolicy, selector::LabelSelector},
};

pub(super) const CHECK: Check = Check {
    id: "dangling-network-policy",
    title: "NetworkPolicy for nobody",
    category: Category::Security,
    severity: Severity::Medium,
    effort: Minutes(10),
    since: "0.1.0",
    profile: Profile::Production,
    text: Text {
        sees: "A NetworkPolicy selects the pods of no workload of its namespace, or lets in pods of its own namespace that no workload has. An empty selector means all pods.",
        root_cause: "Labels were renamed, or the workload was deleted.",
        scenario: "The workload that the policy was written for is open, or a caller that should be let in is not.",
        impact: "Isolation that is written down and does not hold, or calls that time out.",
        fix: "Make the selectors match the labels of the pods, or delete the policy.",
    },
    links: &["https://kubernetes.io/docs/concepts/services-networking/network-policies/"],
    covers: Covers {
        audit_rows: &[],
        peers: &[
            "kube-linter:dangling-networkpolicy",
            "kube-linter:dangling-networkpolicypeer-podselector",
            "kube-score:networkpolicy-targets-pod",
            "popeye:1200",
            "popeye:1201",
            "popeye:1202",
            "popeye:1208",
            "kubescape:C-0299",
            "kics:Network Policy Is Not Targeting Any Pod",
            "kor:networkpolicy",
        ],
    },
    parameters: &[],
    reads: &[Kind::NetworkPolicy],
    ask: Ask::Namespace(ask),
};

fn ask(asked: &AskedNamespace<'_>) -> Answer {
    let around = &asked.surroundings;
    if around.each::<NetworkPolicy>().next().is_none() {
        return Answer::DoesNotApply;
    }
    let selects = |selector: &LabelSelector| {
        selector.is_empty()
            || around
                .workloads()
                .any(|workload| selector.matches(workload.pod_labels()))
    };
    let mut faults = Vec::new();
    for policy in around.each::<NetworkPolicy>() {
        let name = &policy.metadata.name;
        if !selects(&policy.spec.pod_selector) {
            let message = format!("NetworkPolicy {name} is for no workload");
            faults.push(Fault::in_object(policy, "/spec/podSelector", message));
            continue;
        }
        let incoming = policy
            .spec
            .ingress
            .iter()
            .flatten()
            .flat_map(|rule| &rule.from);
        let outgoing = policy
            .spec
            .egress
            .iter()
            .flatten()
            .flat_map(|rule| &rule.to);
        // Pods of other namespaces may be anywhere; those of its own are here.
        let lost = incoming.chain(outgoing).any(|peer| {
            peer.namespace_selector.is_none()
                && peer.pod_selector.as_ref().is_some_and(|one| !selects(one))
        });
        if lost {
            let message =
                format!("NetworkPolicy {name} allows pods that no workload of its namespace has");
            faults.push(Fault::in_object(policy, "/spec", message).severity(Severity::Low));
        }
    }
    match around.foreign_kind() {
        Some(kind) if !faults.is_empty() => {
            Answer::Unknown(format!("a {kind} of the namespace may make pods"))
        }
        _ => Answer::from_faults(faults),
    }
}
