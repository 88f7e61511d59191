//! rollback-history: there is a version to go back to.

use crate::{
    api::vocabulary::{Category, Profile, Severity, WorkloadKind},
    check::{Answer, Ask, Asked, Check, Covers, Fault, Minutes, Text},
    fix::Edit,
};

pub(super) const CHECK: Check = Check {
    id: "rollback-history",
    title: "No version to go back to",
    category: Category::Reliability,
    severity: Severity::Medium,
    effort: Minutes(5),
    since: "0.1.0",
    profile: Profile::Production,
    text: Text {
        sees: "A Deployment, StatefulSet or DaemonSet has revisionHistoryLimit 0.",
        root_cause: "Somebody wanted to be rid of old ReplicaSets, and of the way back with them.",
        scenario: "A release breaks the checkout, kubectl rollout undo finds nothing to go back to, and the old manifest has to be found first.",
        impact: "Minutes of outage for every release that goes wrong.",
        fix: "Remove revisionHistoryLimit, which then is 10, or set it to 2 or more.",
    },
    links: &[
        "https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#clean-up-policy",
    ],
    covers: Covers {
        audit_rows: &[18, 23],
        peers: &[
            "datree:41",
            "kor:replicaset",
            "kyverno:cleanup-empty-replicasets",
        ],
    },
    parameters: &[],
    reads: &[],
    ask: Ask::Workload(ask),
};

fn ask(asked: &Asked<'_>) -> Answer {
    let workload = asked.workload;
    let keeps_history = matches!(
        workload.kind,
        WorkloadKind::Deployment | WorkloadKind::StatefulSet | WorkloadKind::DaemonSet
    );
    if !keeps_history {
        return Answer::DoesNotApply;
    }
    let at = workload.at("/spec/revisionHistoryLimit");
    Answer::pass_if(workload.spec.revision_history_limit != Some(0), || {
        Fault::new(at.clone(), "keeps no older version to go back to").edit(Edit::set(at, 5))
    })
}
