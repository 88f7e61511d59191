//! request-id: a request has a name.

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, Asked, Check, Covers, Minutes, Text},
    edge::lacking,
    environment::any_name,
    object::Kind,
};

pub(super) const CHECK: Check = Check {
    id: "request-id",
    title: "No request id",
    category: Category::Monitoring,
    severity: Severity::Low,
    effort: Minutes(15),
    since: "0.1.0",
    profile: Profile::Scale,
    text: Text {
        sees: "A way from outside gives requests no id that can be seen: no header of a route or middleware that is called X-Request-ID, X-Correlation-ID or traceparent, and no tracing in the workload. ingress-nginx and Istio give one by themselves.",
        root_cause: "With one service the time of day was enough to find a request.",
        scenario: "A user reports an error, and nobody finds it among the others of that second.",
        impact: "Faults that cannot be followed from the edge to their cause.",
        fix: "Have the edge set X-Request-ID, and write it into every log line.",
    },
    links: &[
        "https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/configmap/#generate-request-id",
    ],
    covers: Covers {
        audit_rows: &[53],
        peers: &[],
    },
    parameters: &[],
    reads: &[
        Kind::Service,
        Kind::Ingress,
        Kind::HttpRoute,
        Kind::Gateway,
        Kind::Middleware,
        Kind::BackendTrafficPolicy,
        Kind::ConfigMap,
    ],
    ask: Ask::Surroundings(ask),
};

const HEADERS: [&str; 3] = ["x-request-id", "x-correlation-id", "traceparent"];

fn ask(asked: &Asked<'_>) -> Answer {
    let traced = any_name(asked.workload, &asked.surroundings, |name| {
        name.starts_with("OTEL_") || name.starts_with("DD_TRACE")
    });
    let by_trace = traced.known() == Some(true);
    lacking(asked, "gives requests no id", |edge| {
        let class = edge
            .ingress()
            .map(|ingress| ingress.class().unwrap_or("nginx"));
        let by_itself =
            class.is_some_and(|class| class.contains("nginx") || class.contains("istio"));
        let by_route = edge.route().is_some_and(|route| {
            let filters = route.spec.rules.iter().flat_map(|rule| &rule.filters);
            let modifiers = filters.filter_map(|filter| filter.response_header_modifier.as_ref());
            let mut headers = modifiers.flat_map(|one| one.set.iter().chain(&one.add));
            headers.any(|header| HEADERS.contains(&header.name.to_ascii_lowercase().as_str()))
        });
        by_trace
            || by_itself
            || by_route
            || edge.middleware("requestId")
            || edge.middleware("plugin")
    })
}
