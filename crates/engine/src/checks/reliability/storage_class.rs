//! storage-class: data can grow, and outlives its claim.

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, Asked, Check, Covers, Fault, Minutes, Text},
    object::{
        Kind,
        storage::{PersistentVolumeClaim, StorageClass},
    },
    surroundings::Seen,
};

pub(super) const CHECK: Check = Check {
    id: "storage-class",
    title: "Storage class unfit for data",
    category: Category::Reliability,
    severity: Severity::Medium,
    effort: Minutes(60),
    since: "0.1.0",
    profile: Profile::Production,
    text: Text {
        sees: "A claim of a workload that keeps data (a claim it mounts, or a template of a StatefulSet) names a StorageClass that does not exist; or one that cannot grow (allowVolumeExpansion) or deletes the volume with its claim (reclaimPolicy Delete).",
        root_cause: "The default class of a cluster is made for tests.",
        scenario: "The disk is full, and cannot be made larger; or a claim is deleted by mistake, and the data are gone within seconds.",
        impact: "Hours of copying, or data that are lost.",
        fix: "Use a class with allowVolumeExpansion: true and reclaimPolicy: Retain for databases.",
    },
    links: &["https://kubernetes.io/docs/concepts/storage/storage-classes/"],
    covers: Covers {
        audit_rows: &[],
        peers: &[
            "kyverno:require-storageclass",
            "kyverno:restrict-storageclass",
            "gatekeeper:storageclass",
        ],
    },
    parameters: &[],
    reads: &[Kind::PersistentVolumeClaim, Kind::StorageClass],
    ask: Ask::Surroundings(ask),
};

fn ask(asked: &Asked<'_>) -> Answer {
    let workload = asked.workload;
    let around = &asked.surroundings;
    if !asked.role().keeps_data() {
        return Answer::DoesNotApply;
    }
    let templates = workload.spec.volume_claim_templates.iter().enumerate();
    let templates = templates.map(|(index, claim)| {
        let at = workload.at(&format!("/spec/volumeClaimTemplates/{index}"));
        (at, claim.metadata.name.as_str(), &claim.spec)
    });
    let volumes = workload.pod().volumes.iter().enumerate();
    let claims = volumes.filter_map(|(index, volume)| {
        let name = volume.persistent_volume_claim.as_ref()?.claim_name.as_str();
        let claim = around
            .named::<PersistentVolumeClaim>(name)
            .known()
            .flatten()?;
        Some((
            workload.pod_at(&format!("/volumes/{index}")),
            name,
            &claim.spec,
        ))
    });
    let mut faults = Vec::new();
    let mut any = false;
    for (at, name, spec) in templates.chain(claims) {
        any = true;
        let class = match spec.storage_class_name.as_deref() {
            Some("") => continue,
            Some(named) => match around.at::<StorageClass>("", named) {
                Seen::NotSeen(why) => return Answer::Unknown(why),
                Seen::Known(None) => {
                    let message =
                        format!("claim {name} names the StorageClass {named}, which there is not");
                    faults.push(Fault::new(at, message).severity(Severity::High));
                    continue;
                }
                Seen::Known(Some(class)) => class,
            },
            None => match around
                .everywhere::<StorageClass>()
                .find(|class| class.is_default())
            {
                Some(class) => class,
                None => match around.absent(Kind::StorageClass) {
                    Seen::NotSeen(why) => return Answer::Unknown(why),
                    Seen::Known(()) => {
                        let message = format!(
                            "claim {name} names no StorageClass, and there is no default one"
                        );
                        faults.push(Fault::new(at, message).severity(Severity::High));
                        continue;
                    }
                },
            },
        };
        let own = &class.metadata.name;
        if class.allow_volume_expansion != Some(true) {
            faults.push(Fault::new(
                at.clone(),
                format!("claim {name} is of class {own}, which cannot grow"),
            ));
        }
        if class.reclaim_policy.as_deref().unwrap_or("Delete") == "Delete" {
            let message =
                format!("claim {name} is of class {own}, which deletes data with the claim");
            faults.push(Fault::new(at, message));
        }
    }
    if any {
        Answer::from_faults(faults)
    } else {
        Answer::DoesNotApply
    }
}
