//! progress-deadline: a rollout that is stuck is noticed.

use crate::{
    api::vocabulary::{Category, Profile, Severity, WorkloadKind},
    check::{Answer, Ask, Asked, Check, Covers, Fault, Minutes, Text},
    fix::Edit,
};

pub(super) const CHECK: Check = Check {
    id: "progress-deadline",
    title: "Rollout never counts as failed",
    category: Category::Reliability,
    severity: Severity::Low,
    effort: Minutes(5),
    since: "0.1.0",
    profile: Profile::Production,
    text: Text {
        sees: "progressDeadlineSeconds of a Deployment is above one hour, or not longer than minReadySeconds; or the Deployment is paused.",
        root_cause: "It was raised for one slow rollout, or set to the greatest number to silence an alert.",
        scenario: "A release with a broken image waits for ever, and the pipeline says that it is still going on.",
        impact: "The failure is found by whoever needed the release.",
        fix: "Leave 600 seconds, or set a few times what a pod needs to get ready; resume a paused Deployment.",
    },
    links: &[
        "https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#progress-deadline-seconds",
    ],
    covers: Covers {
        audit_rows: &[],
        peers: &["eksup:K8S003"],
    },
    parameters: &[],
    reads: &[],
    ask: Ask::Workload(ask),
};

/// In seconds. Longer than this nobody waits for a rollout.
const LONGEST: i64 = 3600;

fn ask(asked: &Asked<'_>) -> Answer {
    let workload = asked.workload;
    if workload.kind != WorkloadKind::Deployment {
        return Answer::DoesNotApply;
    }
    let spec = &workload.spec;
    let mut faults = Vec::new();
    if spec.paused == Some(true) {
        let at = workload.at("/spec/paused");
        let message = "is paused, so no change reaches its pods";
        faults.push(Fault::new(at.clone(), message).edit(Edit::set(at, false)));
    }
    let at = workload.at("/spec/progressDeadlineSeconds");
    let deadline = spec.progress_deadline_seconds.unwrap_or(600);
    let ready = spec.min_ready_seconds.unwrap_or(0);
    if deadline > LONGEST {
        let message = format!("waits {deadline} seconds before a stuck rollout has failed");
        faults.push(Fault::new(at.clone(), message).edit(Edit::set(at, 600)));
    } else if deadline <= ready {
        let message =
            format!("gives up after {deadline} seconds, before pods count as ready ({ready})");
        faults.push(Fault::new(at, message).severity(Severity::High));
    }
    Answer::from_faults(faults)
}
