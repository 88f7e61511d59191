//! ingress-tls: what comes from outside comes encrypted.

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, Asked, Check, Covers, Fault, Minutes, Text},
    object::{
        Kind,
        edge::{Ingress, IngressTls},
    },
    surroundings::Entrance,
};

pub(super) const CHECK: Check = Check {
    id: "ingress-tls",
    title: "Reached from outside without TLS",
    category: Category::Security,
    severity: Severity::High,
    effort: Minutes(60),
    since: "0.1.0",
    profile: Profile::Production,
    text: Text {
        sees: "An Ingress that leads to the workload serves a host that no tls entry covers, or an HTTPRoute that does hangs on listeners without TLS alone.",
        root_cause: "An Ingress without tls serves plain HTTP without a word of warning.",
        scenario: "Somebody on the way, in a hotel or at a provider, reads passwords and session cookies, or puts content of their own into the pages.",
        impact: "Accounts of users are taken over, and nothing of it is in your logs.",
        fix: "Add a tls entry with the host and a Secret, which cert-manager can fill, or let the HTTPRoute hang on an HTTPS listener.",
    },
    links: &[
        "https://kubernetes.io/docs/concepts/services-networking/ingress/#tls",
        "https://gateway-api.sigs.k8s.io/guides/tls/",
    ],
    covers: Covers {
        audit_rows: &[3],
        peers: &[
            "polaris:tlsSettingsMissing",
            "kyverno:require-ingress-https",
            "kyverno:ingress-host-match-tls",
            "kubescape:C-0263",
            "gatekeeper:httpsonly",
            "kics:Ingress Without TLS",
            "kyverno:check-routes",
            "redhat-cop:BESTPRACT-00025",
        ],
    },
    parameters: &[],
    reads: &[Kind::Service, Kind::Ingress, Kind::HttpRoute, Kind::Gateway],
    ask: Ask::Surroundings(ask),
};

/// Annotations by which controllers take a certificate from elsewhere than `spec.tls`, each with the value it
/// must have, if any: AWS Load Balancer Controller, GKE, Application Gateway, Traefik, OpenShift.
const CERTIFICATES_ELSEWHERE: [(&str, Option<&str>); 6] = [
    ("alb.ingress.kubernetes.io/certificate-arn", None),
    ("networking.gke.io/managed-certificates", None),
    ("ingress.gcp.kubernetes.io/pre-shared-cert", None),
    ("appgw.ingress.kubernetes.io/appgw-ssl-certificate", None),
    ("traefik.ingress.kubernetes.io/router.tls", Some("true")),
    ("route.openshift.io/termination", None),
];

fn ask(asked: &Asked<'_>) -> Answer {
    Answer::about(asked.entrances(), |entrances| {
        if entrances.is_empty() {
            return Answer::DoesNotApply;
        }
        let mut faults = Vec::new();
        let mut not_seen = None;
        for entrance in entrances {
            match wrong_with(entrance) {
                Ok(messages) => faults.extend(
                    messages
                        .into_iter()
                        .map(|message| Fault::new(asked.workload.at("/metadata/name"), message)),
                ),
                Err(why) => not_seen = not_seen.or(Some(why)),
            }
        }
        match not_seen {
            Some(why) if faults.is_empty() => Answer::Unknown(why),
            _ => Answer::from_faults(faults),
        }
    })
}

/// What is wrong with one way in, or why it cannot be told.
fn wrong_with(entrance: &Entrance<'_>) -> Result<Vec<String>, String> {
    match entrance {
        Entrance::Ingress(ingress) => Ok(uncovered(ingress)),
        Entrance::Route {
            route,
            listeners,
            unseen,
        } => {
            if listeners
                .iter()
                .any(|(_, listener)| listener.is_encrypted())
            {
                return Ok(Vec::new());
            }
            if let Some(why) = unseen {
                return Err(why.clone());
            }
            let Some((gateway, listener)) = listeners.first() else {
                return Ok(Vec::new());
            };
            Ok(vec![format!(
                "is reached by HTTPRoute {} through listener {} of Gateway {}, which speaks {} without TLS",
                route.metadata.name, listener.name, gateway.metadata.name, listener.protocol
            )])
        }
    }
}

/// One message for each host of an Ingress that no certificate is for.
fn uncovered(ingress: &Ingress) -> Vec<String> {
    let has = |(name, value): &(&str, Option<&str>)| {
        let annotation = ingress.metadata.annotations.get(*name);
        annotation.is_some_and(|found| value.is_none_or(|value| value == found))
    };
    if CERTIFICATES_ELSEWHERE.iter().any(has) {
        return Vec::new();
    }
    let name = &ingress.metadata.name;
    let tls = &ingress.spec.tls;
    if tls.is_empty() {
        return vec![format!("is reached by Ingress {name}, which has no tls")];
    }
    let mut hosts: Vec<Option<&str>> = ingress
        .spec
        .rules
        .iter()
        .map(|rule| rule.host.as_deref())
        .collect();
    hosts.dedup();
    let open = hosts.into_iter().filter(|host| !is_covered(*host, tls));
    open.map(|host| match host {
        Some(host) => {
            format!("is reached by Ingress {name} on host {host}, which no tls entry covers")
        }
        None => {
            format!("is reached by Ingress {name} on every host, and its tls entries cover some")
        }
    })
    .collect()
}

/// Whether a certificate is for a host. An entry without hosts is for all; `*.example.com` is for one label
/// more (Ingress v1, `IngressTLS.hosts`).
fn is_covered(host: Option<&str>, tls: &[IngressTls]) -> bool {
    tls.iter().any(|entry| {
        entry.hosts.is_empty()
            || host.is_some_and(|host| entry.hosts.iter().any(|covered| covers(covered, host)))
    })
}

fn covers(covered: &str, host: &str) -> bool {
    if covered.eq_ignore_ascii_case(host) {
        return true;
    }
    let (Some(domain), Some((first, rest))) = (covered.strip_prefix("*."), host.split_once('.'))
    else {
        return false;
    };
    first != "*" && rest.eq_ignore_ascii_case(domain)
}
