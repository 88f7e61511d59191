//! update-strategy: a rollout keeps somebody answering.

use crate::{
    api::vocabulary::{Category, Profile, Severity, WorkloadKind},
    check::{Answer, Ask, Asked, Check, Covers, Fault, Minutes, Text},
    fix::Edit,
    object::{Workload, port::IntOrString},
};

pub(super) const CHECK: Check = Check {
    id: "update-strategy",
    title: "Rollout takes all pods at once",
    category: Category::Reliability,
    severity: Severity::Medium,
    effort: Minutes(10),
    since: "0.1.0",
    profile: Profile::Production,
    text: Text {
        sees: "A Deployment with ports replaces its pods by Recreate, or by a rolling update whose maxUnavailable lets all of them go at once. One with a volume that only a single pod may use has no other way and is not asked about Recreate when it has one replica.",
        root_cause: "Recreate ends every old pod before the first new one starts, and maxUnavailable 100% means the same.",
        scenario: "A release goes out in the middle of the day, and for as long as the new version takes to start nobody answers.",
        impact: "Every release is a short outage, and one whose image cannot be pulled a long one.",
        fix: "Use RollingUpdate with maxUnavailable 25% or 0, and maxSurge 25% or 1.",
    },
    links: &["https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#strategy"],
    covers: Covers {
        audit_rows: &[],
        peers: &[
            "kube-linter:no-rolling-update-strategy",
            "kube-score:deployment-strategy",
            "kube-linter:update-configuration",
            "kubescape:C-0305",
        ],
    },
    parameters: &[],
    reads: &[],
    ask: Ask::Workload(ask),
};

fn ask(asked: &Asked<'_>) -> Answer {
    let workload = asked.workload;
    let serves = workload
        .containers()
        .any(|container| !container.spec.ports.is_empty());
    if workload.kind != WorkloadKind::Deployment || !serves || workload.replicas() == 0 {
        return Answer::DoesNotApply;
    }
    let strategy = workload.spec.strategy.as_ref();
    let kind = strategy.and_then(|strategy| strategy.kind.as_deref());
    if kind == Some("Recreate") {
        return recreate(workload);
    }
    let bound = strategy
        .and_then(|strategy| strategy.rolling_update.as_ref())
        .and_then(|rolling| rolling.max_unavailable.as_ref());
    let replicas = workload.replicas();
    let goes = bound.and_then(|bound| rounded_down(bound, replicas));
    Answer::pass_if(goes.is_none_or(|goes| goes < replicas), || {
        let at = workload.at("/spec/strategy/rollingUpdate/maxUnavailable");
        let message = format!("lets all of its {replicas} pods go at once in a rollout");
        Fault::new(at.clone(), message).edit(Edit::set(at, "25%"))
    })
}

fn recreate(workload: &Workload) -> Answer {
    let claims = workload.pod().volumes.iter();
    let has_claim = claims
        .into_iter()
        .any(|volume| volume.persistent_volume_claim.is_some());
    if has_claim && workload.replicas() == 1 {
        return Answer::DoesNotApply;
    }
    Answer::fails(Fault::new(
        workload.at("/spec/strategy/type"),
        "ends all of its pods before the first new one starts (Recreate)",
    ))
}

/// The deployment controller rounds maxUnavailable down, and takes one at least where neither bound lets any go.
fn rounded_down(bound: &IntOrString, replicas: i64) -> Option<i64> {
    match bound {
        IntOrString::Int(number) => Some(*number),
        IntOrString::Text(text) => {
            let percent: i64 = text.strip_suffix('%')?.parse().ok()?;
            Some(percent.saturating_mul(replicas) / 100)
        }
    }
}
