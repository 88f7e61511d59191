//! readiness-probe: no traffic before the container can answer.

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, Asked, Check, Containers, Covers, Fault, Minutes, Text},
    object::{
        Container, ContainerClass, Kind,
        container::ContainerSpec,
        namespaced::{Service, ServicePort},
    },
};

pub(super) const CHECK: Check = Check {
    id: "readiness-probe",
    title: "No readiness probe",
    category: Category::Reliability,
    severity: Severity::High,
    effort: Minutes(30),
    since: "0.1.0",
    profile: Profile::Baseline,
    text: Text {
        sees: "A container that declares ports, or the only container behind a Service, has no readinessProbe. A container is left out where the pod's Services all lead to ports of its others.",
        root_cause: "Without one, Kubernetes takes a started process for one that can answer.",
        scenario: "A rollout sends requests to a process that is still loading, and they fail until it is done.",
        impact: "Errors at every deploy, node drain and scale-up.",
        fix: "Add a readinessProbe on an endpoint that answers only when requests can be served.",
    },
    links: &["https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#container-probes"],
    covers: Covers {
        audit_rows: &[21],
        peers: &[
            "kube-linter:no-readiness-probe",
            "polaris:readinessProbeMissing",
            "kube-score:pod-probes",
            "popeye:102",
            "popeye:104",
            "kyverno:require-probes",
            "kubescape:C-0018",
            "checkov:CKV_K8S_9",
            "datree:12",
            "eksup:K8S006",
            "kics:Readiness Probe Is Not Configured",
            "redhat-cop:BESTPRACT-00009",
        ],
    },
    parameters: &[],
    reads: &[Kind::Service],
    ask: Ask::Containers(Containers::Probed, ask),
};

fn ask(container: &Container<'_>, asked: &Asked<'_>) -> Answer {
    if container.spec.readiness_probe.is_some() {
        return Answer::Passes;
    }
    if !serves(container, asked) {
        return Answer::DoesNotApply;
    }
    Answer::fails(Fault::in_container(
        container,
        "/readinessProbe",
        "has no readinessProbe, so it takes traffic as soon as it starts",
    ))
}

/// A port that is written down, or a Service in front of the pod's only app container; but not a helper in a pod
/// whose Services all lead to its other containers.
fn serves(container: &Container<'_>, asked: &Asked<'_>) -> bool {
    let is_only_app = container.class == ContainerClass::App && container.pod.containers.len() == 1;
    let services = asked.services().known().unwrap_or_default();
    let has_ports = !container.spec.ports.is_empty();
    (has_ports && !lead_to_others(services, container)) || (is_only_app && !services.is_empty())
}

fn lead_to_others(services: &[&Service], container: &Container<'_>) -> bool {
    let leads_to =
        |port: &ServicePort, spec: &ContainerSpec| spec.ports.iter().any(|own| port.leads_to(own));
    let others: Vec<&ContainerSpec> = container
        .pod
        .containers
        .iter()
        .chain(&container.pod.init_containers)
        .filter(|other| other.name != container.name())
        .collect();
    let mut ports = services
        .iter()
        .flat_map(|service| &service.spec.ports)
        .peekable();
    ports.peek().is_some()
        && ports.all(|port| {
            !leads_to(port, container.spec) && others.iter().any(|other| leads_to(port, other))
        })
}
