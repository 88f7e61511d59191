//! network-policy: it is written down who may talk to whom.

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, Asked, Check, Covers, Fault, Minutes, Text},
    object::Kind,
};

pub(super) const CHECK: Check = Check {
    id: "network-policy",
    title: "Traffic of its pods not restricted",
    category: Category::Security,
    severity: Severity::High,
    effort: Minutes(60),
    since: "0.1.0",
    profile: Profile::Production,
    text: Text {
        sees: "No NetworkPolicy, and none of Cilium, Calico or the AdminNetworkPolicy API, restricts what comes in to the workload's pods, or what goes out of them; the two are told apart. Pods with the host's network are not asked: policies do not hold for them.",
        root_cause: "Everything works without, and a policy can only break things.",
        scenario: "One pod is broken into, and from there everything in the cluster can be reached and tried.",
        impact: "The weakest pod is the door to all the others.",
        fix: "Deny both directions for the namespace, and allow what is used: from the edge and its callers, to DNS, its database and what it calls.",
    },
    links: &["https://kubernetes.io/docs/concepts/services-networking/network-policies/"],
    covers: Covers {
        audit_rows: &[],
        peers: &[
            "kube-linter:non-isolated-pod",
            "polaris:missingNetworkPolicy",
            "kube-score:pod-networkpolicy",
            "popeye:1204",
            "popeye:1205",
            "kyverno:require-netpol",
            "kubescape:C-0260",
            "kubescape:C-0030",
            "checkov:CKV2_K8S_6",
            "kics:Pod Misconfigured NetworkPolicy",
        ],
    },
    parameters: &[],
    reads: &[
        Kind::NetworkPolicy,
        Kind::CiliumNetworkPolicy,
        Kind::CiliumClusterwideNetworkPolicy,
        Kind::CalicoNetworkPolicy,
        Kind::CalicoGlobalNetworkPolicy,
        Kind::AdminNetworkPolicy,
    ],
    ask: Ask::Surroundings(ask),
};

fn ask(asked: &Asked<'_>) -> Answer {
    let workload = asked.workload;
    if workload.pod().host_network == Some(true) {
        return Answer::DoesNotApply;
    }
    Answer::about(asked.surroundings.isolation(workload), |isolation| {
        let (message, severity) = match (isolation.ingress, isolation.egress) {
            (true, true) => return Answer::Passes,
            (false, false) => (
                "may be reached by every pod, and may reach everything",
                Severity::High,
            ),
            (false, true) => ("may be reached by every pod of the cluster", Severity::High),
            (true, false) => (
                "may reach everything, inside the cluster and outside",
                Severity::Medium,
            ),
        };
        Answer::fails(Fault::new(workload.at("/metadata/name"), message).severity(severity))
    })
}
