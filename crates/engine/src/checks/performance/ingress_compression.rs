//! ingress-compression: text travels compressed.

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, Asked, Check, Covers, Minutes, Text},
    edge::lacking,
    object::{Kind, Workload},
};

pub(super) const CHECK: Check = Check {
    id: "ingress-compression",
    title: "No compression at the edge",
    category: Category::Performance,
    severity: Severity::Low,
    effort: Minutes(15),
    since: "0.1.0",
    profile: Profile::Scale,
    text: Text {
        sees: "Nothing that can be seen compresses what goes out of a way from outside: no middleware compress, no annotation of HAProxy, no policy of a Gateway. ingress-nginx compresses by a setting of its own and by none of an Ingress, so its Ingresses are not asked. An application that compresses itself says so by the annotation prodready.dev/compression.",
        root_cause: "It works without, and nobody measured.",
        scenario: "A page takes a second more on a telephone.",
        impact: "Slow pages, and traffic that is paid for.",
        fix: "Turn compression on at the edge for text, JSON and scripts.",
    },
    links: &["https://doc.traefik.io/traefik/middlewares/http/compress/"],
    covers: Covers {
        audit_rows: &[9],
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
    ],
    ask: Ask::Surroundings(ask),
};

/// By which a workload says who compresses.
const SAYS: &str = "prodready.dev/compression";

/// Annotations by which controllers compress.
const KEYS: [&str; 2] = [
    "haproxy-ingress.github.io/compression",
    "haproxy.org/response-compression",
];

fn ask(asked: &Asked<'_>) -> Answer {
    if is_said(asked.workload) {
        return Answer::Passes;
    }
    lacking(asked, "compresses nothing", |edge| {
        let class = edge
            .ingress()
            .map(|ingress| ingress.class().unwrap_or("nginx"));
        class.is_some_and(|class| class.contains("nginx"))
            || edge.middleware("compress")
            || edge.annotation(&KEYS).is_some()
            || edge.extension("BackendTrafficPolicy")
    })
}

fn is_said(workload: &Workload) -> bool {
    let template = &workload.spec.template.metadata;
    let said = [&workload.metadata.annotations, &template.annotations];
    said.iter()
        .any(|annotations| annotations.contains_key(SAYS))
}
