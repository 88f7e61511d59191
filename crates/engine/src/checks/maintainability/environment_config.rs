//! environment-config: production speaks to production.

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, Asked, Check, Containers, Covers, Fault, Minutes, Text},
    object::{Container, Kind, Workload},
};

pub(super) const CHECK: Check = Check {
    id: "environment-config",
    title: "Settings of another environment",
    category: Category::Maintainability,
    severity: Severity::Medium,
    effort: Minutes(20),
    since: "0.1.0",
    profile: Profile::Production,
    text: Text {
        sees: "A variable names a server on localhost that is not in the pod; or, in a namespace that is called or labelled production, a server whose name holds dev, test, staging or qa.",
        root_cause: "The value of a developer's machine, or of the environment before, was taken along.",
        scenario: "The service does not find its database; or it finds the one of staging, and writes orders of customers there.",
        impact: "A service that does not start, or data in the wrong place.",
        fix: "Put what differs between environments into one ConfigMap for each, and name servers by their Service.",
    },
    links: &["https://kubernetes.io/docs/concepts/configuration/configmap/"],
    covers: Covers {
        audit_rows: &[46],
        peers: &["kyverno:disallow-localhost-services"],
    },
    parameters: &[],
    reads: &[Kind::ConfigMap, Kind::Namespace],
    ask: Ask::Containers(Containers::Probed, ask),
};

/// Parts of names of other environments.
const OTHERS: [&str; 8] = [
    "dev",
    "develop",
    "development",
    "test",
    "testing",
    "staging",
    "stage",
    "qa",
];

/// Names of servers on the same machine.
const HERE: [&str; 4] = ["localhost", "127.0.0.1", "[::1]", "host.docker.internal"];

fn ask(container: &Container<'_>, asked: &Asked<'_>) -> Answer {
    let production = is_production(asked);
    let faults = asked.variables(container).iter().filter_map(|variable| {
        let (host, port) = server(variable.value)?;
        let message = if HERE.contains(&host.as_str()) {
            if is_here(asked.workload, port) {
                return None;
            }
            format!(
                "{} names a server on {host}, which is the pod itself",
                variable.title()
            )
        } else if production {
            let mut parts = host.split(['.', '-']);
            let other = parts.find(|part| OTHERS.contains(part))?;
            format!("{} names {host} in production ({other})", variable.title())
        } else {
            return None;
        };
        Some(Fault::in_container_at(
            container,
            variable.pointer(),
            message,
        ))
    });
    Answer::from_faults(faults.collect())
}

fn is_production(asked: &Asked<'_>) -> bool {
    let words = |text: &str| {
        text.split(['-', '.', '_'])
            .any(|part| matches!(part, "prod" | "production"))
    };
    let labels = asked.surroundings.namespace_labels().known();
    let labelled = labels.is_some_and(|labels| {
        labels
            .iter()
            .any(|(key, value)| key.contains("env") && words(value))
    });
    labelled || words(&asked.workload.metadata.namespace)
}

/// The host and port of a URL.
fn server(value: &str) -> Option<(String, Option<i64>)> {
    let (_, rest) = value.trim().split_once("://")?;
    let authority = rest.split(['/', '?', ',']).next()?;
    let authority = authority.rsplit('@').next()?;
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, port.parse().ok()),
        _ => (authority, None),
    };
    Some((host.to_ascii_lowercase(), port))
}

/// Whether something in the pod may answer: another container, or the container's own port.
fn is_here(workload: &Workload, port: Option<i64>) -> bool {
    let staying = || workload.containers().filter(Container::runs_for_ever);
    let mut ports = staying().flat_map(|container| &container.spec.ports);
    staying().count() > 1 || ports.any(|own| Some(own.container_port) == port)
}
