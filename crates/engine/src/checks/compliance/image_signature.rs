//! image-signature: nobody runs an image that was not signed.

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, Asked, Check, Covers, Fault, Minutes, Text},
    object::{
        Container, Kind,
        signature::{
            ClusterImagePolicy, ImageValidatingPolicy, KyvernoClusterPolicy, KyvernoPolicy,
        },
    },
    surroundings::{Seen, Surroundings},
};

pub(super) const CHECK: Check = Check {
    id: "image-signature",
    title: "No signature asked of an image",
    category: Category::Compliance,
    severity: Severity::Low,
    effort: Minutes(120),
    since: "0.1.0",
    profile: Profile::Scale,
    text: Text {
        sees: "No policy of Sigstore's policy-controller (ClusterImagePolicy) or of Kyverno (verifyImages, ImageValidatingPolicy) is for an image of the workload. Where something else verifies them, the annotation prodready.dev/image-signature on the workload or its namespace says so.",
        root_cause: "Images are signed by nobody, or signed and not verified.",
        scenario: "Somebody who may push to the registry replaces an image, and every node runs it at the next start.",
        impact: "Foreign code in production, with the rights of the workload.",
        fix: "Sign images where they are built, and let an admission policy verify them.",
    },
    links: &["https://docs.sigstore.dev/policy-controller/overview/"],
    covers: Covers {
        audit_rows: &[],
        peers: &[
            "kyverno:verify-image",
            "kyverno:verify-image-gcpkms",
            "kyverno:verify-image-ivpol",
            "kyverno:verify-image-with-multi-keys",
        ],
    },
    parameters: &[],
    reads: &[
        Kind::Namespace,
        Kind::ClusterImagePolicy,
        Kind::KyvernoClusterPolicy,
        Kind::KyvernoPolicy,
        Kind::ImageValidatingPolicy,
    ],
    ask: Ask::Surroundings(ask),
};

/// By which a workload or its namespace says what verifies its images.
const SAYS: &str = "prodready.dev/image-signature";

fn ask(asked: &Asked<'_>) -> Answer {
    let workload = asked.workload;
    let around = &asked.surroundings;
    let of_namespace = around.namespace_object().known();
    let mut said = [
        &workload.metadata.annotations,
        &workload.spec.template.metadata.annotations,
    ]
    .into_iter()
    .chain(of_namespace.map(|one| &one.metadata.annotations));
    if said.any(|annotations| annotations.contains_key(SAYS)) {
        return Answer::Passes;
    }
    let patterns = patterns(around);
    let bare: Vec<Container<'_>> = workload
        .planned_containers()
        .filter(|container| !container.spec.image.is_empty())
        .filter(|container| !workload.leaves_to_injector(container))
        .filter(|container| !is_covered(&container.spec.image, &patterns))
        .collect();
    if bare.is_empty() {
        return Answer::Passes;
    }
    let unseen = [
        Kind::ClusterImagePolicy,
        Kind::KyvernoClusterPolicy,
        Kind::KyvernoPolicy,
        Kind::ImageValidatingPolicy,
    ]
    .into_iter()
    .find_map(|kind| match around.absent(kind) {
        Seen::Known(()) => None,
        Seen::NotSeen(why) => Some(why),
    });
    if let Some(why) = unseen {
        return Answer::Unknown(why);
    }
    let faults = bare.iter().map(|container| {
        let message = "has an image whose signature nobody verifies";
        Fault::in_container(container, "/image", message)
    });
    Answer::from_faults(faults.collect())
}

fn patterns<'a>(around: &Surroundings<'a>) -> Vec<&'a str> {
    let sigstore = around
        .everywhere::<ClusterImagePolicy>()
        .flat_map(|policy| &policy.spec.images)
        .map(|image| image.glob.as_str());
    let validating = around
        .everywhere::<ImageValidatingPolicy>()
        .flat_map(|policy| &policy.spec.match_image_references)
        .map(|image| image.glob.as_str());
    let kyverno = around
        .everywhere::<KyvernoClusterPolicy>()
        .flat_map(|policy| policy.spec.patterns());
    let own = around
        .each::<KyvernoPolicy>()
        .flat_map(|policy| policy.spec.patterns());
    sigstore
        .chain(validating)
        .chain(kyverno)
        .chain(own)
        .collect()
}

/// Docker Hub's images may be written with or without its name.
fn is_covered(image: &str, patterns: &[&str]) -> bool {
    if patterns.is_empty() {
        return false;
    }
    let (name, _) = image.split_once('@').unwrap_or((image, ""));
    let forms = [
        "",
        "docker.io/",
        "docker.io/library/",
        "index.docker.io/library/",
    ];
    let forms = forms.map(|registry| format!("{registry}{name}"));
    patterns.iter().any(|pattern| {
        forms
            .iter()
            .any(|form| is_like(form, pattern) || is_like(without_tag(form), pattern))
    })
}

fn without_tag(image: &str) -> &str {
    match image.rsplit_once(':') {
        Some((name, tag)) if !tag.contains('/') => name,
        _ => image,
    }
}

/// `*` is any text, for slashes too: of two dialects the wider, since a policy that is there is not to be doubted.
fn is_like(text: &str, pattern: &str) -> bool {
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else {
        return false;
    };
    if !pattern.contains('*') {
        return rest.is_empty();
    }
    let parts: Vec<&str> = parts.collect();
    let (last, middle) = parts.split_last().unwrap_or((&"", &[]));
    for part in middle {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    rest.ends_with(last)
}
