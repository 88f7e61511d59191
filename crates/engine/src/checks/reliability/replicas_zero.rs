//! replicas-zero: what is deployed runs.

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, Asked, Check, Covers, Fault, Minutes, Text},
    object::Kind,
};

pub(super) const CHECK: Check = Check {
    id: "replicas-zero",
    title: "Scaled to zero",
    category: Category::Reliability,
    severity: Severity::Low,
    effort: Minutes(5),
    since: "0.1.0",
    profile: Profile::Production,
    text: Text {
        sees: "replicas of a Deployment, StatefulSet or ReplicaSet without controller is 0, and no autoscaler that may scale to zero owns the number.",
        root_cause: "It was stopped in an incident, or is a left-over.",
        scenario: "Somebody calls it, or expects what it does, and nothing is there.",
        impact: "A silent gap, or manifests that everybody believes to be alive.",
        fix: "Scale it up to what is needed, or delete it if nobody needs it.",
    },
    links: &[
        "https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#scaling-a-deployment",
    ],
    covers: Covers {
        audit_rows: &[],
        peers: &[
            "popeye:500",
            "kyverno:scale-deployment-zero",
            "kor:all",
            "kor:deployment",
            "kor:statefulset",
            "kyverno:cleanup-bare-pods",
            "kyverno:cleanup-empty-replicasets",
            "popeye:1000",
        ],
    },
    parameters: &[],
    reads: &[Kind::HorizontalPodAutoscaler, Kind::ScaledObject],
    ask: Ask::Workload(ask),
};

fn ask(asked: &Asked<'_>) -> Answer {
    let workload = asked.workload;
    if !workload.is_scalable() || workload.metadata.controller().is_some() {
        return Answer::DoesNotApply;
    }
    let scalers = asked.surroundings.autoscalers(workload).known();
    let may_be_zero = scalers
        .unwrap_or_default()
        .iter()
        .any(|scaler| scaler.min_replicas == 0);
    Answer::pass_if(workload.replicas() > 0 || may_be_zero, || {
        Fault::new(
            workload.at("/spec/replicas"),
            "is scaled to zero, so nothing of it runs",
        )
    })
}
