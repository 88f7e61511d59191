//! apm-configured: the work of a service is measured.

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, Asked, Check, Covers, Fault, Minutes, Text},
    environment::any_name,
    object::Kind,
    role::Role,
};

pub(super) const CHECK: Check = Check {
    id: "apm-configured",
    title: "No performance monitoring",
    category: Category::Monitoring,
    severity: Severity::Medium,
    effort: Minutes(120),
    since: "0.1.0",
    profile: Profile::Scale,
    text: Text {
        sees: "No container of a service or worker has a setting of an application performance tool (OpenTelemetry, Datadog, New Relic, Elastic APM, Dynatrace, AppDynamics, Instana, Application Insights, Scout, Pyroscope), and nothing puts an agent into the pod.",
        root_cause: "The cluster shows CPU and memory, and that seemed to be enough.",
        scenario: "It is slow for some users since the last release, and no figure shows it.",
        impact: "Slowness is told by customers.",
        fix: "Set up OpenTelemetry or the agent that your platform has.",
    },
    links: &["https://opentelemetry.io/docs/zero-code/"],
    covers: Covers {
        audit_rows: &[13],
        peers: &[],
    },
    parameters: &[],
    reads: &[Kind::ConfigMap, Kind::Service],
    ask: Ask::Surroundings(ask),
};

/// Beginnings of variables by which the tools are set up.
const PREFIXES: [&str; 11] = [
    "OTEL_",
    "DD_",
    "NEW_RELIC_",
    "ELASTIC_APM_",
    "DT_",
    "APPDYNAMICS_",
    "INSTANA_",
    "APPLICATIONINSIGHTS_",
    "SCOUT_",
    "PYROSCOPE_",
    "SPLUNK_",
];

/// Beginnings of annotations and labels by which agents are put in.
const MARKS: [&str; 3] = [
    "instrumentation.opentelemetry.io/inject",
    "admission.datadoghq.com/",
    "oneagent.dynatrace.com/",
];

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
                "sends no measurements of its own work anywhere",
            )
        })
    })
}
