//! cronjob-suspended: what is meant to run is not switched off.

use crate::{
    api::vocabulary::{Category, Profile, Severity, WorkloadKind},
    check::{Answer, Ask, Asked, Check, Covers, Fault, Minutes, Text},
};

pub(super) const CHECK: Check = Check {
    id: "cronjob-suspended",
    title: "Suspended",
    category: Category::Reliability,
    severity: Severity::Low,
    effort: Minutes(5),
    since: "0.1.0",
    profile: Profile::Production,
    text: Text {
        sees: "spec.suspend of a CronJob is true. A Job that is suspended waits for a queue such as Kueue, and is not asked.",
        root_cause: "It was stopped during an incident or a migration, and nobody started it again.",
        scenario: "A backup or a clean-up is missed for weeks.",
        impact: "It is noticed when its result is needed.",
        fix: "Set suspend to false, or delete the CronJob if it is not wanted any more.",
    },
    links: &[
        "https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#schedule-suspension",
    ],
    covers: Covers {
        audit_rows: &[],
        peers: &["popeye:1500"],
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
    Answer::pass_if(workload.spec.cron.suspend != Some(true), || {
        Fault::new(
            workload.at("/spec/suspend"),
            "is suspended, so it never runs",
        )
    })
}
