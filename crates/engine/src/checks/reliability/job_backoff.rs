//! job-backoff: a failed run is tried again, but not for ever.

use crate::{
    api::vocabulary::{Category, Profile, Severity, WorkloadKind},
    check::{Answer, Ask, Asked, Check, Covers, Fault, Minutes, Text},
};

pub(super) const CHECK: Check = Check {
    id: "job-backoff",
    title: "Retries of a Job at an extreme",
    category: Category::Reliability,
    severity: Severity::Low,
    effort: Minutes(10),
    since: "0.1.0",
    profile: Profile::Scale,
    text: Text {
        sees: "backoffLimit of a Job, or of the Job of a CronJob, is 0 without a podFailurePolicy, so that a drained node fails the run; or above 10.",
        root_cause: "Zero was set because the work must not be done twice; a high number because it failed often.",
        scenario: "A node is drained in the middle of a run, and the run has failed although nothing was wrong with it.",
        impact: "Work that is not done, or a broken run that is tried for hours.",
        fix: "Leave 6 or set 1 to 5; where a run must not be repeated, keep 0 and add a podFailurePolicy that ignores DisruptionTarget.",
    },
    links: &[
        "https://kubernetes.io/docs/concepts/workloads/controllers/job/#pod-backoff-failure-policy",
    ],
    covers: Covers {
        audit_rows: &[],
        peers: &[],
    },
    parameters: &[],
    reads: &[],
    ask: Ask::Workload(ask),
};

/// Beyond this a run is broken rather than unlucky.
const MOST: i64 = 10;

fn ask(asked: &Asked<'_>) -> Answer {
    let workload = asked.workload;
    let root = match workload.kind {
        WorkloadKind::Job => "/spec",
        WorkloadKind::CronJob => "/spec/jobTemplate/spec",
        _ => return Answer::DoesNotApply,
    };
    let at = || workload.at(&format!("{root}/backoffLimit"));
    match workload.spec.backoff_limit {
        Some(0) if workload.spec.pod_failure_policy.is_none() => {
            let message = "is never tried again, even where only its node went away";
            Answer::fails(Fault::new(at(), message))
        }
        Some(limit) if limit > MOST => {
            let message = format!("is tried again {limit} times before it has failed");
            Answer::fails(Fault::new(at(), message))
        }
        _ => Answer::Passes,
    }
}
