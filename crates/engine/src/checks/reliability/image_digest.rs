//! image-digest: what was tested is what runs.

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, Asked, Check, Containers, Covers, Fault, Minutes, Text},
    object::Container,
};

pub(super) const CHECK: Check = Check {
    id: "image-digest",
    title: "Image not pinned by digest",
    category: Category::Reliability,
    severity: Severity::Low,
    effort: Minutes(20),
    since: "0.1.0",
    profile: Profile::Scale,
    text: Text {
        sees: "A container's image names no digest.",
        root_cause: "A tag can be pushed again; only a digest names the very bytes.",
        scenario: "A tag is pushed again with a hot fix, half of the pods have the old bytes and half the new, and both say the same version.",
        impact: "Nobody can tell what ran when, and a stolen registry account reaches production without a release.",
        fix: "Let the release pipeline write the digest behind the tag, as in shop/web:1.4@sha256 and the sum.",
    },
    links: &["https://kubernetes.io/docs/concepts/containers/images/#image-names"],
    covers: Covers {
        audit_rows: &[],
        peers: &[
            "kyverno:require-image-checksum",
            "kubescape:C-0306",
            "checkov:CKV_K8S_43",
            "gatekeeper:imagedigests",
            "datree:23",
            "kics:Image Without Digest",
            "kyverno:resolve-image-to-digest",
        ],
    },
    parameters: &[],
    reads: &[],
    ask: Ask::Containers(Containers::Planned, ask),
};

fn ask(container: &Container<'_>, _: &Asked<'_>) -> Answer {
    let image = &container.spec.image;
    if image.is_empty() {
        return Answer::DoesNotApply;
    }
    let digest = container.image().digest;
    Answer::pass_if(digest.is_some_and(is_digest), || {
        let message = match digest {
            Some(_) => format!("has the image {image}, whose digest is none"),
            None => format!("has the image {image}, which names no digest"),
        };
        Fault::in_container(container, "/image", message)
    })
}

/// `sha256:` and 64 hexadecimal digits, or `sha512:` and 128 (OCI image specification, descriptors).
fn is_digest(digest: &str) -> bool {
    let length = match digest.split_once(':') {
        Some(("sha256", sum)) => Some((sum, 64)),
        Some(("sha512", sum)) => Some((sum, 128)),
        _ => None,
    };
    length.is_some_and(|(sum, length)| {
        sum.len() == length && sum.bytes().all(|byte| byte.is_ascii_hexdigit())
    })
}
