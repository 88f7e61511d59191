//! emptydir-limit: scratch space has a bound.

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, Asked, Check, Covers, Fault, Minutes, Text},
};

pub(super) const CHECK: Check = Check {
    id: "emptydir-limit",
    title: "Scratch space without a bound",
    category: Category::Reliability,
    severity: Severity::Low,
    effort: Minutes(10),
    since: "0.1.0",
    profile: Profile::Scale,
    text: Text {
        sees: "An emptyDir volume has no sizeLimit.",
        root_cause: "Without a bound an emptyDir may fill the node's disk, or with medium Memory the node's memory.",
        scenario: "A log file that nobody rotates fills the disk of the node, and the kubelet evicts pods until there is room, beginning with others.",
        impact: "One application's leak takes its neighbours with it.",
        fix: "Set sizeLimit a little above what the volume ever holds; with medium Memory it counts against the containers' memory limits.",
    },
    links: &["https://kubernetes.io/docs/concepts/storage/volumes/#emptydir"],
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
    let volumes = workload.pod().volumes.iter().enumerate();
    let scratch: Vec<_> = volumes
        .filter_map(|(index, volume)| Some((index, volume, volume.empty_dir.as_ref()?)))
        .collect();
    if scratch.is_empty() {
        return Answer::DoesNotApply;
    }
    let unbounded = scratch
        .into_iter()
        .filter(|(_, _, directory)| directory.size_limit.is_none());
    let faults = unbounded.map(|(index, volume, directory)| {
        let what = match directory.medium.as_deref() {
            Some("Memory") => "memory",
            _ => "disk",
        };
        let at = workload.pod_at("/volumes").index(index);
        let message = format!("volume {} may fill its node's {what}", volume.name);
        Fault::new(at.join("/emptyDir/sizeLimit"), message)
    });
    Answer::from_faults(faults.collect())
}
