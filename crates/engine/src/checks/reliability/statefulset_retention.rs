//! statefulset-retention: data outlives a mistake.

use crate::{
    api::vocabulary::{Category, Profile, Severity, WorkloadKind},
    check::{Answer, Ask, Asked, Check, Covers, Fault, Minutes, Text},
    fix::Edit,
};

pub(super) const CHECK: Check = Check {
    id: "statefulset-retention",
    title: "Claims deleted with the StatefulSet",
    category: Category::Reliability,
    severity: Severity::Medium,
    effort: Minutes(5),
    since: "0.1.0",
    profile: Profile::Production,
    text: Text {
        sees: "persistentVolumeClaimRetentionPolicy of a StatefulSet with volumeClaimTemplates says Delete for whenDeleted or whenScaled.",
        root_cause: "It keeps test environments tidy.",
        scenario: "Somebody scales to zero for maintenance, or deletes the StatefulSet to change a field that cannot be changed, and the volumes go with the pods.",
        impact: "The data is gone as fast as the storage can delete it.",
        fix: "Set both to Retain, which is the default, and delete claims by hand.",
    },
    links: &[
        "https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#persistentvolumeclaim-retention",
    ],
    covers: Covers {
        audit_rows: &[],
        peers: &[],
    },
    parameters: &[],
    reads: &[],
    ask: Ask::Workload(ask),
};

fn ask(asked: &Asked<'_>) -> Answer {
    let workload = asked.workload;
    if workload.kind != WorkloadKind::StatefulSet || workload.spec.volume_claim_templates.is_empty()
    {
        return Answer::DoesNotApply;
    }
    let retention = workload
        .spec
        .persistent_volume_claim_retention_policy
        .as_ref();
    let fields = [
        (
            "whenDeleted",
            retention.and_then(|one| one.when_deleted.as_deref()),
            "it is deleted",
        ),
        (
            "whenScaled",
            retention.and_then(|one| one.when_scaled.as_deref()),
            "it is scaled down",
        ),
    ];
    let faults = fields
        .into_iter()
        .filter(|(_, said, _)| *said == Some("Delete"));
    let faults = faults.map(|(field, _, when)| {
        let path = format!("/spec/persistentVolumeClaimRetentionPolicy/{field}");
        let at = workload.at(&path);
        let message = format!("loses its data when {when} ({field}: Delete)");
        Fault::new(at.clone(), message).edit(Edit::set(at, "Retain"))
    });
    Answer::from_faults(faults.collect())
}
