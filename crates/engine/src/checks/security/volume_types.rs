//! volume-types: volumes are of kinds that stay within the pod.

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, Asked, Check, Covers, Fault, Minutes, Text},
    object::volume::Volume,
};

pub(super) const CHECK: Check = Check {
    id: "volume-types",
    title: "Volume of a kind that reaches further",
    category: Category::Security,
    severity: Severity::Low,
    effort: Minutes(30),
    since: "0.1.0",
    profile: Profile::Scale,
    text: Text {
        sees: "A volume's source is none of those of the restricted Pod Security standard: configMap, csi, downwardAPI, emptyDir, ephemeral, image, persistentVolumeClaim, projected, secret. hostPath is asked by host-path.",
        root_cause: "The volume was written before claims, or takes a short way to a server.",
        scenario: "The kind is removed from Kubernetes with an upgrade, or the pod speaks to a file server with no more rights than its address.",
        impact: "Pods that do not start after an upgrade, and data that anybody in the network may read.",
        fix: "Make a PersistentVolumeClaim of it, by a CSI driver.",
    },
    links: &["https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted"],
    covers: Covers {
        audit_rows: &[],
        peers: &[
            "trivy:KSV-0028",
            "kyverno:restrict-volume-types",
            "gatekeeper:volumes",
            "gatekeeper:flexvolume-drivers",
        ],
    },
    parameters: &[],
    reads: &[],
    ask: Ask::Workload(ask),
};

fn ask(asked: &Asked<'_>) -> Answer {
    let workload = asked.workload;
    let volumes = &workload.pod().volumes;
    if volumes.iter().all(Volume::is_injected) {
        return Answer::DoesNotApply;
    }
    let foreign = volumes.iter().enumerate().filter_map(|(index, volume)| {
        let source = volume
            .foreign_source()
            .filter(|source| *source != "hostPath")?;
        let at = workload.pod_at(&format!("/volumes/{index}/{source}"));
        let message = format!(
            "volume {} is of kind {source}, past claims and drivers",
            volume.name
        );
        Some(Fault::new(at, message))
    });
    Answer::from_faults(foreign.collect())
}
