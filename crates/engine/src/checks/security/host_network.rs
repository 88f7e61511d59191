//! host-network: the pod has a network of its own.

use crate::{
    api::vocabulary::{Category, Profile, Severity, WorkloadKind},
    check::{Answer, Ask, Asked, Check, Covers, Fault, Minutes, Text},
    fix::Edit,
    object::Workload,
};

pub(super) const CHECK: Check = Check {
    id: "host-network",
    title: "Node's network used",
    category: Category::Security,
    severity: Severity::High,
    effort: Minutes(60),
    since: "0.1.0",
    profile: Profile::Baseline,
    text: Text {
        sees: "The pod sets hostNetwork to true. A DaemonSet of the priority class system-node-critical is not asked: network plugins and proxies are the node's network.",
        root_cause: "With the node's network, a pod has the node's addresses, interfaces and loopback, and NetworkPolicies do not hold it.",
        scenario: "Somebody who gets into the process reads traffic of other pods and reaches what listens on the node's loopback or trusts the node's address, such as the cloud's metadata service.",
        impact: "The node's credentials and other teams' traffic are within reach of one application, and two pods with one port cannot share a node.",
        fix: "Remove hostNetwork, and let a Service or an ingress bring the traffic.",
    },
    links: &[
        "https://kubernetes.io/docs/concepts/security/pod-security-standards/#baseline",
        "https://kubernetes.io/docs/concepts/services-networking/network-policies/",
    ],
    covers: Covers {
        audit_rows: &[],
        peers: &[
            "kube-linter:host-network",
            "polaris:hostNetworkSet",
            "kyverno:disallow-host-namespaces",
            "kubescape:C-0041",
            "kubescape:C-0196",
            "kubescape:C-0216",
            "trivy:KSV-0009",
            "checkov:CKV_K8S_19",
            "checkov:CKV_K8S_4",
            "kubesec:HostNetwork",
            "gatekeeper:host-network-ports",
            "datree:28",
            "kics:Shared Host Network Namespace",
            "kubeaudit:hostns",
            "redhat-cop:BESTPRACT-00020",
        ],
    },
    parameters: &[],
    reads: &[],
    ask: Ask::Workload(ask),
};

fn ask(asked: &Asked<'_>) -> Answer {
    let workload = asked.workload;
    if workload.pod().host_network != Some(true) {
        return Answer::Passes;
    }
    if is_part_of_the_node(workload) {
        return Answer::DoesNotApply;
    }
    let at = workload.pod_at("/hostNetwork");
    let fault = Fault::new(
        at.clone(),
        "uses its node's network, with the node's addresses and outside every NetworkPolicy",
    );
    // A Windows pod that may say so at all (HostProcess) must.
    Answer::fails(if workload.pod().is_windows() {
        fault
    } else {
        fault.edit(Edit::set(at, false))
    })
}

/// What its node cannot run without, by the one priority class that Kubernetes keeps for that.
fn is_part_of_the_node(workload: &Workload) -> bool {
    workload.kind == WorkloadKind::DaemonSet
        && workload.pod().priority_class_name.as_deref() == Some("system-node-critical")
}
