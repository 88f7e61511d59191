//! privileged-container: no container with the node's own rights.

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, Asked, Check, Containers, Covers, Fault, Minutes, Text},
    fix::Edit,
    object::Container,
};

pub(super) const CHECK: Check = Check {
    id: "privileged-container",
    title: "Privileged container",
    category: Category::Security,
    severity: Severity::Critical,
    effort: Minutes(60),
    since: "0.1.0",
    profile: Profile::Baseline,
    text: Text {
        sees: "A container, init container or ephemeral container sets securityContext.privileged to true.",
        root_cause: "Privileged turns off every wall between the container and its node: devices, capabilities, seccomp and AppArmor.",
        scenario: "Somebody who gets into the process owns the node and, with the node's credentials, every pod on it.",
        impact: "One bug in one application becomes a breach of the cluster.",
        fix: "Remove privileged, and add only the capability or device the process really needs.",
    },
    links: &[
        "https://kubernetes.io/docs/concepts/security/pod-security-standards/#baseline",
        "https://kubernetes.io/docs/tasks/configure-pod-container/security-context/",
    ],
    covers: Covers {
        audit_rows: &[],
        peers: &[
            "kube-linter:privileged-container",
            "polaris:runAsPrivileged",
            "kube-score:container-security-context-privileged",
            "kubescape:C-0057",
            "trivy:KSV-0017",
            "kyverno:disallow-privileged-containers",
            "checkov:CKV_K8S_16",
            "checkov:CKV_K8S_2",
            "clusterlint:privileged-containers",
            "datree:20",
            "gatekeeper:privileged-containers",
            "kics:Container Is Privileged",
            "kubeaudit:privileged",
            "kubescape:C-0193",
            "kubescape:C-0213",
            "kubesec:Privileged",
        ],
    },
    parameters: &[],
    reads: &[],
    ask: Ask::Containers(Containers::All, ask),
};

fn ask(container: &Container<'_>, _: &Asked<'_>) -> Answer {
    const FIELD: &str = "/securityContext/privileged";
    Answer::pass_if(!container.is_privileged(), || {
        Fault::in_container(
            container,
            FIELD,
            "runs privileged, with all rights of its node",
        )
        .edit(Edit::set_in(container, FIELD, false))
    })
}
