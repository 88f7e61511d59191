//! ingress-host-conflict: one host and path leads to one place.

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, Asked, Check, Covers, Fault, Minutes, Text},
    edge::each_edge,
    environment::switched_on,
    object::{Kind, edge::Ingress},
};

pub(super) const CHECK: Check = Check {
    id: "ingress-host-conflict",
    title: "Two Ingresses claim one host and path",
    category: Category::Reliability,
    severity: Severity::High,
    effort: Minutes(20),
    since: "0.1.0",
    profile: Profile::Baseline,
    text: Text {
        sees: "Two Ingresses of the namespace, of the same class, claim the same host and path, and lead to different Services. Canary Ingresses of ingress-nginx are meant to.",
        root_cause: "A new Ingress was made beside the old one, or two charts serve the same name.",
        scenario: "Which of them answers depends on which is older, and changes when one is made again.",
        impact: "Users see one application or the other, by chance.",
        fix: "Remove one of them, or give them different paths.",
    },
    links: &[
        "https://kubernetes.io/docs/concepts/services-networking/ingress/#the-ingress-resource",
    ],
    covers: Covers {
        audit_rows: &[],
        peers: &[
            "kyverno:unique-ingress-host-and-path",
            "kyverno:unique-ingress-paths",
            "kyverno:restrict-ingress-host",
            "gatekeeper:uniqueingresshost",
            "kyverno:unique-routes",
        ],
    },
    parameters: &[],
    reads: &[Kind::Service, Kind::Ingress, Kind::HttpRoute, Kind::Gateway],
    ask: Ask::Surroundings(ask),
};

fn ask(asked: &Asked<'_>) -> Answer {
    each_edge(asked, |edge| {
        let own = edge.ingress().filter(|ingress| !is_canary(ingress))?;
        let others = asked.surroundings.each::<Ingress>();
        let rival = others
            .filter(|other| other.metadata.name != own.metadata.name && !is_canary(other))
            .filter(|other| other.class() == own.class())
            .find_map(|other| shared(own, other).map(|place| (other, place)));
        rival.map(|(other, place)| {
            let message = format!(
                "{} and Ingress {} both claim {place}",
                edge.title(),
                other.metadata.name
            );
            Fault::new(asked.workload.at("/metadata/name"), message)
        })
    })
}

fn is_canary(ingress: &Ingress) -> bool {
    let mark = ingress
        .metadata
        .annotations
        .get("nginx.ingress.kubernetes.io/canary");
    mark.is_some_and(|value| switched_on(value))
}

/// Hosts and paths with the Service behind each.
fn places(ingress: &Ingress) -> Vec<(String, &str)> {
    let rules = ingress.spec.rules.iter();
    rules
        .flat_map(|rule| {
            let host = rule.host.as_deref().unwrap_or("*");
            let paths = rule.http.iter().flat_map(|http| &http.paths);
            paths.map(move |path| {
                let written = path.path.as_deref().unwrap_or("/");
                let service = path.backend.service.as_ref();
                let name = service.map_or("", |service| service.name.as_str());
                (format!("{host}{written}"), name)
            })
        })
        .collect()
}

fn shared(own: &Ingress, other: &Ingress) -> Option<String> {
    let others = places(other);
    places(own).into_iter().find_map(|(place, service)| {
        let taken = others
            .iter()
            .any(|(theirs, to)| *theirs == place && *to != service);
        taken.then_some(place)
    })
}
