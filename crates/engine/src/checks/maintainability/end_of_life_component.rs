//! end-of-life-component: what runs is still looked after.

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, Asked, Check, Containers, Covers, Fault, Minutes, Text},
    object::Container,
};

pub(super) const CHECK: Check = Check {
    id: "end-of-life-component",
    title: "Component that nobody maintains",
    category: Category::Maintainability,
    severity: Severity::High,
    effort: Minutes(240),
    since: "0.1.0",
    profile: Profile::Production,
    text: Text {
        sees: "An image is of a component that its makers have given up, or whose line they patch no more: Helm's Tiller, ingress-nginx (retired in March 2026), heapster, kube-lego, kubernetes-dashboard before 3, PostgreSQL before 14, MySQL before 8.4, MongoDB before 7, Redis before 7.2, Elasticsearch before 8, Node.js before 22, Python before 3.10, and the images of Bitnami's legacy registry.",
        root_cause: "It works, and an update is nobody's feature.",
        scenario: "A hole is found, and there will be no patch.",
        impact: "A move in a hurry, instead of one that was planned.",
        fix: "Move to what has taken its place; the finding names the version or product.",
    },
    links: &["https://endoflife.date/"],
    covers: Covers {
        audit_rows: &[],
        peers: &[
            "kyverno:disallow-helm-tiller",
            "kyverno:check-ingress-nginx-controller-version-and-annotation-policy",
            "trivy:KSV-0102",
            "checkov:CKV_K8S_34",
            "checkov:CKV_K8S_44",
            "checkov:CKV_K8S_45",
            "kubescape:C-0292",
            "kubescape:C-0081",
            "kubescape:C-0090",
            "kubescape:C-0091",
            "eksup:K8S013",
            "kics:Tiller (Helm v2) Is Deployed",
        ],
    },
    parameters: &[],
    reads: &[],
    ask: Ask::Containers(Containers::Planned, ask),
};

/// Images of what is given up: the end of the repository, and what to use instead.
const GIVEN_UP: [(&str, &str); 6] = [
    ("tiller", "Helm 3 and later need none"),
    (
        "ingress-nginx/controller",
        "ingress-nginx was retired in March 2026; use a Gateway API implementation",
    ),
    ("heapster", "use metrics-server"),
    ("kube-lego", "use cert-manager"),
    ("kubernetes-dashboard-amd64", "use Headlamp"),
    ("weaveworks/weave-kube", "use another network plugin"),
];

/// Lines that are patched no more: the image's name, and the first line that is. Sources: the projects' own release
/// policies, as of November 2026.
const LINES: [(&str, (u32, u32)); 9] = [
    ("postgres", (14, 0)),
    ("mysql", (8, 4)),
    ("mariadb", (10, 11)),
    ("mongo", (7, 0)),
    ("redis", (7, 2)),
    ("elasticsearch", (8, 0)),
    ("node", (22, 0)),
    ("python", (3, 10)),
    ("rabbitmq", (3, 13)),
];

fn ask(container: &Container<'_>, _: &Asked<'_>) -> Answer {
    let image = container.image();
    if container.spec.image.is_empty() {
        return Answer::DoesNotApply;
    }
    let repository = image.repository;
    let given_up = GIVEN_UP
        .iter()
        .find(|(end, _)| repository == *end || repository.ends_with(&format!("/{end}")));
    if let Some((_, instead)) = given_up {
        let message = format!(
            "runs {}, which nobody maintains: {instead}",
            image.base_name()
        );
        return Answer::fails(Fault::in_container(container, "/image", message));
    }
    if repository.starts_with("bitnamilegacy/") {
        let message = "runs an image of Bitnami's legacy registry, which is never built again";
        return Answer::fails(Fault::in_container(container, "/image", message));
    }
    let base = image.base_name();
    let line = LINES.iter().find(|(name, _)| *name == base);
    match (line, image.tag.and_then(version)) {
        (Some((_, first)), Some(own)) if own < *first => {
            let message = format!(
                "runs {base} {}, whose line is patched no more; use {}.{} or later",
                image.tag.unwrap_or_default(),
                first.0,
                first.1
            );
            Answer::fails(
                Fault::in_container(container, "/image", message).severity(Severity::Medium),
            )
        }
        _ => Answer::Passes,
    }
}

/// Major and minor version at the beginning of a tag. A major version alone is the newest of its line.
fn version(tag: &str) -> Option<(u32, u32)> {
    let numbers = tag.trim_start_matches('v').split('-').next()?;
    let mut parts = numbers.split('.');
    let major = parts.next()?.parse().ok()?;
    let minor = match parts.next() {
        Some(part) => part.parse().ok()?,
        None => u32::MAX,
    };
    Some((major, minor))
}
