//! cronjob-succeeding: runs end well.

use crate::{
    api::vocabulary::{Category, Profile, Severity, WorkloadKind},
    check::{Answer, Ask, Asked, Check, Covers, Fault, Minutes, Text},
    schedule::Schedule,
};

pub(super) const CHECK: Check = Check {
    id: "cronjob-succeeding",
    title: "No good run for three periods",
    category: Category::Reliability,
    severity: Severity::High,
    effort: Minutes(60),
    since: "0.1.0",
    profile: Profile::Production,
    text: Text {
        sees: "A CronJob's last good run lies more than three of its periods before its last run, as its status says in a cluster; or it has run and never well.",
        root_cause: "A password was changed, a disk is full, an address has moved.",
        scenario: "The nightly backup fails for weeks.",
        impact: "It is noticed when its result is needed.",
        fix: "Read the log of its last Job, and alert on kube_cronjob_status_last_successful_time.",
    },
    links: &["https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/"],
    covers: Covers {
        audit_rows: &[],
        peers: &["popeye:1501", "popeye:1502"],
    },
    parameters: &[],
    reads: &[],
    ask: Ask::Workload(ask),
};

use jiff::Timestamp;

/// So many periods may pass without a good run.
const PATIENCE: i32 = 3;

fn ask(asked: &Asked<'_>) -> Answer {
    let workload = asked.workload;
    let time = |text: &Option<String>| {
        text.as_deref()
            .and_then(|text| text.parse::<Timestamp>().ok())
    };
    let (Some(last), good) = (
        time(&workload.status.last_schedule_time),
        time(&workload.status.last_successful_time),
    ) else {
        return Answer::DoesNotApply;
    };
    let schedule = workload.spec.cron.schedule.as_deref().unwrap_or_default();
    let period = Schedule::parse(schedule)
        .ok()
        .and_then(|schedule| schedule.shortest_period());
    let Some(period) = period.filter(|_| workload.kind == WorkloadKind::CronJob) else {
        return Answer::DoesNotApply;
    };
    let at = workload.at("/metadata/name");
    match good {
        // The very first run may still be going on.
        None => Answer::Unknown("it has not run well yet".to_owned()),
        Some(good) => {
            let behind = last.duration_since(good);
            if behind <= period * PATIENCE {
                // To be well is no merit of what was written, and comes and goes.
                return Answer::DoesNotApply;
            }
            let message = format!("ran last at {last}, and well last at {good}");
            Answer::fails(Fault::new(at, message))
        }
    }
}
