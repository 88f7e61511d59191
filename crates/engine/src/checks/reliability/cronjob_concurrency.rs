//! cronjob-concurrency: runs of a CronJob do not overlap by accident.

use crate::{
    api::vocabulary::{Category, Profile, Severity, WorkloadKind},
    check::{Answer, Ask, Asked, Check, Covers, Fault, Minutes, Text},
    fix::Edit,
};

pub(super) const CHECK: Check = Check {
    id: "cronjob-concurrency",
    title: "Runs may overlap",
    category: Category::Reliability,
    severity: Severity::Medium,
    effort: Minutes(10),
    since: "0.1.0",
    profile: Profile::Production,
    text: Text {
        sees: "A CronJob's concurrencyPolicy is Allow, or is not set, which is the same.",
        root_cause: "The default lets a run start while the one before it is still at work.",
        scenario: "One night the database is slow, every run takes longer than its interval, and after an hour six of them work on the same rows.",
        impact: "Mails are sent twice, locks are held, and the load that made the runs slow grows with each of them.",
        fix: "Set concurrencyPolicy to Forbid, or to Replace where only the newest run matters; keep Allow by listing the check as disabled for runs that are made to overlap.",
    },
    links: &[
        "https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#concurrency-policy",
    ],
    covers: Covers {
        audit_rows: &[],
        peers: &["datree:24", "clusterlint:cronjob-concurrency"],
    },
    parameters: &[],
    reads: &[],
    ask: Ask::Workload(ask),
};

fn ask(asked: &Asked<'_>) -> Answer {
    let workload = asked.workload;
    if workload.kind != WorkloadKind::CronJob {
        return Answer::DoesNotApply;
    }
    let policy = workload.spec.cron.concurrency_policy.as_deref();
    let at = workload.at("/spec/concurrencyPolicy");
    Answer::pass_if(matches!(policy, Some("Forbid" | "Replace")), || {
        Fault::new(
            at.clone(),
            "lets a run start while the one before it is still at work",
        )
        .edit(Edit::set(at, "Forbid"))
    })
}
