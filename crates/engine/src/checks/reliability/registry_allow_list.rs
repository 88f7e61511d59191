//! registry-allow-list: images come from registries that are known.

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{
        Answer, Ask, Asked, Check, Containers, Covers, Fault, Minutes, Parameter, ParameterKind,
        Text,
    },
    object::{Container, image::ImageReference},
};

pub(super) const CHECK: Check = Check {
    id: "registry-allow-list",
    title: "Image from a registry that is not allowed",
    category: Category::Reliability,
    severity: Severity::Medium,
    effort: Minutes(30),
    since: "0.1.0",
    profile: Profile::Production,
    text: Text {
        sees: "The registry and repository of an image match none of the policy's allowed prefixes, or one of its denied ones. Without the parameters it asks nothing. A prefix ends at a slash or at the whole name, so that good.io does not allow good.io.example; images without registry count as docker.io, and those without a path as docker.io/library.",
        root_cause: "Anybody can push to a public registry, and names look alike.",
        scenario: "An image is deleted or replaced by its owner, or the registry limits how often it may be pulled.",
        impact: "Nodes cannot start the pod, or start what somebody else wrote.",
        fix: "Copy the image to a registry of your own, and name that.",
    },
    links: &["https://kubernetes.io/docs/concepts/containers/images/"],
    covers: Covers {
        audit_rows: &[],
        peers: &[
            "popeye:113",
            "kubescape:C-0001",
            "kubescape:C-0078",
            "kyverno:restrict-image-registries",
            "kyverno:allowed-image-repos",
            "kyverno:advanced-restrict-image-registries",
            "trivy:KSV-0125",
            "trivy:KSV-0032",
            "trivy:KSV-0033",
            "trivy:KSV-0034",
            "trivy:KSV-0035",
            "gatekeeper:allowedrepos",
            "gatekeeper:allowedreposv2",
            "gatekeeper:disallowedrepos",
            "kyverno:prepend-image-registry",
            "kyverno:replace-image-registry",
            "kyverno:replace-image-registry-with-harbor",
            "polaris:imageRegistry",
            "redhat-cop:BESTPRACT-00004",
        ],
    },
    parameters: &[ALLOWED, DENIED],
    reads: &[],
    ask: Ask::Containers(Containers::All, ask),
};

const ALLOWED: Parameter = Parameter {
    name: "allowed",
    describes: "Registries and repositories that images may come from, such as registry.example.com/shop.",
    kind: ParameterKind::Texts { default: &[] },
};

const DENIED: Parameter = Parameter {
    name: "denied",
    describes: "Registries and repositories that images must not come from.",
    kind: ParameterKind::Texts { default: &[] },
};

fn ask(container: &Container<'_>, asked: &Asked<'_>) -> Answer {
    let (allowed, denied) = (asked.texts(ALLOWED.name), asked.texts(DENIED.name));
    if allowed.is_empty() && denied.is_empty() || container.spec.image.is_empty() {
        return Answer::DoesNotApply;
    }
    let image = container.image();
    let name = full_name(&image);
    let among = |list: &[String]| list.iter().any(|prefix| begins(&name, prefix));
    let wrong = (!allowed.is_empty() && !among(allowed)) || among(denied);
    Answer::pass_if(!wrong, || {
        let message = format!("takes its image from {name}, which is not allowed");
        Fault::in_container(container, "/image", message)
    })
}

/// With what the runtime fills in.
fn full_name(image: &ImageReference<'_>) -> String {
    match image.registry {
        Some(registry) => format!("{registry}/{}", image.repository),
        None if image.repository.contains('/') => format!("docker.io/{}", image.repository),
        None => format!("docker.io/library/{}", image.repository),
    }
}

fn begins(name: &str, prefix: &str) -> bool {
    let prefix = prefix.trim_end_matches('*').trim_end_matches('/');
    name.strip_prefix(prefix)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}
