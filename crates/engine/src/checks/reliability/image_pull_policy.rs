//! image-pull-policy: the pull policy fits the tag.

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, Asked, Check, Containers, Covers, Fault, Minutes, Text},
    fix::Edit,
    object::Container,
};

pub(super) const CHECK: Check = Check {
    id: "image-pull-policy",
    title: "Pull policy does not fit the tag",
    category: Category::Reliability,
    severity: Severity::Low,
    effort: Minutes(5),
    since: "0.1.0",
    profile: Profile::Production,
    text: Text {
        sees: "A container with a moving or missing tag has an imagePullPolicy other than Always, or one without a digest has Never.",
        root_cause: "A node pulls an image once and keeps it; with a tag that moves, each node keeps another one.",
        scenario: "The same Deployment runs three versions at once, each on the nodes that pulled it that week.",
        impact: "Errors come and go with the node, and nobody can reproduce them.",
        fix: "Use a tag that is pushed once, or set imagePullPolicy to Always; Never is for images that are put onto the nodes by hand.",
    },
    links: &["https://kubernetes.io/docs/concepts/containers/images/#image-pull-policy"],
    covers: Covers {
        audit_rows: &[],
        peers: &[
            "kube-linter:image-pull-policy",
            "polaris:pullPolicyNotAlways",
            "kube-score:container-image-pull-policy",
            "kubescape:C-0075",
            "kyverno:imagepullpolicy-always",
            "checkov:CKV_K8S_15",
            "kics:Image Pull Policy Of The Container Is Not Set To Always",
            "kyverno:always-pull-images",
        ],
    },
    parameters: &[],
    reads: &[],
    ask: Ask::Containers(Containers::Planned, ask),
};

fn ask(container: &Container<'_>, _: &Asked<'_>) -> Answer {
    let image = container.image();
    let Some(policy) = container.spec.image_pull_policy.as_deref() else {
        // The API server's default fits every tag: Always for latest and none, else IfNotPresent.
        return Answer::Passes;
    };
    if image.digest.is_some() {
        return Answer::Passes;
    }
    let moves = image.tag.is_none_or(|tag| tag == "latest");
    let fits = match policy {
        "Always" => true,
        "IfNotPresent" => !moves,
        _ => false,
    };
    Answer::pass_if(fits, || {
        let tag = image.tag.unwrap_or("latest");
        let message = format!("has the tag {tag} with imagePullPolicy {policy}");
        Fault::in_container(container, "/imagePullPolicy", message)
            .edit(Edit::set(container.at("/imagePullPolicy"), "Always"))
    })
}
