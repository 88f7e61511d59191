//! security-headers: browsers are told what not to do.

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, Asked, Check, Covers, Minutes, Text},
    edge::lacking,
    object::Kind,
};

pub(super) const CHECK: Check = Check {
    id: "security-headers",
    title: "Security headers missing",
    category: Category::Security,
    severity: Severity::Medium,
    effort: Minutes(60),
    since: "0.1.0",
    profile: Profile::Scale,
    text: Text {
        sees: "Nothing that can be seen at a way from outside sets security headers: no filter ResponseHeaderModifier or middleware headers that names Strict-Transport-Security, X-Content-Type-Options, X-Frame-Options or Content-Security-Policy. An application that sets them itself says so by the annotation prodready.dev/security-headers.",
        root_cause: "Headers are nobody's feature, so nobody asks for them.",
        scenario: "A page of the shop is shown inside another site, and users click what they do not see.",
        impact: "Users are harmed through their own browser.",
        fix: "Set the headers at the edge, or in the application, and annotate the workload with prodready.dev/security-headers: application.",
    },
    links: &["https://owasp.org/www-project-secure-headers/"],
    covers: Covers {
        audit_rows: &[4],
        peers: &[],
    },
    parameters: &[],
    reads: &[
        Kind::Service,
        Kind::Ingress,
        Kind::HttpRoute,
        Kind::Gateway,
        Kind::BackendTrafficPolicy,
        Kind::SecurityPolicy,
        Kind::Middleware,
    ],
    ask: Ask::Surroundings(ask),
};

const KEYS: [&str; 3] = [
    "nginx.ingress.kubernetes.io/configuration-snippet",
    "nginx.ingress.kubernetes.io/custom-headers",
    "haproxy.org/response-set-header",
];

const HEADERS: [&str; 5] = [
    "strict-transport-security",
    "content-security-policy",
    "x-frame-options",
    "x-content-type-options",
    "referrer-policy",
];

/// By which a workload says who sets them.
const SAYS: &str = "prodready.dev/security-headers";

fn said(asked: &Asked<'_>) -> bool {
    let workload = asked.workload;
    let template = &workload.spec.template.metadata;
    let annotations = [&workload.metadata.annotations, &template.annotations];
    annotations
        .iter()
        .any(|annotations| annotations.contains_key(SAYS))
}

fn names_header(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    HEADERS.iter().any(|header| text.contains(header))
}

fn ask(asked: &Asked<'_>) -> Answer {
    lacking(asked, "sets none of the security headers", |edge| {
        said(asked)
            || edge.middleware("headers")
            || edge.annotation(&KEYS).is_some_and(names_header)
            || edge.route().is_some_and(|route| {
                let filters = route.spec.rules.iter().flat_map(|rule| &rule.filters);
                let modifiers =
                    filters.filter_map(|filter| filter.response_header_modifier.as_ref());
                let mut headers = modifiers.flat_map(|one| one.set.iter().chain(&one.add));
                headers.any(|header| names_header(&header.name))
            })
    })
}
