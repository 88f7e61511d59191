//! certificate-expiry: certificates are there and renewed.

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, Asked, Check, Covers, Fault, Minutes, Text},
    edge::each_edge,
    object::{Kind, edge_policy::Certificate},
};

pub(super) const CHECK: Check = Check {
    id: "certificate-expiry",
    title: "Certificate not ready",
    category: Category::Security,
    severity: Severity::High,
    effort: Minutes(60),
    since: "0.1.0",
    profile: Profile::Production,
    text: Text {
        sees: "A Certificate of cert-manager for a Secret that an Ingress of the workload uses is not Ready, in a cluster; without Certificates for it, nothing is asked. cert-manager says itself when the end is near and the renewal fails.",
        root_cause: "The issuer's account, the DNS record or a rate limit stops the renewal, and nobody reads its conditions.",
        scenario: "On a Sunday the old certificate ends.",
        impact: "Every browser and client refuses the service at once.",
        fix: "Read kubectl describe certificate, and mend what its condition says.",
    },
    links: &["https://cert-manager.io/docs/usage/certificate/"],
    covers: Covers {
        audit_rows: &[],
        peers: &[],
    },
    parameters: &[],
    reads: &[
        Kind::Certificate,
        Kind::Service,
        Kind::Ingress,
        Kind::HttpRoute,
        Kind::Gateway,
    ],
    ask: Ask::Surroundings(ask),
};

fn ask(asked: &Asked<'_>) -> Answer {
    let around = &asked.surroundings;
    if around.each::<Certificate>().next().is_none() {
        return Answer::DoesNotApply;
    }
    each_edge(asked, |edge| {
        let ingress = edge.ingress()?;
        let secrets: Vec<&str> = ingress
            .spec
            .tls
            .iter()
            .filter_map(|tls| tls.secret_name.as_deref())
            .collect();
        let mut certificates = around.each::<Certificate>();
        let certificate = certificates.find(|one| {
            secrets.contains(&one.spec.secret_name.as_str()) && not_ready(one).is_some()
        })?;
        let why = not_ready(certificate)?;
        let message = format!(
            "Certificate {} of {} is not ready: {why}",
            certificate.metadata.name,
            edge.title()
        );
        Some(Fault::new(asked.workload.at("/metadata/name"), message))
    })
}

/// Why a certificate is not ready, where its issuer says so.
fn not_ready(certificate: &Certificate) -> Option<&str> {
    let conditions = &certificate.status.conditions;
    let ready = conditions
        .iter()
        .find(|condition| condition.kind == "Ready")?;
    (ready.status == "False").then(|| {
        ready
            .message
            .as_deref()
            .unwrap_or("its issuer does not say why")
    })
}
