//! service-target-port: a Service leads to a port that is there.

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, Asked, Check, Covers, Fault, Minutes, Text},
    object::{
        Container, Kind,
        namespaced::ServicePort,
        port::{ContainerPort, IntOrString},
    },
};

pub(super) const CHECK: Check = Check {
    id: "service-target-port",
    title: "Service leads to no port",
    category: Category::Reliability,
    severity: Severity::High,
    effort: Minutes(10),
    since: "0.1.0",
    profile: Profile::Baseline,
    text: Text {
        sees: "A Service that selects the workload has a targetPort that no container names, or a number that no container lists although its ports are listed.",
        root_cause: "The container's port was renamed or moved, and the Service was not.",
        scenario: "The rollout is green, every pod is ready, and each request ends in connection refused.",
        impact: "An outage that no probe sees, for probes ask the container and not the Service.",
        fix: "Make targetPort the name, or the number, of a port of the container that serves.",
    },
    links: &["https://kubernetes.io/docs/concepts/services-networking/service/#field-spec-ports"],
    covers: Covers {
        audit_rows: &[],
        peers: &[
            "kube-linter:invalid-target-ports",
            "popeye:1101",
            "popeye:1106",
            "kics:Service Does Not Target Pod",
        ],
    },
    parameters: &[],
    reads: &[Kind::Service],
    ask: Ask::Surroundings(ask),
};

fn ask(asked: &Asked<'_>) -> Answer {
    let workload = asked.workload;
    let mut containers = workload.containers();
    if containers.any(|container| workload.leaves_to_injector(&container)) {
        return Answer::DoesNotApply;
    }
    Answer::about(asked.services(), |services| {
        let ports: Vec<&ContainerPort> = workload
            .containers()
            .filter(Container::runs_for_ever)
            .flat_map(|container| &container.spec.ports)
            .collect();
        let mut asked_any = false;
        let mut faults = Vec::new();
        for service in services {
            for port in &service.spec.ports {
                asked_any = true;
                faults.extend(lost(port, &ports).map(|severity| {
                    let target = port.target();
                    let message = format!(
                        "Service {} leads to port {target}, which none of its containers has",
                        service.metadata.name
                    );
                    Fault::new(workload.at("/metadata/name"), message).severity(severity)
                }));
            }
        }
        if asked_any {
            Answer::from_faults(faults)
        } else {
            Answer::DoesNotApply
        }
    })
}

/// How bad it is that a Service's port leads nowhere; none where it does not. A name must be there. A number need
/// not be written down to be open (Container v1, `ports`), so one that is missing from a list is only suspected,
/// and one without any list is not.
fn lost(port: &ServicePort, ports: &[&ContainerPort]) -> Option<Severity> {
    if ports.iter().any(|own| port.leads_to(own)) {
        return None;
    }
    match port.target() {
        IntOrString::Text(_) => Some(Severity::High),
        IntOrString::Int(_) => (!ports.is_empty()).then_some(Severity::Low),
    }
}
