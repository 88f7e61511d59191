//! cronjob-history: what a run did can be looked at.

use crate::{
    api::vocabulary::{Category, Profile, Severity, WorkloadKind},
    check::{Answer, Ask, Asked, Check, Covers, Fault, Minutes, Text},
    fix::Edit,
};

pub(super) const CHECK: Check = Check {
    id: "cronjob-history",
    title: "History of runs not kept, or kept for ever",
    category: Category::Reliability,
    severity: Severity::Low,
    effort: Minutes(5),
    since: "0.1.0",
    profile: Profile::Production,
    text: Text {
        sees: "failedJobsHistoryLimit is 0, so that a failed run leaves nothing to look at, or one of the history limits is above 10.",
        root_cause: "Somebody tidied up, or wanted to keep everything.",
        scenario: "The nightly run fails, and by the morning its pod and its log are gone.",
        impact: "Nobody can say why it failed, or the API server carries thousands of finished pods.",
        fix: "Keep a few of each: failedJobsHistoryLimit 1 to 5, successfulJobsHistoryLimit 1 to 3.",
    },
    links: &[
        "https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#jobs-history-limits",
    ],
    covers: Covers {
        audit_rows: &[],
        peers: &[],
    },
    parameters: &[],
    reads: &[],
    ask: Ask::Workload(ask),
};

/// Beyond this, finished Jobs are a burden rather than a help.
const MOST: i64 = 10;

fn ask(asked: &Asked<'_>) -> Answer {
    let workload = asked.workload;
    if workload.kind != WorkloadKind::CronJob {
        return Answer::DoesNotApply;
    }
    let cron = &workload.spec.cron;
    let mut faults = Vec::new();
    if cron.failed_jobs_history_limit == Some(0) {
        let at = workload.at("/spec/failedJobsHistoryLimit");
        let message = "keeps no failed run, so nobody can look at why it failed";
        faults.push(Fault::new(at.clone(), message).edit(Edit::set(at, 1)));
    }
    for (field, kept) in [
        ("failedJobsHistoryLimit", cron.failed_jobs_history_limit),
        (
            "successfulJobsHistoryLimit",
            cron.successful_jobs_history_limit,
        ),
    ] {
        if let Some(kept) = kept.filter(|kept| *kept > MOST) {
            let at = workload.at(&format!("/spec/{field}"));
            let message = format!("keeps {kept} finished runs ({field})");
            faults.push(Fault::new(at.clone(), message).edit(Edit::set(at, 3)));
        }
    }
    Answer::from_faults(faults)
}
