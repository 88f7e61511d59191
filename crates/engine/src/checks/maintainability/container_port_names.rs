//! container-port-names: ports have names.

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, Asked, Check, Covers, Fault, Minutes, Text},
    object::{Kind, port::IntOrString},
};

pub(super) const CHECK: Check = Check {
    id: "container-port-names",
    title: "Ports without names",
    category: Category::Maintainability,
    severity: Severity::Low,
    effort: Minutes(10),
    since: "0.1.0",
    profile: Profile::Scale,
    text: Text {
        sees: "A container lists a port without a name, or a Service leads to a number although the container's port has a name, so that moving the port needs two changes.",
        root_cause: "One number in two places was shorter to write.",
        scenario: "The port is moved in one of the places.",
        impact: "A release that nobody can reach.",
        fix: "Name the port (http, metrics, grpc), and use the name as targetPort.",
    },
    links: &["https://kubernetes.io/docs/concepts/services-networking/service/#field-spec-ports"],
    covers: Covers {
        audit_rows: &[],
        peers: &[
            "popeye:105",
            "popeye:108",
            "popeye:1102",
            "popeye:1403",
            "kyverno:require-container-port-names",
        ],
    },
    parameters: &[],
    reads: &[Kind::Service],
    ask: Ask::Workload(ask),
};

fn ask(asked: &Asked<'_>) -> Answer {
    let workload = asked.workload;
    let mut faults = Vec::new();
    let mut any = false;
    for container in workload.planned_containers() {
        for (index, port) in container.spec.ports.iter().enumerate() {
            any = true;
            if port.name.as_deref().is_none_or(str::is_empty) {
                let message = format!("has no name for port {}", port.container_port);
                faults.push(Fault::in_container(
                    &container,
                    &format!("/ports/{index}"),
                    message,
                ));
            }
        }
    }
    if !any {
        return Answer::DoesNotApply;
    }
    let services = asked
        .surroundings
        .services(workload)
        .known()
        .unwrap_or_default();
    let named = |number: i64| {
        let mut ports = workload
            .planned_containers()
            .flat_map(|container| &container.spec.ports);
        ports
            .find(|port| port.container_port == number)
            .and_then(|port| port.name.as_deref())
    };
    for service in services {
        for port in &service.spec.ports {
            if let Some(IntOrString::Int(number)) = &port.target_port
                && let Some(name) = named(*number)
            {
                let message = format!(
                    "Service {} leads to number {number}, which is called {name}",
                    service.metadata.name
                );
                faults.push(Fault::new(workload.at("/metadata/name"), message));
            }
        }
    }
    Answer::from_faults(faults)
}
