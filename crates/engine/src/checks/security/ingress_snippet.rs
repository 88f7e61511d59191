//! ingress-snippet: nobody writes configuration of the controller.

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, Asked, Check, Covers, Fault, Minutes, Text},
    edge::each_edge,
    object::Kind,
};

pub(super) const CHECK: Check = Check {
    id: "ingress-snippet",
    title: "Snippets in the Ingress",
    category: Category::Security,
    severity: Severity::High,
    effort: Minutes(60),
    since: "0.1.0",
    profile: Profile::Baseline,
    text: Text {
        sees: "An Ingress that leads to the workload has an annotation of ingress-nginx that puts raw configuration into the controller: configuration-snippet, server-snippet, auth-snippet, stream-snippet, modsecurity-snippet, or the likes of nginx.org.",
        root_cause: "What was needed had no annotation of its own.",
        scenario: "Whoever may write an Ingress makes the controller read the token of its own account, and with it every Secret of the cluster (CVE-2021-25742).",
        impact: "The right to write an Ingress becomes the right to everything.",
        fix: "Use the annotation for what is meant (custom-headers, rewrite-target), or a Gateway API filter.",
    },
    links: &["https://github.com/kubernetes/kubernetes/issues/126811"],
    covers: Covers {
        audit_rows: &[],
        peers: &[
            "kubescape:C-0059",
            "trivy:KCV-0093",
            "checkov:CKV_K8S_152",
            "checkov:CKV_K8S_153",
            "checkov:CKV_K8S_154",
            "kyverno:disallow-ingress-nginx-custom-snippets",
            "kyverno:restrict-annotations",
            "kyverno:restrict-ingress-paths",
            "datree:31",
            "datree:32",
        ],
    },
    parameters: &[],
    reads: &[Kind::Service, Kind::Ingress, Kind::HttpRoute, Kind::Gateway],
    ask: Ask::Surroundings(ask),
};

fn ask(asked: &Asked<'_>) -> Answer {
    each_edge(asked, |edge| {
        let annotations = &edge.ingress()?.metadata.annotations;
        let raw = |key: &&String| {
            let ours = key.starts_with("nginx.ingress.kubernetes.io/")
                || key.starts_with("nginx.org/")
                || key.starts_with("haproxy.org/");
            ours && (key.ends_with("-snippet") || key.ends_with("-snippets"))
        };
        let found: Vec<&str> = annotations.keys().filter(raw).map(String::as_str).collect();
        (!found.is_empty()).then(|| {
            let message = format!(
                "{} writes the controller's own configuration ({})",
                edge.title(),
                found.join(", ")
            );
            Fault::new(asked.workload.at("/metadata/name"), message)
        })
    })
}
