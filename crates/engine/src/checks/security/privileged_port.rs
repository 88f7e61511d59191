//! privileged-port: no port needs rights of root.

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, Asked, Check, Containers, Covers, Fault, Minutes, Text},
    object::Container,
};

pub(super) const CHECK: Check = Check {
    id: "privileged-port",
    title: "Port below 1024",
    category: Category::Security,
    severity: Severity::Low,
    effort: Minutes(30),
    since: "0.1.0",
    profile: Profile::Scale,
    text: Text {
        sees: "A container lists a port below 1024, and the pod does not set net.ipv4.ip_unprivileged_port_start to it or below. Recent container runtimes set it to 0 themselves, so this matters on older nodes and where the host's network is used.",
        root_cause: "The number is the one that the protocol has on the internet.",
        scenario: "The image runs as root, or keeps NET_BIND_SERVICE, for nothing but the number.",
        impact: "More rights than the application needs.",
        fix: "Listen on a high port such as 8080, and let the Service say 80.",
    },
    links: &["https://kubernetes.io/docs/concepts/services-networking/service/#defining-a-service"],
    covers: Covers {
        audit_rows: &[],
        peers: &["kube-linter:privileged-ports", "trivy:KSV-0117"],
    },
    parameters: &[],
    reads: &[],
    ask: Ask::Containers(Containers::Planned, ask),
};

fn ask(container: &Container<'_>, asked: &Asked<'_>) -> Answer {
    let ports = &container.spec.ports;
    if ports.is_empty() {
        return Answer::DoesNotApply;
    }
    let security = asked.workload.pod().security_context.as_ref();
    let first = security
        .iter()
        .flat_map(|security| &security.sysctls)
        .filter(|sysctl| sysctl.name == "net.ipv4.ip_unprivileged_port_start")
        .find_map(|sysctl| sysctl.value.parse::<i64>().ok())
        .unwrap_or(1024);
    let low = ports.iter().enumerate().filter_map(|(index, port)| {
        let number = port.container_port;
        (number < first.min(1024)).then(|| {
            let message = format!("listens on port {number}, which is root's on many nodes");
            Fault::in_container(container, &format!("/ports/{index}/containerPort"), message)
        })
    });
    Answer::from_faults(low.collect())
}
