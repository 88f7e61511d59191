//! cronjob-deadline: a missed run is caught up with or left out on purpose.

use crate::{
    api::vocabulary::{Category, Profile, Severity, WorkloadKind},
    check::{Answer, Ask, Asked, Check, Covers, Fault, Minutes, Text},
    fix::Edit,
};

pub(super) const CHECK: Check = Check {
    id: "cronjob-deadline",
    title: "No deadline for missed runs",
    category: Category::Reliability,
    severity: Severity::Low,
    effort: Minutes(5),
    since: "0.1.0",
    profile: Profile::Scale,
    text: Text {
        sees: "A CronJob sets no startingDeadlineSeconds, or one below 10 seconds.",
        root_cause: "Without a deadline the controller counts every run missed since the last one and gives up for good after a hundred of them; below ten seconds it may miss every run, because it looks only every ten seconds.",
        scenario: "The control plane is down over a weekend, a job of every minute has missed thousands of runs, and never starts again.",
        impact: "Work that everybody believes is done stands still without an error.",
        fix: "Set startingDeadlineSeconds to the time for which a late run is still worth it, for example 200.",
    },
    links: &[
        "https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#starting-deadline",
    ],
    covers: Covers {
        audit_rows: &[],
        peers: &[
            "kube-score:cronjob-has-deadline",
            "datree:17",
            "kics:CronJob Deadline Not Configured",
        ],
    },
    parameters: &[],
    reads: &[],
    ask: Ask::Workload(ask),
};

/// The controller looks every ten seconds.
const INTERVAL: i64 = 10;

fn ask(asked: &Asked<'_>) -> Answer {
    let workload = asked.workload;
    if workload.kind != WorkloadKind::CronJob {
        return Answer::DoesNotApply;
    }
    let at = workload.at("/spec/startingDeadlineSeconds");
    let edit = Edit::set(at.clone(), 200);
    match workload.spec.cron.starting_deadline_seconds {
        None => Answer::fails(
            Fault::new(
                at,
                "has no deadline for missed runs, and never starts again after a hundred of them",
            )
            .edit(edit),
        ),
        Some(seconds) => Answer::pass_if(seconds >= INTERVAL, || {
            let message = format!(
                "leaves a run out after {seconds} seconds, but the controller looks only every {INTERVAL}"
            );
            Fault::new(at, message).edit(edit)
        }),
    }
}
