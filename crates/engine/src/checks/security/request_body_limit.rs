//! request-body-limit: nobody sends more than is read.

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, Asked, Check, Covers, Minutes, Text},
    edge::{Edge, lacking},
    object::{Kind, edge::Ingress},
};

pub(super) const CHECK: Check = Check {
    id: "request-body-limit",
    title: "No limit on request bodies",
    category: Category::Security,
    severity: Severity::Medium,
    effort: Minutes(15),
    since: "0.1.0",
    profile: Profile::Production,
    text: Text {
        sees: "A way from outside sets no limit on the size of request bodies where its controller has none by default, or takes the limit away (0). ingress-nginx limits to 1 MB where nothing is said, so there only 0 and sizes above one gigabyte fail.",
        root_cause: "An upload was refused once, and the limit was removed rather than raised.",
        scenario: "Somebody sends ten gigabytes, and the application reads them into memory.",
        impact: "The pod is killed, and the next one after it.",
        fix: "Set the size of the largest upload that is meant: nginx.ingress.kubernetes.io/proxy-body-size: 10m, or a middleware buffering of Traefik.",
    },
    links: &[
        "https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/annotations/#custom-max-body-size",
    ],
    covers: Covers {
        audit_rows: &[38, 43],
        peers: &[],
    },
    parameters: &[],
    reads: &[
        Kind::Service,
        Kind::Ingress,
        Kind::HttpRoute,
        Kind::Gateway,
        Kind::Middleware,
    ],
    ask: Ask::Surroundings(ask),
};

const KEYS: [&str; 3] = [
    "nginx.ingress.kubernetes.io/proxy-body-size",
    "nginx.org/client-max-body-size",
    "haproxy-ingress.github.io/proxy-body-size",
];

/// In megabytes. Beyond this a body does not fit into the memory of a pod.
const LARGEST: u64 = 1024;

fn ask(asked: &Asked<'_>) -> Answer {
    lacking(
        asked,
        "takes request bodies of any size",
        |edge| match edge.annotation(&KEYS) {
            Some(size) => is_bounded(size),
            None => {
                is_nginx(edge)
                    || edge.middleware("buffering")
                    || edge.extension("ClientTrafficPolicy")
            }
        },
    )
}

fn is_bounded(size: &str) -> bool {
    let size = size.trim().to_ascii_lowercase();
    let digits: String = size.chars().take_while(char::is_ascii_digit).collect();
    let Ok(number) = digits.parse::<u64>() else {
        return false;
    };
    let megabytes = match size[digits.len()..].chars().next() {
        Some('g') => number.saturating_mul(1024),
        Some('m') => number,
        _ => number / 1024 / 1024,
    };
    number > 0 && megabytes <= LARGEST
}

/// ingress-nginx takes one megabyte where nothing is said.
fn is_nginx(edge: Edge<'_, '_>) -> bool {
    let class = edge.ingress().and_then(Ingress::class);
    class.is_some_and(|class| class.contains("nginx"))
}
