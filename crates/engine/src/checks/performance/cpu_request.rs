//! cpu-request: the scheduler knows how much CPU the container needs.

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, Asked, Check, Containers, Covers, Fault, Minutes, Text},
    object::{Container, Kind},
};

pub(super) const CHECK: Check = Check {
    id: "cpu-request",
    title: "No CPU request",
    category: Category::Performance,
    severity: Severity::High,
    effort: Minutes(30),
    since: "0.1.0",
    profile: Profile::Baseline,
    text: Text {
        sees: "A container or init container has no CPU request of its own, none by a limit, none of its pod, and no LimitRange gives it one.",
        root_cause: "Without a request the scheduler takes the container for one that needs no CPU at all.",
        scenario: "The node is packed with such pods, and under load each of them gets next to nothing while its neighbours with requests keep their share.",
        impact: "Response times rise many times over just when traffic is highest, and a CPU autoscaler has nothing to measure against.",
        fix: "Set resources.requests.cpu to what the container uses at normal load.",
    },
    links: &["https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/"],
    covers: Covers {
        audit_rows: &[],
        peers: &[
            "kube-linter:unset-cpu-requirements",
            "polaris:cpuRequestsMissing",
            "kube-score:container-resources",
            "popeye:106",
            "kyverno:require-pod-requests-limits",
            "kubescape:C-0268",
            "trivy:KSV-0015",
            "checkov:CKV_K8S_10",
            "datree:3",
            "gatekeeper:containerresources",
            "kics:CPU Requests Not Set",
            "kubesec:RequestsCPU",
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
        .any(|resources| resources.request("cpu").is_some())
    {
        return Answer::Passes;
    }
    let fault = || {
        Fault::in_container(
            container,
            "/resources/requests/cpu",
            "has no CPU request, so the scheduler sets nothing aside for it",
        )
    };
    Answer::about(
        asked.surroundings.default_request("cpu").or_known(None),
        |default| Answer::pass_if(default.is_some(), fault),
    )
}
