//! claim-bound: claims have their volumes.

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, Asked, Check, Covers, Fault, Minutes, Text},
    object::{Kind, storage::PersistentVolumeClaim},
};

pub(super) const CHECK: Check = Check {
    id: "claim-bound",
    title: "Claim without its volume",
    category: Category::Reliability,
    severity: Severity::High,
    effort: Minutes(30),
    since: "0.1.0",
    profile: Profile::Production,
    text: Text {
        sees: "A PersistentVolumeClaim that the workload mounts is Lost, or Pending while the rollout of the workload makes no progress, as their status says in a cluster.",
        root_cause: "The class cannot make a volume in that zone, or the volume was deleted by hand.",
        scenario: "The pod waits for ever, or runs on until its next restart.",
        impact: "A workload that does not start, or data that are gone.",
        fix: "Read kubectl describe pvc: its Events say what is missing.",
    },
    links: &["https://kubernetes.io/docs/concepts/storage/persistent-volumes/#binding"],
    covers: Covers {
        audit_rows: &[],
        peers: &[
            "popeye:1003",
            "popeye:1004",
            "popeye:1000",
            "popeye:1001",
            "popeye:1002",
        ],
    },
    parameters: &[],
    reads: &[Kind::PersistentVolumeClaim],
    ask: Ask::Surroundings(ask),
};

fn ask(asked: &Asked<'_>) -> Answer {
    let workload = asked.workload;
    let volumes = workload.pod().volumes.iter().enumerate();
    let claims: Vec<(usize, &PersistentVolumeClaim)> = volumes
        .filter_map(|(index, volume)| {
            let name = &volume.persistent_volume_claim.as_ref()?.claim_name;
            let claim = asked
                .surroundings
                .named::<PersistentVolumeClaim>(name)
                .known()
                .flatten()?;
            claim.status.phase.is_some().then_some((index, claim))
        })
        .collect();
    if claims.is_empty() {
        return Answer::DoesNotApply;
    }
    // A claim may wait until a pod wants it.
    let is_stuck = workload
        .status
        .conditions
        .iter()
        .any(|condition| condition.kind == "Progressing" && condition.status == "False");
    let faults = claims.into_iter().filter_map(|(index, claim)| {
        let name = &claim.metadata.name;
        let message = match claim.status.phase.as_deref() {
            Some("Lost") => format!("claim {name} has lost its volume"),
            Some("Pending") if is_stuck => format!("claim {name} waits for a volume"),
            _ => return None,
        };
        Some(Fault::new(
            workload.pod_at(&format!("/volumes/{index}")),
            message,
        ))
    });
    let faults: Vec<Fault> = faults.collect();
    if faults.is_empty() {
        // To be well is no merit of what was written, and comes and goes.
        return Answer::DoesNotApply;
    }
    Answer::Fails(faults)
}
