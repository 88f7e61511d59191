//! probe-port: a probe asks where the container listens.

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, Asked, Check, Containers, Covers, Fault, Minutes, Text},
    object::{Container, port::IntOrString, probe::Probe},
};

pub(super) const CHECK: Check = Check {
    id: "probe-port",
    title: "Probe of a port the container does not have",
    category: Category::Reliability,
    severity: Severity::High,
    effort: Minutes(10),
    since: "0.1.0",
    profile: Profile::Baseline,
    text: Text {
        sees: "A probe names a port that its container does not declare, or a number that is none of the ports the container declares.",
        root_cause: "The kubelet looks a port's name up in the container's own list, and a name that is not there is an error on every attempt.",
        scenario: "A port was renamed or moved and the probe was not, so the pod never becomes ready, or is restarted for ever.",
        impact: "The rollout stops, or the workload goes down with it.",
        fix: "Name the port in the container's ports, and use that name in the probe.",
    },
    links: &[
        "https://kubernetes.io/docs/tasks/configure-pod-container/configure-liveness-readiness-startup-probes/#use-a-named-port",
    ],
    covers: Covers {
        audit_rows: &[],
        peers: &[
            "kube-linter:liveness-port",
            "kube-linter:readiness-port",
            "kube-linter:startup-port",
        ],
    },
    parameters: &[],
    reads: &[],
    ask: Ask::Containers(Containers::Probed, ask),
};

fn ask(container: &Container<'_>, _: &Asked<'_>) -> Answer {
    let spec = container.spec;
    let probes = [
        ("livenessProbe", &spec.liveness_probe),
        ("readinessProbe", &spec.readiness_probe),
        ("startupProbe", &spec.startup_probe),
    ];
    let with_port: Vec<_> = probes
        .into_iter()
        .filter_map(|(name, probe)| {
            Some((name, probe.as_ref().filter(|probe| probe.port().is_some())?))
        })
        .collect();
    if with_port.is_empty() {
        return Answer::DoesNotApply;
    }
    Answer::from_faults(
        with_port
            .into_iter()
            .filter_map(|(name, probe)| fault(container, name, probe))
            .collect(),
    )
}

fn fault(container: &Container<'_>, name: &str, probe: &Probe) -> Option<Fault> {
    let (port, place) = probe.port()?;
    let tcp = || container.spec.ports.iter().filter(|port| port.is_tcp());
    let at = |message: String| Fault::in_container(container, &format!("/{name}{place}"), message);
    match port {
        IntOrString::Text(wanted) => {
            let found = tcp().any(|port| port.name.as_ref() == Some(&wanted));
            (!found).then(|| {
                at(format!(
                    "has a {name} of port \"{wanted}\", which is no name of its TCP ports"
                ))
            })
        }
        // A number is only suspicious where ports are declared: declaring them is optional.
        IntOrString::Int(number) => {
            let declared: Vec<_> = tcp().map(|port| port.container_port).collect();
            let elsewhere = container
                .pod
                .containers
                .iter()
                .chain(&container.pod.init_containers);
            let in_pod = elsewhere
                .flat_map(|other| &other.ports)
                .any(|port| port.container_port == number);
            (!declared.is_empty() && !in_pod).then(|| {
                at(format!(
                    "has a {name} of port {number}, which is not among its ports {declared:?}"
                ))
                .severity(Severity::Low)
            })
        }
    }
}
