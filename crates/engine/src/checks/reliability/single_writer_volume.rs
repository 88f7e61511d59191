//! single-writer-volume: one claim has one writer.

use crate::{
    api::vocabulary::{Category, Profile, Severity, WorkloadKind},
    check::{Answer, Ask, Asked, Check, Covers, Fault, Minutes, Text},
    object::{Kind, Workload, storage::PersistentVolumeClaim},
    surroundings::Seen,
};

pub(super) const CHECK: Check = Check {
    id: "single-writer-volume",
    title: "Replicas share a claim for one node",
    category: Category::Reliability,
    severity: Severity::High,
    effort: Minutes(60),
    since: "0.1.0",
    profile: Profile::Baseline,
    text: Text {
        sees: "A Deployment or ReplicaSet mounts a claim whose access mode is ReadWriteOnce or ReadWriteOncePod, and has more than one replica or replaces its pods by a rolling update, so that two pods want it at once. A StatefulSet's own templates are one claim for each pod.",
        root_cause: "A disk can be at one node only, and the manifest that worked with one pod was scaled.",
        scenario: "The second replica, or the new pod of a rollout, waits on another node for a volume that the old one holds.",
        impact: "Rollouts that never end; or two processes on one node write to the same files.",
        fix: "Use a StatefulSet with volumeClaimTemplates, a ReadWriteMany class, or one replica with strategy Recreate.",
    },
    links: &["https://kubernetes.io/docs/concepts/storage/persistent-volumes/#access-modes"],
    covers: Covers {
        audit_rows: &[56],
        peers: &["clusterlint:dobs-pod-owner"],
    },
    parameters: &[],
    reads: &[Kind::PersistentVolumeClaim],
    ask: Ask::Surroundings(ask),
};

fn ask(asked: &Asked<'_>) -> Answer {
    let workload = asked.workload;
    let shares = matches!(
        workload.kind,
        WorkloadKind::Deployment | WorkloadKind::ReplicaSet
    );
    let volumes = workload.pod().volumes.iter().enumerate();
    let claims: Vec<(usize, &str)> = volumes
        .filter_map(|(index, volume)| {
            let claim = volume.persistent_volume_claim.as_ref()?;
            Some((index, claim.claim_name.as_str()))
        })
        .collect();
    if !shares || claims.is_empty() {
        return Answer::DoesNotApply;
    }
    let mut faults = Vec::new();
    for (index, name) in claims {
        let claim = match asked.surroundings.named::<PersistentVolumeClaim>(name) {
            Seen::Known(Some(claim)) => claim,
            // That it is missing is asked elsewhere.
            Seen::Known(None) => continue,
            Seen::NotSeen(why) => return Answer::Unknown(why),
        };
        let modes = &claim.spec.access_modes;
        let single =
            !modes.is_empty() && modes.iter().all(|mode| mode.starts_with("ReadWriteOnce"));
        if let Some(message) = wrong(workload, name).filter(|_| single) {
            let at = workload.pod_at(&format!("/volumes/{index}/persistentVolumeClaim"));
            faults.push(Fault::new(at, message.0).severity(message.1));
        }
    }
    Answer::from_faults(faults)
}

fn wrong(workload: &Workload, claim: &str) -> Option<(String, Severity)> {
    let replicas = workload.replicas();
    if replicas > 1 {
        let message = format!("{replicas} replicas share claim {claim}, which is for one node");
        return Some((message, Severity::High));
    }
    let strategy = workload.spec.strategy.as_ref();
    let recreates = strategy.and_then(|strategy| strategy.kind.as_deref()) == Some("Recreate");
    let rolls = workload.kind == WorkloadKind::Deployment && replicas == 1 && !recreates;
    rolls.then(|| {
        let message = format!("a new pod waits for claim {claim} while the old one holds it");
        (message, Severity::Medium)
    })
}
