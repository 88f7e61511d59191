//! container-ports: each port belongs to one container.

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, Asked, Check, Covers, Fault, Minutes, Text},
    object::{Container, port::ContainerPort},
};

pub(super) const CHECK: Check = Check {
    id: "container-ports",
    title: "Port claimed twice",
    category: Category::Reliability,
    severity: Severity::Medium,
    effort: Minutes(10),
    since: "0.1.0",
    profile: Profile::Baseline,
    text: Text {
        sees: "Two containers of a pod name the same port and protocol, or two ports of the pod have the same name. Plain init containers are over before the others start and are not meant.",
        root_cause: "The containers of a pod share one network, and the list was copied from one to the other.",
        scenario: "The second container cannot listen, and is restarted for ever; or a Service leads by name to whichever port comes first.",
        impact: "The pod never becomes ready, or traffic goes to the wrong process.",
        fix: "Give each container a port of its own, and each port a name of its own.",
    },
    links: &["https://kubernetes.io/docs/concepts/services-networking/service/#field-spec-ports"],
    covers: Covers {
        audit_rows: &[],
        peers: &["kube-score:container-ports-check"],
    },
    parameters: &[],
    reads: &[],
    ask: Ask::Workload(ask),
};

fn ask(asked: &Asked<'_>) -> Answer {
    let mut seen: Vec<Claim<'_>> = Vec::new();
    let mut faults = Vec::new();
    let containers = asked.workload.containers();
    for container in containers.filter(Container::runs_for_ever) {
        for (index, port) in container.spec.ports.iter().enumerate() {
            let claim = Claim::of(container, index, port);
            faults.extend(seen.iter().find_map(|other| claim.clashes_with(other)));
            seen.push(claim);
        }
    }
    if seen.is_empty() {
        return Answer::DoesNotApply;
    }
    Answer::from_faults(faults)
}

/// One port that one container names.
struct Claim<'a> {
    container: Container<'a>,
    index: usize,
    port: &'a ContainerPort,
}

impl<'a> Claim<'a> {
    fn of(container: Container<'a>, index: usize, port: &'a ContainerPort) -> Self {
        Self {
            container,
            index,
            port,
        }
    }

    fn protocol(&self) -> &str {
        self.port.protocol.as_deref().unwrap_or("TCP")
    }

    fn clashes_with(&self, other: &Self) -> Option<Fault> {
        let number = self.port.container_port;
        let of = other.container.name();
        let (field, message) =
            if number == other.port.container_port && self.protocol() == other.protocol() {
                let message = format!(
                    "names port {number}/{}, as container {of} does",
                    self.protocol()
                );
                ("containerPort", message)
            } else if self.port.name.is_some() && self.port.name == other.port.name {
                let name = self.port.name.as_deref().unwrap_or_default();
                (
                    "name",
                    format!("has a port named {name}, as container {of} has"),
                )
            } else {
                return None;
            };
        let place = format!("/ports/{}/{field}", self.index);
        Some(Fault::in_container(&self.container, &place, message))
    }
}
