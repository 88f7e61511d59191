//! ingress-host-tls-match: a certificate is for the hosts that are served.

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, Asked, Check, Covers, Fault, Minutes, Text},
    edge::each_edge,
    object::Kind,
};

pub(super) const CHECK: Check = Check {
    id: "ingress-host-tls-match",
    title: "Certificate for hosts that are not served",
    category: Category::Security,
    severity: Severity::Medium,
    effort: Minutes(10),
    since: "0.1.0",
    profile: Profile::Production,
    text: Text {
        sees: "An Ingress that leads to the workload lists hosts under tls that none of its rules serves. Hosts without certificate are asked by ingress-tls; wildcards cover one level.",
        root_cause: "A host was renamed in one of the two lists.",
        scenario: "The certificate is renewed for a name that does not lead here any more, until the renewal fails and takes the others with it.",
        impact: "A certificate that cannot be renewed, and an error page for every host in it.",
        fix: "Make tls.hosts the hosts of the rules.",
    },
    links: &["https://kubernetes.io/docs/concepts/services-networking/ingress/#tls"],
    covers: Covers {
        audit_rows: &[3],
        peers: &["kyverno:ingress-host-match-tls"],
    },
    parameters: &[],
    reads: &[Kind::Service, Kind::Ingress, Kind::HttpRoute, Kind::Gateway],
    ask: Ask::Surroundings(ask),
};

fn ask(asked: &Asked<'_>) -> Answer {
    each_edge(asked, |edge| {
        let ingress = edge.ingress()?;
        let served: Vec<&str> = ingress
            .spec
            .rules
            .iter()
            .filter_map(|rule| rule.host.as_deref())
            .collect();
        // A rule without host serves all of them.
        if served.len() < ingress.spec.rules.len() || ingress.spec.default_backend.is_some() {
            return None;
        }
        let certified = ingress.spec.tls.iter().flat_map(|tls| &tls.hosts);
        let idle: Vec<&str> = certified
            .map(String::as_str)
            .filter(|host| !served.iter().any(|own| covers(host, own)))
            .collect();
        (!idle.is_empty()).then(|| {
            let message = format!(
                "{} has a certificate for {}, which it does not serve",
                edge.title(),
                idle.join(", ")
            );
            Fault::new(asked.workload.at("/metadata/name"), message)
        })
    })
}

/// Whether a certificate's host is for a host, or a wildcard for one level below.
fn covers(certified: &str, host: &str) -> bool {
    certified.eq_ignore_ascii_case(host)
        || certified.strip_prefix("*.").is_some_and(|parent| {
            host.split_once('.')
                .is_some_and(|(_, rest)| rest.eq_ignore_ascii_case(parent))
        })
}
