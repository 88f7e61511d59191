//! memory-request: the scheduler knows how much memory the container needs.

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, Asked, Check, Containers, Covers, Fault, Minutes, Text},
    object::{Container, Kind},
};

pub(super) const CHECK: Check = Check {
    id: "memory-request",
    title: "No memory request",
    category: Category::Performance,
    severity: Severity::High,
    effort: Minutes(30),
    since: "0.1.0",
    profile: Profile::Baseline,
    text: Text {
        sees: "A container or init container has no memory request of its own, none by a limit, none of its pod, and no LimitRange gives it one.",
        root_cause: "Without a request the scheduler takes the container for one that needs no memory at all.",
        scenario: "The node is packed beyond its memory, and when it runs short the kubelet evicts the pods that use more than they asked for first: this one.",
        impact: "Pods vanish at the busiest hour, for no fault of their own.",
        fix: "Set resources.requests.memory to what the container uses at its peak.",
    },
    links: &["https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/"],
    covers: Covers {
        audit_rows: &[],
        peers: &[
            "kube-linter:unset-memory-requirements",
            "polaris:memoryRequestsMissing",
            "kube-score:container-resources",
            "popeye:106",
            "kyverno:require-pod-requests-limits",
            "kubescape:C-0269",
            "trivy:KSV-0016",
            "checkov:CKV_K8S_12",
            "datree:2",
            "gatekeeper:containerresources",
            "kics:Memory Requests Not Defined",
            "kubescape:C-0004",
            "kubesec:RequestsMemory",
            "kyverno:add-default-resources",
        ],
    },
    parameters: &[],
    reads: &[Kind::LimitRange],
    ask: Ask::Containers(Containers::Planned, ask),
};

fn ask(container: &Container<'_>, asked: &Asked<'_>) -> Answer {
    let written = [container.resources(), container.pod.resources.as_ref()];
    if written
        .into_iter()
        .flatten()
        .any(|resources| resources.request("memory").is_some())
    {
        return Answer::Passes;
    }
    let fault = || {
        Fault::in_container(
            container,
            "/resources/requests/memory",
            "has no memory request, so the scheduler sets nothing aside for it",
        )
    };
    Answer::about(
        asked.surroundings.default_request("memory").or_known(None),
        |default| Answer::pass_if(default.is_some(), fault),
    )
}
