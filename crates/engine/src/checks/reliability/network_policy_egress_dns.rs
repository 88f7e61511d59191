//! network-policy-egress-dns: what may go out may ask for names.

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, Asked, Check, Covers, Fault, Minutes, Text},
    object::{
        Kind,
        network_policy::{EgressAllowed, NetworkPolicy, Peer},
    },
};

pub(super) const CHECK: Check = Check {
    id: "network-policy-egress-dns",
    title: "DNS not allowed out",
    category: Category::Reliability,
    severity: Severity::High,
    effort: Minutes(15),
    since: "0.1.0",
    profile: Profile::Baseline,
    text: Text {
        sees: "NetworkPolicies restrict what goes out of the workload's pods, allow something, and none of their rules allows port 53 by UDP to pods or addresses that may be DNS. Pods that may reach nothing at all are meant to.",
        root_cause: "A rule for the database was written, and names seem to come by themselves.",
        scenario: "The policy is applied, and every call fails with a name that cannot be resolved.",
        impact: "The workload is down at once, or at its next restart when its cache is gone.",
        fix: "Allow UDP and TCP 53 to the pods k8s-app: kube-dns in kube-system.",
    },
    links: &["https://kubernetes.io/docs/concepts/services-networking/network-policies/"],
    covers: Covers {
        audit_rows: &[],
        peers: &["kyverno:add-networkpolicy-dns"],
    },
    parameters: &[],
    reads: &[Kind::NetworkPolicy],
    ask: Ask::Surroundings(ask),
};

fn ask(asked: &Asked<'_>) -> Answer {
    let workload = asked.workload;
    Answer::about(asked.surroundings.network_policies(workload), |policies| {
        let restricting: Vec<&NetworkPolicy> = policies
            .into_iter()
            .filter(|policy| policy.spec.isolates_egress())
            .collect();
        let rules = || {
            restricting
                .iter()
                .flat_map(|policy| policy.spec.egress.iter().flatten())
        };
        if rules().next().is_none() {
            return Answer::DoesNotApply;
        }
        Answer::pass_if(rules().any(allows_dns), || {
            let names: Vec<&str> = restricting
                .iter()
                .map(|policy| policy.metadata.name.as_str())
                .collect();
            let message = format!(
                "may not ask DNS for names (NetworkPolicy {})",
                names.join(", ")
            );
            Fault::new(workload.at("/metadata/name"), message)
        })
    })
}

fn allows_dns(rule: &EgressAllowed) -> bool {
    let port = rule.ports.is_empty() || rule.ports.iter().any(|port| port.includes(53, "UDP"));
    // Pods of the own namespace alone hold no DNS server, but where it was put there.
    let elsewhere = |peer: &Peer| peer.namespace_selector.is_some() || peer.ip_block.is_some();
    port && (rule.to.is_empty() || rule.to.iter().any(elsewhere))
}
