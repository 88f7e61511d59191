//! host-pid: the pod has processes of its own.

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, Asked, Check, Covers, Fault, Minutes, Text},
    fix::Edit,
};

pub(super) const CHECK: Check = Check {
    id: "host-pid",
    title: "Node's processes visible",
    category: Category::Security,
    severity: Severity::Critical,
    effort: Minutes(30),
    since: "0.1.0",
    profile: Profile::Baseline,
    text: Text {
        sees: "The pod sets hostPID to true, on whatever kind of workload.",
        root_cause: "With the node's process namespace, a pod sees every process of the node and, as root, may signal it and look into its memory.",
        scenario: "Somebody who gets into the process reads the environment of other pods' processes, with the credentials in it, or enters the node through the first process.",
        impact: "One application's fault becomes the node's, and that of every pod on it.",
        fix: "Remove hostPID; a tool that must look at the node belongs into a namespace of the platform team, with an exception.",
    },
    links: &["https://kubernetes.io/docs/concepts/security/pod-security-standards/#baseline"],
    covers: Covers {
        audit_rows: &[],
        peers: &[
            "kube-linter:host-pid",
            "polaris:hostPIDSet",
            "kyverno:disallow-host-namespaces",
            "kubescape:C-0038",
            "kubescape:C-0194",
            "kubescape:C-0214",
            "kubescape:C-0275",
            "trivy:KSV-0010",
            "checkov:CKV_K8S_17",
            "kubesec:HostPID",
            "gatekeeper:host-namespaces",
            "datree:26",
            "checkov:CKV_K8S_1",
            "kics:Shared Host PID Namespace",
            "kubeaudit:hostns",
        ],
    },
    parameters: &[],
    reads: &[],
    ask: Ask::Workload(ask),
};

fn ask(asked: &Asked<'_>) -> Answer {
    let at = asked.workload.pod_at("/hostPID");
    Answer::pass_if(asked.workload.pod().host_pid != Some(true), || {
        Fault::new(
            at.clone(),
            "sees all processes of its node, those of other pods among them",
        )
        .edit(Edit::set(at, false))
    })
}
