//! network-policy-allow-all: what allows everything is no policy.

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, Asked, Check, Covers, Fault, Minutes, Text},
    object::{
        Kind,
        network_policy::{NetworkPolicy, Peer},
    },
};

pub(super) const CHECK: Check = Check {
    id: "network-policy-allow-all",
    title: "NetworkPolicy that allows everything",
    category: Category::Security,
    severity: Severity::Medium,
    effort: Minutes(30),
    since: "0.1.0",
    profile: Profile::Production,
    text: Text {
        sees: "A NetworkPolicy that selects the workload's pods has a rule that names neither peers nor ports, or every address (0.0.0.0/0 or ::/0) for what comes in.",
        root_cause: "The policy was opened to find a fault, or made so that a scanner is content.",
        scenario: "Everybody believes that the pod is shut off.",
        impact: "The same as without a policy, but nobody looks for it.",
        fix: "Name the pods, namespaces and ports that are meant; for an edge, allow from its namespace.",
    },
    links: &[
        "https://kubernetes.io/docs/concepts/services-networking/network-policies/#allow-all-ingress-traffic",
    ],
    covers: Covers {
        audit_rows: &[],
        peers: &[
            "popeye:1203",
            "trivy:KSV-0038",
            "kyverno:restrict-networkpolicy-empty-podselector",
            "kubeaudit:netpols",
        ],
    },
    parameters: &[],
    reads: &[Kind::NetworkPolicy],
    ask: Ask::Surroundings(ask),
};

fn ask(asked: &Asked<'_>) -> Answer {
    let workload = asked.workload;
    Answer::about(asked.surroundings.network_policies(workload), |policies| {
        if policies.is_empty() {
            return Answer::DoesNotApply;
        }
        let faults = policies.into_iter().filter_map(|policy| {
            let name = &policy.metadata.name;
            let message = if allows_ingress(policy) {
                format!("NetworkPolicy {name} lets everybody in, on every port")
            } else if allows_egress(policy) {
                format!("NetworkPolicy {name} lets its pods out to everything")
            } else {
                return None;
            };
            Some(Fault::new(workload.at("/metadata/name"), message))
        });
        Answer::from_faults(faults.collect())
    })
}

fn allows_ingress(policy: &NetworkPolicy) -> bool {
    let rules = policy.spec.ingress.iter().flatten();
    policy.spec.isolates_ingress()
        && rules.into_iter().any(|rule| {
            let everybody = rule.from.is_empty() || rule.from.iter().any(is_everybody);
            rule.ports.is_empty() && everybody
        })
}

/// To call any address on any port is what many need for the outside; only a rule without anything is meant.
fn allows_egress(policy: &NetworkPolicy) -> bool {
    let rules = policy.spec.egress.iter().flatten();
    policy.spec.isolates_egress()
        && rules
            .into_iter()
            .any(|rule| rule.ports.is_empty() && rule.to.is_empty())
}

fn is_everybody(peer: &Peer) -> bool {
    let block = peer.ip_block.as_ref();
    block.is_some_and(|block| {
        matches!(block.cidr.as_str(), "0.0.0.0/0" | "::/0") && block.except.is_empty()
    })
}
