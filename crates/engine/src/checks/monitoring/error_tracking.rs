//! error-tracking: errors come to somebody.

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, Asked, Check, Covers, Fault, Minutes, Text},
    environment::any_name,
    object::Kind,
    role::Role,
};

pub(super) const CHECK: Check = Check {
    id: "error-tracking",
    title: "No error tracking",
    category: Category::Monitoring,
    severity: Severity::Medium,
    effort: Minutes(120),
    since: "0.1.0",
    profile: Profile::Scale,
    text: Text {
        sees: "No container of a service or worker has a setting of a tool that collects errors (Sentry, GlitchTip, Rollbar, Bugsnag, Honeybadger, Airbrake, Raygun, Datadog, New Relic, Elastic APM, Application Insights).",
        root_cause: "Errors are in the log, where somebody would have to look.",
        scenario: "A release makes every tenth order fail, and the log holds it among a million other lines.",
        impact: "Faults are found by customers, days later.",
        fix: "Set SENTRY_DSN or the setting of the tool that your platform has, from a Secret.",
    },
    links: &["https://docs.sentry.io/platforms/"],
    covers: Covers {
        audit_rows: &[45, 52],
        peers: &[],
    },
    parameters: &[],
    reads: &[Kind::ConfigMap, Kind::Service],
    ask: Ask::Surroundings(ask),
};

/// Beginnings of variables by which the tools are set up.
const PREFIXES: [&str; 11] = [
    "SENTRY_",
    "GLITCHTIP_",
    "ROLLBAR_",
    "BUGSNAG_",
    "HONEYBADGER_",
    "AIRBRAKE_",
    "RAYGUN_",
    "DD_",
    "NEW_RELIC_",
    "ELASTIC_APM_",
    "APPLICATIONINSIGHTS_",
];

/// Beginnings of annotations and labels by which agents are put in.
const MARKS: [&str; 2] = ["admission.datadoghq.com/", "oneagent.dynatrace.com/"];

fn ask(asked: &Asked<'_>) -> Answer {
    let workload = asked.workload;
    let role = asked.role();
    if !matches!(role, Role::Service | Role::Worker) {
        return Answer::DoesNotApply;
    }
    let template = &workload.spec.template.metadata;
    let mut keys = template.annotations.keys().chain(template.labels.keys());
    if keys.any(|key| MARKS.iter().any(|mark| key.starts_with(mark))) {
        return Answer::Passes;
    }
    let found = any_name(workload, &asked.surroundings, |name| {
        PREFIXES.iter().any(|prefix| name.starts_with(prefix))
    });
    Answer::about(found, |found| {
        Answer::pass_if(found, || {
            Fault::new(
                workload.pod_at("/containers"),
                "reports its errors nowhere but in the log",
            )
        })
    })
}
