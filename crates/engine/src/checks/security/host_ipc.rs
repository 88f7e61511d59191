//! host-ipc: the pod has shared memory of its own.

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, Asked, Check, Covers, Fault, Minutes, Text},
    fix::Edit,
};

pub(super) const CHECK: Check = Check {
    id: "host-ipc",
    title: "Node's shared memory used",
    category: Category::Security,
    severity: Severity::High,
    effort: Minutes(30),
    since: "0.1.0",
    profile: Profile::Baseline,
    text: Text {
        sees: "The pod sets hostIPC to true, on whatever kind of workload.",
        root_cause: "With the node's IPC namespace, a pod reaches shared memory and semaphores of the node and of every other pod that does the same.",
        scenario: "Somebody who gets into the process reads what a database keeps in shared memory, or writes to it.",
        impact: "Data of other applications is read or damaged without a trace in their logs.",
        fix: "Remove hostIPC; a tool that must look at the node belongs into a namespace of the platform team, with an exception.",
    },
    links: &["https://kubernetes.io/docs/concepts/security/pod-security-standards/#baseline"],
    covers: Covers {
        audit_rows: &[],
        peers: &[
            "kube-linter:host-ipc",
            "polaris:hostIPCSet",
            "kyverno:disallow-host-namespaces",
            "kubescape:C-0038",
            "kubescape:C-0195",
            "kubescape:C-0215",
            "kubescape:C-0276",
            "trivy:KSV-0008",
            "checkov:CKV_K8S_18",
            "kubesec:HostIPC",
            "gatekeeper:host-namespaces",
            "datree:27",
            "checkov:CKV_K8S_3",
            "kics:Shared Host IPC Namespace",
            "kubeaudit:hostns",
        ],
    },
    parameters: &[],
    reads: &[],
    ask: Ask::Workload(ask),
};

fn ask(asked: &Asked<'_>) -> Answer {
    let at = asked.workload.pod_at("/hostIPC");
    Answer::pass_if(asked.workload.pod().host_ipc != Some(true), || {
        Fault::new(at.clone(), "uses its node's shared memory and semaphores")
            .edit(Edit::set(at, false))
    })
}
