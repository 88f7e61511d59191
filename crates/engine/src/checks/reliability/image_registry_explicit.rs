//! image-registry-explicit: every node pulls from the same place.

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, Asked, Check, Containers, Covers, Fault, Minutes, Text},
    fix::Edit,
    object::Container,
};

pub(super) const CHECK: Check = Check {
    id: "image-registry-explicit",
    title: "Image names no registry",
    category: Category::Reliability,
    severity: Severity::Low,
    effort: Minutes(5),
    since: "0.1.0",
    profile: Profile::Scale,
    text: Text {
        sees: "An image names no registry, so that each node's configuration decides where it comes from; or it names k8s.gcr.io, which is frozen.",
        root_cause: "The short name works on every machine that anybody tried.",
        scenario: "A node with another search list pulls an image of the same name from elsewhere, or Docker Hub's limit is reached.",
        impact: "Pods that do not start, or start something else.",
        fix: "Write the registry: docker.io/library/nginx, quay.io/… or your own; registry.k8s.io in the place of k8s.gcr.io.",
    },
    links: &["https://kubernetes.io/docs/concepts/containers/images/#image-names"],
    covers: Covers {
        audit_rows: &[],
        peers: &[
            "clusterlint:fully-qualified-image",
            "kyverno:restrict-deprecated-registry",
            "kubescape:C-0253",
        ],
    },
    parameters: &[],
    reads: &[],
    ask: Ask::Containers(Containers::Planned, ask),
};

/// Registries that get no new images, and where they went.
const FROZEN: [(&str, &str); 1] = [("k8s.gcr.io", "registry.k8s.io")];

fn ask(container: &Container<'_>, _: &Asked<'_>) -> Answer {
    let written = container.spec.image.as_str();
    if written.is_empty() {
        return Answer::DoesNotApply;
    }
    let image = container.image();
    let fault = |message: String, whole: String| {
        let edit = Edit::set_in(container, "/image", whole);
        Answer::fails(Fault::in_container(container, "/image", message).edit(edit))
    };
    let Some(registry) = image.registry else {
        let path = if image.repository.contains('/') {
            ""
        } else {
            "library/"
        };
        let message = format!("takes its image {written} from wherever its node looks");
        return fault(message, format!("docker.io/{path}{written}"));
    };
    match FROZEN.iter().find(|(old, _)| *old == registry) {
        Some((old, new)) => {
            let message = format!("takes its image from {old}, which is frozen");
            fault(message, written.replacen(old, new, 1))
        }
        None => Answer::Passes,
    }
}
