//! namespace-isolation: what is not allowed is denied.

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, AskedNamespace, Check, Covers, Fault, Minutes, Text},
    object::{
        Kind, Pointer,
        network_policy::{
            AdminNetworkPolicy, CalicoGlobalNetworkPolicy, CiliumClusterwideNetworkPolicy,
            NetworkPolicy,
        },
    },
};

pub(super) const CHECK: Check = Check {
    id: "namespace-isolation",
    title: "Namespace without a default denial",
    category: Category::Security,
    severity: Severity::Medium,
    effort: Minutes(60),
    since: "0.1.0",
    profile: Profile::Production,
    text: Text {
        sees: "A namespace in which something runs has no NetworkPolicy that selects all its pods and isolates what comes in; nor does a clusterwide policy of Cilium, Calico or the AdminNetworkPolicy API do so.",
        root_cause: "Policies were written for the workloads that mattered.",
        scenario: "A new workload comes, nobody writes a policy for it, and it is open to all.",
        impact: "Each new pod is a hole until somebody thinks of it.",
        fix: "Add a NetworkPolicy with podSelector {} and policyTypes [Ingress, Egress] and no rules, and allow from there.",
    },
    links: &[
        "https://kubernetes.io/docs/concepts/services-networking/network-policies/#default-deny-all-ingress-traffic",
    ],
    covers: Covers {
        audit_rows: &[15],
        peers: &[
            "kyverno:add-network-policy",
            "kyverno:generate-networkpolicy-existing",
            "kubescape:C-0049",
            "kubescape:C-0054",
            "kubescape:C-0206",
            "kubeaudit:netpols",
            "redhat-cop:COMBINE-00001",
        ],
    },
    parameters: &[],
    reads: &[
        Kind::NetworkPolicy,
        Kind::CiliumClusterwideNetworkPolicy,
        Kind::CalicoGlobalNetworkPolicy,
        Kind::AdminNetworkPolicy,
    ],
    ask: Ask::Namespace(ask),
};

fn ask(asked: &AskedNamespace<'_>) -> Answer {
    if asked.surroundings.workloads().next().is_none() {
        return Answer::DoesNotApply;
    }

    let around = &asked.surroundings;
    let denies = |policy: &NetworkPolicy| {
        policy.spec.pod_selector.is_empty() && policy.spec.isolates_ingress()
    };
    let by_all = around.each::<NetworkPolicy>().any(denies);
    let clusterwide = around
        .everywhere::<CiliumClusterwideNetworkPolicy>()
        .next()
        .is_some()
        || around
            .everywhere::<CalicoGlobalNetworkPolicy>()
            .next()
            .is_some()
        || around.everywhere::<AdminNetworkPolicy>().next().is_some();
    if by_all || clusterwide {
        return Answer::Passes;
    }
    Answer::about(around.absent(Kind::NetworkPolicy), |()| {
        let message = "has no policy that denies what is not allowed";
        Answer::fails(Fault::new(Pointer::new("/metadata/name"), message))
    })
}
