//! rollout-healthy: what was asked for runs.

use crate::{
    api::vocabulary::{Category, Profile, Severity, WorkloadKind},
    check::{Answer, Ask, Asked, Check, Covers, Fault, Minutes, Text},
};

pub(super) const CHECK: Check = Check {
    id: "rollout-healthy",
    title: "Rollout is stuck",
    category: Category::Reliability,
    severity: Severity::High,
    effort: Minutes(60),
    since: "0.1.0",
    profile: Profile::Production,
    text: Text {
        sees: "The status of the workload says that its rollout made no progress within its deadline, or that its pods cannot be made (conditions Progressing, ReplicaFailure); of a Job, that it failed. In files there is no status, and one that is well is not counted: health comes and goes.",
        root_cause: "An image that cannot be pulled, a quota, a probe that fails, a node that is full.",
        scenario: "The old version goes on with fewer pods than meant, and nobody looks because the site works.",
        impact: "The next fault meets half the replicas.",
        fix: "Read kubectl describe of the workload and the Events of its newest ReplicaSet; roll back if it cannot be mended at once.",
    },
    links: &[
        "https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#failed-deployment",
    ],
    covers: Covers {
        audit_rows: &[],
        peers: &["popeye:501", "popeye:204", "popeye:1120", "kor:daemonset"],
    },
    parameters: &[],
    reads: &[],
    ask: Ask::Workload(ask),
};

fn ask(asked: &Asked<'_>) -> Answer {
    let workload = asked.workload;
    let conditions = &workload.status.conditions;
    if conditions.is_empty() || workload.kind == WorkloadKind::Pod {
        return Answer::DoesNotApply;
    }
    let holds = |kind: &str, status: &str| {
        conditions
            .iter()
            .find(|condition| condition.kind == kind && condition.status == status)
    };
    let wrong = [
        ("ReplicaFailure", "True", "cannot make its pods"),
        ("Progressing", "False", "made no progress with its rollout"),
        ("Failed", "True", "has failed"),
    ];
    let found = wrong
        .iter()
        .find_map(|(kind, status, what)| Some((holds(kind, status)?, what)));
    match found {
        Some((condition, what)) => {
            let why = condition.message.as_deref().filter(|why| !why.is_empty());
            let message = match why {
                Some(why) => format!("{what}: {why}"),
                None => (*what).to_owned(),
            };
            Answer::fails(Fault::new(workload.at("/metadata/name"), message))
        }
        // To be well is no merit of what was written, and comes and goes.
        None => Answer::DoesNotApply,
    }
}
