//! job-deadline: a run that hangs comes to an end.

use crate::{
    api::vocabulary::{Category, Profile, Severity, WorkloadKind},
    check::{Answer, Ask, Asked, Check, Covers, Fault, Minutes, Text},
};

pub(super) const CHECK: Check = Check {
    id: "job-deadline",
    title: "Run may hang for ever",
    category: Category::Reliability,
    severity: Severity::Low,
    effort: Minutes(10),
    since: "0.1.0",
    profile: Profile::Scale,
    text: Text {
        sees: "A Job, or the Job of a CronJob, has no activeDeadlineSeconds, neither of its own nor of its pods.",
        root_cause: "Jobs end by themselves, until one waits for an answer that never comes.",
        scenario: "A run hangs on a lock. With Forbid no later run starts; with Allow each night adds one more.",
        impact: "The work silently stops, or the hung runs eat the namespace's quota.",
        fix: "Set spec.activeDeadlineSeconds of the Job to a few times what a long run takes.",
    },
    links: &[
        "https://kubernetes.io/docs/concepts/workloads/controllers/job/#job-termination-and-cleanup",
    ],
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
    let root = match workload.kind {
        WorkloadKind::Job => "/spec",
        WorkloadKind::CronJob => "/spec/jobTemplate/spec",
        _ => return Answer::DoesNotApply,
    };
    let has = workload.spec.active_deadline_seconds.is_some()
        || workload.pod().active_deadline_seconds.is_some();
    Answer::pass_if(has, || {
        let at = workload.at(&format!("{root}/activeDeadlineSeconds"));
        Fault::new(at, "has no deadline, so a run that hangs never ends")
    })
}
