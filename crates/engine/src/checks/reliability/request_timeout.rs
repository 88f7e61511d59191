//! request-timeout: a request that hangs comes to an end.

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, Asked, Check, Covers, Minutes, Text},
    edge::lacking,
    object::Kind,
};

pub(super) const CHECK: Check = Check {
    id: "request-timeout",
    title: "No timeout at the edge",
    category: Category::Reliability,
    severity: Severity::High,
    effort: Minutes(15),
    since: "0.1.0",
    profile: Profile::Scale,
    text: Text {
        sees: "A way from outside sets no timeout for requests: neither an annotation, nor timeouts of an HTTPRoute, nor a BackendTrafficPolicy. Controllers have defaults of a minute and more, or none; what is meant for this workload is known by nobody else.",
        root_cause: "Requests are fast until something behind them hangs.",
        scenario: "A query hangs, each request holds a connection for a minute, and in that minute all connections are taken.",
        impact: "One slow dependency takes everything down.",
        fix: "Set the time that the slowest good request needs, and a little: nginx.ingress.kubernetes.io/proxy-read-timeout, or timeouts.request of the HTTPRoute.",
    },
    links: &["https://gateway-api.sigs.k8s.io/guides/http-timeouts/"],
    covers: Covers {
        audit_rows: &[12],
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

const KEYS: [&str; 8] = [
    "nginx.ingress.kubernetes.io/proxy-read-timeout",
    "nginx.ingress.kubernetes.io/proxy-send-timeout",
    "nginx.org/proxy-read-timeout",
    "haproxy.org/timeout-server",
    "haproxy-ingress.github.io/timeout-server",
    "konghq.com/read-timeout",
    "alb.ingress.kubernetes.io/load-balancer-attributes",
    "traefik.ingress.kubernetes.io/service.serverstransport",
];

fn ask(asked: &Asked<'_>) -> Answer {
    lacking(asked, "sets no timeout for requests", |edge| {
        edge.annotation(&KEYS).is_some()
            || edge.traffic_policy(|policy| policy.timeout.is_some())
            || edge.route().is_some_and(|route| {
                !route.spec.rules.is_empty()
                    && route.spec.rules.iter().all(|rule| rule.timeouts.is_some())
            })
    })
}
