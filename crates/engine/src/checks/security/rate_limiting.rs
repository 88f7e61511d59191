//! rate-limiting: nobody can ask as often as they like.

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, Asked, Check, Covers, Minutes, Text},
    edge::lacking,
    object::Kind,
};

pub(super) const CHECK: Check = Check {
    id: "rate-limiting",
    title: "No rate limit at the edge",
    category: Category::Security,
    severity: Severity::High,
    effort: Minutes(30),
    since: "0.1.0",
    profile: Profile::Scale,
    text: Text {
        sees: "A way from outside to the workload has no rate limit: neither an annotation of ingress-nginx, HAProxy or Kong, nor a middleware of Traefik, a BackendTrafficPolicy of Envoy Gateway, a filter of a route, an AWS WAF or Cloud Armor that limits. A limit that is set elsewhere, as by a content delivery network, cannot be seen; say so by an exception.",
        root_cause: "There was never a client that asked too often.",
        scenario: "A script tries a million passwords, or a broken client asks in a loop.",
        impact: "Accounts that are guessed, and a service that is down for everybody because of one.",
        fix: "For ingress-nginx set nginx.ingress.kubernetes.io/limit-rps; for Traefik a middleware rateLimit; for Envoy Gateway rateLimit in a BackendTrafficPolicy.",
    },
    links: &[
        "https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/annotations/#rate-limiting",
    ],
    covers: Covers {
        audit_rows: &[37],
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

/// Annotations by which controllers limit requests.
const KEYS: [&str; 8] = [
    "nginx.ingress.kubernetes.io/limit-rps",
    "nginx.ingress.kubernetes.io/limit-rpm",
    "nginx.ingress.kubernetes.io/limit-connections",
    "nginx.org/limit-req-rate",
    "haproxy.org/rate-limit-requests",
    "haproxy-ingress.github.io/limit-rps",
    "alb.ingress.kubernetes.io/wafv2-acl-arn",
    "konghq.com/plugins",
];

fn ask(asked: &Asked<'_>) -> Answer {
    lacking(asked, "lets everybody ask as often as they like", |edge| {
        edge.annotation(&KEYS).is_some_and(|value| value != "0")
            || edge.middleware("rateLimit")
            || edge.middleware("inFlightReq")
            || edge.traffic_policy(|policy| policy.rate_limit.is_some())
            || edge.extension("RateLimitPolicy")
            || edge.extension("KongPlugin")
    })
}
