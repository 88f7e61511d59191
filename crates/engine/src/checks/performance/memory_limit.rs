//! memory-limit: a leak ends the container, not its node.

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, Asked, Check, Containers, Covers, Fault, Minutes, Text},
    object::{Container, Kind},
};

pub(super) const CHECK: Check = Check {
    id: "memory-limit",
    title: "No memory limit",
    category: Category::Performance,
    severity: Severity::High,
    effort: Minutes(30),
    since: "0.1.0",
    profile: Profile::Baseline,
    text: Text {
        sees: "A container or init container has no memory limit of its own, none of its pod, and no LimitRange gives it one.",
        root_cause: "Without a limit a container may take all memory of its node.",
        scenario: "A leak or one large request makes it grow until the node itself runs out, and the kernel or the kubelet picks victims among all pods there.",
        impact: "One faulty container takes down its neighbours, and the node with them.",
        fix: "Set resources.limits.memory a little above the peak, and the request to the same or close below.",
    },
    links: &["https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/"],
    covers: Covers {
        audit_rows: &[38],
        peers: &[
            "kube-linter:unset-memory-requirements",
            "polaris:memoryLimitsMissing",
            "kube-score:container-resources",
            "popeye:106",
            "popeye:107",
            "kyverno:require-pod-requests-limits",
            "kubescape:C-0271",
            "trivy:KSV-0018",
            "checkov:CKV_K8S_13",
            "datree:4",
            "gatekeeper:containerresources",
            "kics:Memory Limits Not Defined",
            "kubeaudit:limits",
            "kubescape:C-0004",
            "kubescape:C-0009",
            "kubesec:LimitsMemory",
            "kyverno:set-karpenter-non-cpu-limits",
            "redhat-cop:BESTPRACT-00012",
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
        .any(|resources| resources.limit("memory").is_some())
    {
        return Answer::Passes;
    }
    let fault = || {
        Fault::in_container(
            container,
            "/resources/limits/memory",
            "has no memory limit, so a leak takes the node with it",
        )
    };
    Answer::about(
        asked.surroundings.default_limit("memory").or_known(None),
        |default| Answer::pass_if(default.is_some(), fault),
    )
}
