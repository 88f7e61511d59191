//! retry-policy: a small fault is not seen by users.

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, Asked, Check, Covers, Minutes, Text},
    edge::lacking,
    object::{
        Kind,
        mesh::{VirtualService, host_means},
    },
};

pub(super) const CHECK: Check = Check {
    id: "retry-policy",
    title: "No retries to the workload",
    category: Category::Reliability,
    severity: Severity::Low,
    effort: Minutes(30),
    since: "0.1.0",
    profile: Profile::Scale,
    text: Text {
        sees: "A way from outside says nothing of retries: neither an annotation, nor retry of an HTTPRoute or a BackendTrafficPolicy, nor a VirtualService for one of its Services.",
        root_cause: "Retries are somebody else's business: the client's, the mesh's, the library's.",
        scenario: "A pod goes away in the middle of a rollout, and the request that it held is an error for a user.",
        impact: "Errors that a second try would have hidden.",
        fix: "Retry what may be done twice: nginx.ingress.kubernetes.io/proxy-next-upstream, retry of the HTTPRoute, or a middleware retry.",
    },
    links: &["https://gateway-api.sigs.k8s.io/geps/gep-1731/"],
    covers: Covers {
        audit_rows: &[10],
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

const KEYS: [&str; 4] = [
    "nginx.ingress.kubernetes.io/proxy-next-upstream",
    "nginx.ingress.kubernetes.io/proxy-next-upstream-tries",
    "haproxy.org/backend-config-snippet",
    "konghq.com/retries",
];

/// Whether a VirtualService tries again.
fn by_mesh(asked: &Asked<'_>) -> bool {
    let around = &asked.surroundings;
    let services = asked.services().known().unwrap_or_default();
    around.everywhere::<VirtualService>().any(|one| {
        let mut routes = one.spec.http.iter().filter(|route| route.retries.is_some());
        routes.any(|route| {
            route.route.iter().any(|target| {
                services.iter().any(|service| {
                    let name = &service.metadata.name;
                    host_means(
                        &target.destination.host,
                        &one.metadata.namespace,
                        name,
                        around.namespace(),
                    )
                })
            })
        })
    })
}

fn ask(asked: &Asked<'_>) -> Answer {
    lacking(asked, "never tries a failed request again", |edge| {
        edge.annotation(&KEYS).is_some()
            || edge.middleware("retry")
            || edge.traffic_policy(|policy| policy.retry.is_some())
            || by_mesh(asked)
            || edge
                .route()
                .is_some_and(|route| route.spec.rules.iter().any(|rule| rule.retry.is_some()))
    })
}
