//! session-affinity-without-store: any replica can answer anybody.

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, Asked, Check, Covers, Fault, Minutes, Text},
    environment::switched_off,
    object::Kind,
    surroundings::Entrance,
};

pub(super) const CHECK: Check = Check {
    id: "session-affinity-without-store",
    title: "Clients are bound to one replica",
    category: Category::Scalability,
    severity: Severity::Low,
    effort: Minutes(60),
    since: "0.1.0",
    profile: Profile::Scale,
    text: Text {
        sees: "A Service for the workload has sessionAffinity ClientIP, or an Ingress to it binds clients by cookie, so that sessions seem to live in one replica.",
        root_cause: "Sessions are in memory, and the binding made two replicas possible.",
        scenario: "A replica is replaced in a rollout, and everybody bound to it is signed out.",
        impact: "Each release is felt by users, and load cannot be spread.",
        fix: "Keep sessions in a shared store, and remove the binding.",
    },
    links: &["https://kubernetes.io/docs/reference/networking/virtual-ips/#session-affinity"],
    covers: Covers {
        audit_rows: &[54],
        peers: &[],
    },
    parameters: &[],
    reads: &[Kind::Service, Kind::Ingress, Kind::HttpRoute, Kind::Gateway],
    ask: Ask::Surroundings(ask),
};

/// Annotations by which controllers bind clients.
const KEYS: [&str; 3] = [
    "nginx.ingress.kubernetes.io/affinity",
    "traefik.ingress.kubernetes.io/service.sticky.cookie",
    "haproxy-ingress.github.io/affinity",
];

fn ask(asked: &Asked<'_>) -> Answer {
    let workload = asked.workload;
    Answer::about(asked.services(), |services| {
        if services.is_empty() {
            return Answer::DoesNotApply;
        }
        let at = || workload.at("/metadata/name");
        let mut faults: Vec<Fault> = services
            .iter()
            .filter(|service| service.spec.session_affinity.as_deref() == Some("ClientIP"))
            .map(|service| {
                let message = format!(
                    "Service {} binds each client to one replica",
                    service.metadata.name
                );
                Fault::new(at(), message)
            })
            .collect();
        let entrances = asked
            .surroundings
            .entrances(workload)
            .known()
            .unwrap_or_default();
        faults.extend(entrances.iter().filter_map(|entrance| match entrance {
            Entrance::Ingress(ingress) => {
                let annotations = &ingress.metadata.annotations;
                let bound = KEYS.iter().any(|key| {
                    annotations
                        .get(*key)
                        .is_some_and(|value| !switched_off(value))
                });
                bound.then(|| {
                    let message = format!(
                        "Ingress {} binds each client to one replica",
                        ingress.metadata.name
                    );
                    Fault::new(at(), message)
                })
            }
            Entrance::Route { .. } => None,
        }));
        Answer::from_faults(faults)
    })
}
