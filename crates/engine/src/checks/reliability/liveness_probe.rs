//! liveness-probe: a process that hangs is restarted.

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, Asked, Check, Containers, Covers, Fault, Minutes, Text},
    object::Container,
};

pub(super) const CHECK: Check = Check {
    id: "liveness-probe",
    title: "No liveness probe",
    category: Category::Reliability,
    severity: Severity::Medium,
    effort: Minutes(30),
    since: "0.1.0",
    profile: Profile::Production,
    text: Text {
        sees: "A container of a workload that runs for ever has no livenessProbe.",
        root_cause: "Kubernetes restarts a process that ends, but it cannot see one that hangs unless it is told how to ask.",
        scenario: "A deadlock or an exhausted thread pool leaves the process alive and mute, and it stays so until somebody deletes the pod by hand.",
        impact: "Capacity shrinks pod by pod, at night, without an alert.",
        fix: "Add a livenessProbe on a cheap endpoint that answers as long as the process itself works, and that asks no dependency.",
    },
    links: &[
        "https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#container-probes",
        "https://kubernetes.io/docs/tasks/configure-pod-container/configure-liveness-readiness-startup-probes/",
    ],
    covers: Covers {
        audit_rows: &[21],
        peers: &[
            "kube-linter:no-liveness-probe",
            "polaris:livenessProbeMissing",
            "kube-score:pod-probes",
            "popeye:102",
            "popeye:103",
            "kyverno:require-probes",
            "kubescape:C-0056",
            "checkov:CKV_K8S_8",
            "gatekeeper:requiredprobes",
            "datree:11",
            "kics:Liveness Probe Is Not Defined",
            "redhat-cop:BESTPRACT-00008",
        ],
    },
    parameters: &[],
    reads: &[],
    ask: Ask::Containers(Containers::Probed, ask),
};

fn ask(container: &Container<'_>, _: &Asked<'_>) -> Answer {
    Answer::pass_if(container.spec.liveness_probe.is_some(), || {
        Fault::in_container(
            container,
            "/livenessProbe",
            "has no livenessProbe, so it is not restarted when it hangs",
        )
    })
}
