//! image-tag: the same manifest always runs the same code.

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{
        Answer, Ask, Asked, Check, Containers, Covers, Fault, Minutes, Parameter, ParameterKind,
        Text,
    },
    object::Container,
};

const MOVING: Parameter = Parameter {
    name: "movingTags",
    describes: "Tags that are pushed again and again, compared without regard to case.",
    kind: ParameterKind::Texts {
        default: &[
            "latest", "stable", "edge", "nightly", "main", "master", "dev", "develop", "head",
            "canary", "snapshot",
        ],
    },
};

pub(super) const CHECK: Check = Check {
    id: "image-tag",
    title: "Image tag that moves",
    category: Category::Reliability,
    severity: Severity::High,
    effort: Minutes(15),
    since: "0.1.0",
    profile: Profile::Baseline,
    text: Text {
        sees: "An image has no tag, or a tag that is pushed again and again, and no digest.",
        root_cause: "A moving tag means whatever was pushed last, and each node keeps the one it happened to pull.",
        scenario: "A pod that is moved to another node comes back with other code, without a deploy, and a rollback goes to the same tag and changes nothing.",
        impact: "An outage that no change explains, and no way back from it.",
        fix: "Use a tag that is pushed once, such as a version or a commit, or better the image's digest.",
    },
    links: &["https://kubernetes.io/docs/concepts/containers/images/#image-names"],
    covers: Covers {
        audit_rows: &[],
        peers: &[
            "kube-linter:latest-tag",
            "polaris:tagNotSpecified",
            "kube-score:container-image-tag",
            "popeye:100",
            "popeye:101",
            "kyverno:disallow-latest-tag",
            "trivy:KSV-0013",
            "checkov:CKV_K8S_14",
            "gatekeeper:disallowedtags",
            "datree:1",
            "clusterlint:latest-tag",
            "kics:Invalid Image",
            "kubeaudit:image",
            "kubescape:C-0304",
            "redhat-cop:BESTPRACT-00003",
        ],
    },
    parameters: &[MOVING],
    reads: &[],
    ask: Ask::Containers(Containers::All, ask),
};

fn ask(container: &Container<'_>, asked: &Asked<'_>) -> Answer {
    let image = container.image();
    if container.spec.image.is_empty() || asked.workload.leaves_to_injector(container) {
        return Answer::DoesNotApply;
    }
    if image.is_pinned() {
        return Answer::Passes;
    }
    let at = |message: String| Answer::fails(Fault::in_container(container, "/image", message));
    let written = &container.spec.image;
    match (image.digest, image.tag) {
        (Some(digest), _) => at(format!(
            "has the image {written}, whose digest {digest} is malformed"
        )),
        (None, None) => at(format!(
            "has the image {written} without a tag, which means latest"
        )),
        (None, Some(tag))
            if asked
                .texts(MOVING.name)
                .iter()
                .any(|moving| moving.eq_ignore_ascii_case(tag)) =>
        {
            at(format!("has the image {written}, whose tag moves"))
        }
        (None, Some(_)) => Answer::Passes,
    }
}
