//! pod-restarts: what was started stays up.

use std::collections::BTreeSet;

use crate::{
    api::vocabulary::{Category, Profile, Severity, WorkloadKind},
    check::{Answer, Ask, Asked, Check, Covers, Fault, Minutes, Parameter, ParameterKind, Text},
    object::{Kind, Workload, container_status::Trouble, workload::FEWEST_RESTARTS},
};

pub(super) const CHECK: Check = Check {
    id: "pod-restarts",
    title: "Containers that do not stay up",
    category: Category::Reliability,
    severity: Severity::High,
    effort: Minutes(120),
    since: "0.1.0",
    profile: Profile::Baseline,
    text: Text {
        sees: "A container of one of the workload's pods was started again at least as often as the parameter restarts says (5), was killed for its memory, or waits: its image cannot be pulled, it crashes at once, or what it is configured with is missing. A pod that is gone is forgotten.",
        root_cause: "The process ends by itself, its liveness probe kills it, its memory limit is too low, or its image or configuration is not there.",
        scenario: "Fewer replicas answer than were wanted; when the others fail too, or the node is drained, nobody answers.",
        impact: "Errors in bursts, and an outage that waits for its occasion.",
        fix: "Read `kubectl logs --previous` and `kubectl describe pod`, and mend what ends it.",
    },
    links: &["https://kubernetes.io/docs/tasks/debug/debug-application/debug-pods/"],
    covers: Covers {
        audit_rows: &[],
        peers: &["popeye:202", "popeye:203", "popeye:205", "popeye:207"],
    },
    parameters: &[RESTARTS],
    reads: &[Kind::Namespace],
    ask: Ask::Surroundings(ask),
};

const RESTARTS: Parameter = Parameter {
    name: "restarts",
    describes: "How many restarts of a container are too many.",
    kind: ParameterKind::Integer {
        min: FEWEST_RESTARTS,
        max: 100_000,
        default: 5,
    },
};

fn ask(asked: &Asked<'_>) -> Answer {
    let workload = asked.workload;
    if workload.is_made_pod() {
        // Told of the workload that made it.
        return Answer::DoesNotApply;
    }
    let restarts = asked.integer(RESTARTS.name);
    let itself = (workload.kind == WorkloadKind::Pod).then_some(workload);
    let made = asked.surroundings.workloads();
    let made = made.filter(|pod| pod.is_made_pod() && is_pod_of(pod, workload));
    let troubles: BTreeSet<(&str, Trouble)> = itself
        .into_iter()
        .chain(made)
        .flat_map(|pod| pod.status.containers())
        .filter_map(|status| Some((status.name.as_str(), status.trouble(restarts)?)))
        .collect();
    let faults: Vec<Fault> = troubles
        .into_iter()
        .filter_map(|(name, trouble)| {
            let mut containers = workload.containers();
            let container = containers.find(|container| container.name() == name)?;
            Some(Fault::in_container(&container, "", told(trouble)))
        })
        .collect();
    if faults.is_empty() {
        // To be well is no merit of what was written, and comes and goes.
        return Answer::DoesNotApply;
    }
    Answer::from_faults(faults)
}

/// No count: each restart would be news.
fn told(trouble: Trouble) -> &'static str {
    match trouble {
        Trouble::Image => "waits for an image that cannot be pulled",
        Trouble::Configuration => "cannot be started with what it is given",
        Trouble::OutOfMemory => "was killed for using more memory than its limit",
        Trouble::Crashes => "ends and is started again and again",
    }
}

/// A Deployment's pods are those of its ReplicaSets, and a CronJob's those of its Jobs, which have its name with
/// something behind it.
fn is_pod_of(pod: &Workload, workload: &Workload) -> bool {
    pod.metadata.controller().is_some_and(|owner| {
        let between = match workload.kind {
            WorkloadKind::Deployment => Some("ReplicaSet"),
            WorkloadKind::CronJob => Some("Job"),
            _ => None,
        };
        let direct = owner.kind == workload.kind.as_str() && owner.name == workload.name();
        let start = owner.name.rsplit_once('-').map(|(start, _)| start);
        direct || (between == Some(owner.kind.as_str()) && start == Some(workload.name()))
    })
}
