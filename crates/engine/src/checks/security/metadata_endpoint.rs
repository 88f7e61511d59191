//! metadata-endpoint: the node's cloud identity is out of reach.

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, Asked, Check, Covers, Fault, Minutes, Text},
    object::{
        Kind,
        network_policy::{EgressAllowed, NetworkPolicy, Peer},
    },
};

pub(super) const CHECK: Check = Check {
    id: "metadata-endpoint",
    title: "Cloud metadata reachable",
    category: Category::Security,
    severity: Severity::Medium,
    effort: Minutes(30),
    since: "0.1.0",
    profile: Profile::Scale,
    text: Text {
        sees: "NetworkPolicies restrict what goes out of the workload's pods, and a rule allows every address on port 80 without taking 169.254.169.254 out. Where nothing restricts egress, network-policy says so.",
        root_cause: "Every address was meant to be the internet.",
        scenario: "A request that an attacker may steer asks the metadata address, and answers with the node's credentials.",
        impact: "The cloud account of the node is lost through one flaw of one application.",
        fix: "Add except: [169.254.169.254/32] to the ipBlock, and require IMDSv2 with a hop limit of 1.",
    },
    links: &["https://cloud.google.com/kubernetes-engine/docs/how-to/protecting-cluster-metadata"],
    covers: Covers {
        audit_rows: &[],
        peers: &["kubescape:C-0052", "kyverno:require-aws-node-irsa"],
    },
    parameters: &[],
    reads: &[Kind::NetworkPolicy],
    ask: Ask::Surroundings(ask),
};

/// The ranges by which the address is taken out.
const EXCEPT: [&str; 4] = [
    "169.254.169.254/32",
    "169.254.0.0/16",
    "169.254.169.0/24",
    "169.254.169.253/31",
];

fn ask(asked: &Asked<'_>) -> Answer {
    let workload = asked.workload;
    Answer::about(asked.surroundings.network_policies(workload), |policies| {
        let restricting = policies
            .into_iter()
            .filter(|policy| policy.spec.isolates_egress());
        let restricting: Vec<&NetworkPolicy> = restricting.collect();
        if restricting.is_empty() {
            return Answer::DoesNotApply;
        }
        let faults = restricting.into_iter().filter(|policy| {
            let rules = policy.spec.egress.iter().flatten();
            rules.into_iter().any(reaches)
        });
        let faults = faults.map(|policy| {
            let message = format!(
                "may reach the cloud's metadata at 169.254.169.254 (NetworkPolicy {})",
                policy.metadata.name
            );
            Fault::new(workload.at("/metadata/name"), message)
        });
        Answer::from_faults(faults.collect())
    })
}

fn reaches(rule: &EgressAllowed) -> bool {
    let port = rule.ports.is_empty() || rule.ports.iter().any(|port| port.includes(80, "TCP"));
    let open = |peer: &Peer| {
        peer.ip_block.as_ref().is_some_and(|block| {
            block.cidr == "0.0.0.0/0"
                && !block
                    .except
                    .iter()
                    .any(|one| EXCEPT.contains(&one.as_str()))
        })
    };
    port && (rule.to.is_empty() || rule.to.iter().any(open))
}
