//! ingress-wildcard-host: an Ingress serves the hosts that are its own.

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, Asked, Check, Covers, Fault, Minutes, Text},
    edge::each_edge,
    object::Kind,
};

pub(super) const CHECK: Check = Check {
    id: "ingress-wildcard-host",
    title: "Ingress for every host",
    category: Category::Security,
    severity: Severity::Medium,
    effort: Minutes(10),
    since: "0.1.0",
    profile: Profile::Production,
    text: Text {
        sees: "A rule of an Ingress that leads to the workload has no host, or a wildcard; or the Ingress has a default backend.",
        root_cause: "Any host was the quickest way to see whether it works.",
        scenario: "Another team's host is served by this workload until their own Ingress is there, or a forged Host header reaches it.",
        impact: "Requests, cookies and tokens of others arrive here.",
        fix: "Name the hosts that the application is meant to be reached by.",
    },
    links: &["https://kubernetes.io/docs/concepts/services-networking/ingress/#hostname-wildcards"],
    covers: Covers {
        audit_rows: &[],
        peers: &[
            "kyverno:disallow-empty-ingress-host",
            "kyverno:restrict-ingress-wildcard",
            "kyverno:restrict-ingress-defaultbackend",
            "gatekeeper:block-wildcard-ingress",
            "datree:6",
        ],
    },
    parameters: &[],
    reads: &[Kind::Service, Kind::Ingress, Kind::HttpRoute, Kind::Gateway],
    ask: Ask::Surroundings(ask),
};

fn ask(asked: &Asked<'_>) -> Answer {
    each_edge(asked, |edge| {
        let spec = &edge.ingress()?.spec;
        let hosts = spec
            .rules
            .iter()
            .map(|rule| rule.host.as_deref().unwrap_or_default());
        let wide = hosts
            .into_iter()
            .find(|host| host.is_empty() || host.starts_with('*'));
        let message = match wide {
            Some("") => format!("{} serves every host", edge.title()),
            Some(host) => format!("{} serves every host of {host}", edge.title()),
            None if spec.default_backend.is_some() => {
                format!(
                    "{} serves whatever no other serves (defaultBackend)",
                    edge.title()
                )
            }
            None => return None,
        };
        Some(Fault::new(asked.workload.at("/metadata/name"), message))
    })
}
