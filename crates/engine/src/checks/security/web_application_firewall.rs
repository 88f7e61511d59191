//! web-application-firewall: known attacks stop at the edge.

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, Asked, Check, Covers, Minutes, Text},
    edge::lacking,
    environment::switched_off,
    object::Kind,
};

pub(super) const CHECK: Check = Check {
    id: "web-application-firewall",
    title: "No web application firewall",
    category: Category::Security,
    severity: Severity::Medium,
    effort: Minutes(120),
    since: "0.1.0",
    profile: Profile::Scale,
    text: Text {
        sees: "A way from outside has no web application firewall that can be seen: ModSecurity or Coraza of the controller, AWS WAF, Cloud Armor, or Azure's. One that stands before the cluster, as of a content delivery network, cannot be seen; say so by an exception.",
        root_cause: "A firewall needs rules, and rules need somebody who looks at them.",
        scenario: "A new flaw in a library is tried on every address of the internet within hours.",
        impact: "The time between a flaw and its patch is open.",
        fix: "Turn on ModSecurity with the core rule set, or attach the WAF of your cloud.",
    },
    links: &[
        "https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/annotations/#modsecurity",
        "https://owasp.org/www-project-modsecurity-core-rule-set/",
    ],
    covers: Covers {
        audit_rows: &[39],
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

/// Annotations that switch one on.
const SWITCHES: [&str; 3] = [
    "nginx.ingress.kubernetes.io/enable-modsecurity",
    "appprotect.f5.com/app-protect-enable",
    "alb.ingress.kubernetes.io/waf-fail-open",
];

/// Annotations that name one.
const NAMES: [&str; 6] = [
    "alb.ingress.kubernetes.io/wafv2-acl-arn",
    "alb.ingress.kubernetes.io/waf-acl-id",
    "alb.ingress.kubernetes.io/web-acl-id",
    "appgw.ingress.kubernetes.io/waf-policy-for-path",
    "haproxy-ingress.github.io/waf",
    "networking.gke.io/security-policy",
];

fn ask(asked: &Asked<'_>) -> Answer {
    lacking(asked, "has no web application firewall", |edge| {
        let on = |value: &str| !switched_off(value);
        edge.annotation(&SWITCHES).is_some_and(on)
            || edge.annotation(&NAMES).is_some()
            || ["coraza", "modsecurity"]
                .iter()
                .any(|kind| edge.middleware(kind))
            || edge.middleware("plugin")
    })
}
