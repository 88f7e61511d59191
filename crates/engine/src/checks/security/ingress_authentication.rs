//! ingress-authentication: somebody asks who is there.

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, Asked, Check, Covers, Minutes, Text},
    edge::lacking,
    object::{Kind, mesh::AuthorizationPolicy},
};

pub(super) const CHECK: Check = Check {
    id: "ingress-authentication",
    title: "Exposed without authentication at the edge",
    category: Category::Security,
    severity: Severity::High,
    effort: Minutes(120),
    since: "0.1.0",
    profile: Profile::Scale,
    text: Text {
        sees: "A way from outside to the workload has no authentication at the edge (auth-url, auth-tls, basic auth, OIDC of the load balancer, a middleware forwardAuth or basicAuth, a SecurityPolicy), no proxy for it in the pod (oauth2-proxy, pomerium, vouch), and no AuthorizationPolicy of Istio for its pods. An application that asks for itself says so by the annotation prodready.dev/authentication on the workload.",
        root_cause: "The application was meant for the inside, or its login was to come later.",
        scenario: "A search engine finds the admin page.",
        impact: "Data and functions that are open to the internet.",
        fix: "Put authentication at the edge, or annotate the workload with prodready.dev/authentication: application (or public, for what is meant to be read by everybody).",
    },
    links: &["https://kubernetes.github.io/ingress-nginx/examples/auth/oauth-external-auth/"],
    covers: Covers {
        audit_rows: &[2],
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

/// Annotations by which controllers ask who is there.
const KEYS: [&str; 10] = [
    "nginx.ingress.kubernetes.io/auth-url",
    "nginx.ingress.kubernetes.io/auth-type",
    "nginx.ingress.kubernetes.io/auth-tls-secret",
    "nginx.ingress.kubernetes.io/enable-global-auth",
    "nginx.org/basic-auth-secret",
    "nginx.org/jwt-key",
    "haproxy.org/auth-type",
    "haproxy-ingress.github.io/auth-url",
    "alb.ingress.kubernetes.io/auth-type",
    "konghq.com/plugins",
];

/// By which a workload says who asks: `application`, or `public` for what anybody may read.
const SAYS: &str = "prodready.dev/authentication";

/// Images that stand before an application and ask.
const PROXIES: [&str; 4] = ["oauth2-proxy", "pomerium", "vouch-proxy", "authelia"];

/// What the workload itself, its pod or its mesh says.
fn said(asked: &Asked<'_>) -> bool {
    let workload = asked.workload;
    let template = &workload.spec.template.metadata;
    let annotations = [&workload.metadata.annotations, &template.annotations];
    let mut containers = workload.planned_containers();
    let mut policies = asked.surroundings.each::<AuthorizationPolicy>();
    annotations
        .iter()
        .any(|annotations| annotations.contains_key(SAYS))
        || containers.any(|container| PROXIES.contains(&container.image().base_name()))
        || policies.any(|policy| {
            let selector = policy.spec.selector.as_ref();
            selector.is_none_or(|selector| selector.matches(workload.pod_labels()))
        })
}

fn ask(asked: &Asked<'_>) -> Answer {
    lacking(asked, "asks nobody who they are", |edge| {
        said(asked)
            || edge.annotation(&KEYS).is_some()
            || ["forwardAuth", "basicAuth", "digestAuth"]
                .iter()
                .any(|kind| edge.middleware(kind))
            || edge.security_policy(|policy| {
                policy.jwt.is_some()
                    || policy.oidc.is_some()
                    || policy.basic_auth.is_some()
                    || policy.api_key_auth.is_some()
                    || policy.ext_auth.is_some()
            })
    })
}
