//! read-only-root-filesystem: nothing can be written over the image.

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, Asked, Check, Containers, Covers, Fault, Minutes, Text},
    fix::Edit,
    object::{Container, ContainerClass},
};

pub(super) const CHECK: Check = Check {
    id: "read-only-root-filesystem",
    title: "Writable root filesystem",
    category: Category::Security,
    severity: Severity::Medium,
    effort: Minutes(60),
    since: "0.1.0",
    profile: Profile::Production,
    text: Text {
        sees: "A container or init container does not set securityContext.readOnlyRootFilesystem to true.",
        root_cause: "Where nothing is said, a container may write over every file of its image that its user may write.",
        scenario: "Somebody who gets into the process puts a program beside yours and starts it, or your process fills the node's disk with files that nobody counts.",
        impact: "An intruder can stay until the next restart, and one pod can have others evicted from its node.",
        fix: "Set securityContext.readOnlyRootFilesystem to true, and mount an emptyDir wherever the process writes, often /tmp.",
    },
    links: &[
        "https://kubernetes.io/docs/tasks/configure-pod-container/security-context/",
        "https://kubernetes.io/docs/concepts/storage/volumes/#emptydir",
    ],
    covers: Covers {
        audit_rows: &[],
        peers: &[
            "kube-linter:no-read-only-root-fs",
            "polaris:notReadOnlyRootFilesystem",
            "kube-score:container-security-context-readonlyrootfilesystem",
            "kyverno:require-ro-rootfs",
            "kubescape:C-0017",
            "trivy:KSV-0014",
            "checkov:CKV_K8S_22",
            "kubesec:ReadOnlyRootFilesystem",
            "gatekeeper:read-only-root-filesystem",
            "datree:45",
            "kics:Root Container Not Mounted As Read-only",
            "kubeaudit:rootfs",
        ],
    },
    parameters: &[],
    reads: &[],
    ask: Ask::Containers(Containers::AllLinux, ask),
};

fn ask(container: &Container<'_>, _: &Asked<'_>) -> Answer {
    const FIELD: &str = "/securityContext/readOnlyRootFilesystem";
    if container.class == ContainerClass::Ephemeral {
        // Somebody looks into a pod with it, and puts tools there.
        return Answer::DoesNotApply;
    }
    let message = match container.read_only_root_filesystem() {
        Some(true) => return Answer::Passes,
        Some(false) => "may write over its image (readOnlyRootFilesystem: false)",
        None => "does not set readOnlyRootFilesystem, so it may write over its image",
    };
    // What the image keeps in /tmp cannot be seen from here, and an emptyDir would hide it: the edit
    // sets the field alone, and the remedy says what is left to do.
    Answer::fails(
        Fault::in_container(container, FIELD, message)
            .remedy(remedy(container))
            .edit(Edit::set_in(container, FIELD, true)),
    )
}

fn remedy(container: &Container<'_>) -> String {
    let writable: Vec<&str> = container
        .spec
        .volume_mounts
        .iter()
        .filter(|mount| mount.read_only != Some(true))
        .map(|mount| mount.mount_path.as_str())
        .collect();
    let set = "Set securityContext.readOnlyRootFilesystem to true";
    if writable.is_empty() {
        format!(
            "{set}, and mount an emptyDir wherever the process writes, often /tmp; no volume is mounted for writing yet."
        )
    } else {
        format!(
            "{set}; {} can be written already, and any other place the process writes needs an emptyDir.",
            writable.join(", ")
        )
    }
}
