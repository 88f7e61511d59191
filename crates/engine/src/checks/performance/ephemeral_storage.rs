//! ephemeral-storage: what a container writes has a bound.

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, Asked, Check, Containers, Covers, Fault, Minutes, Text},
    object::{Container, PodSpec, volume::VolumeMount},
};

pub(super) const CHECK: Check = Check {
    id: "ephemeral-storage",
    title: "No bound on what is written to the node's disk",
    category: Category::Performance,
    severity: Severity::Low,
    effort: Minutes(10),
    since: "0.1.0",
    profile: Profile::Scale,
    text: Text {
        sees: "A container with a writable root filesystem, or one that mounts an emptyDir on disk without sizeLimit, has no request or no limit of ephemeral-storage. Containers that can write nowhere are not asked.",
        root_cause: "Disk seems to be endless until it is not.",
        scenario: "A log or a cache grows until the node's disk is full, and the kubelet evicts pods of everybody.",
        impact: "Pods of others go, and the one that did it may stay.",
        fix: "Set requests and limits of ephemeral-storage, and a sizeLimit on each emptyDir.",
    },
    links: &[
        "https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/#local-ephemeral-storage",
    ],
    covers: Covers {
        audit_rows: &[],
        peers: &[
            "kube-score:container-ephemeral-storage-request-and-limit",
            "kube-score:container-ephemeral-storage-request-equals-limit",
            "kyverno:require-emptydir-requests-limits",
            "gatekeeper:ephemeralstoragelimit",
            "kyverno:add-emptydir-sizelimit",
        ],
    },
    parameters: &[],
    reads: &[],
    ask: Ask::Containers(Containers::Planned, ask),
};

const RESOURCE: &str = "ephemeral-storage";

fn ask(container: &Container<'_>, asked: &Asked<'_>) -> Answer {
    if !writes(container, asked.workload.pod()) {
        return Answer::DoesNotApply;
    }
    let resources = container.resources();
    let has_limit = resources.is_some_and(|one| one.limit(RESOURCE).is_some());
    let has_request = resources.is_some_and(|one| one.request(RESOURCE).is_some());
    match (has_request, has_limit) {
        (_, true) => Answer::Passes,
        (true, false) => {
            let message = "has no limit of what it may write to the node's disk";
            Answer::fails(Fault::in_container(
                container,
                "/resources/limits/ephemeral-storage",
                message,
            ))
        }
        (false, false) => {
            let message = "has neither request nor limit of what it writes to the node's disk";
            Answer::fails(Fault::in_container(container, "/resources", message))
        }
    }
}

/// Whether it can write to the node's disk without a bound of its own.
fn writes(container: &Container<'_>, pod: &PodSpec) -> bool {
    let unbounded = |mount: &VolumeMount| {
        let volume = pod.volumes.iter().find(|volume| volume.name == mount.name);
        let empty = volume.and_then(|volume| volume.empty_dir.as_ref());
        mount.read_only != Some(true)
            && empty.is_some_and(|empty| {
                empty.medium.as_deref() != Some("Memory") && empty.size_limit.is_none()
            })
    };
    container.read_only_root_filesystem() != Some(true)
        || container.spec.volume_mounts.iter().any(unbounded)
}
