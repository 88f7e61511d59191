//! tracing-configured: a request can be followed.

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, Asked, Check, Covers, Fault, Minutes, Text},
    environment::any_name,
    object::Kind,
    role::Role,
};

pub(super) const CHECK: Check = Check {
    id: "tracing-configured",
    title: "No tracing",
    category: Category::Monitoring,
    severity: Severity::Medium,
    effort: Minutes(120),
    since: "0.1.0",
    profile: Profile::Scale,
    text: Text {
        sees: "No container of a service or worker has a setting of OpenTelemetry, Jaeger, Zipkin, Datadog, X-Ray, New Relic, Elastic, Splunk or Dynatrace tracing, and nothing puts an agent or a mesh's proxy into the pod. Databases, caches, brokers, jobs and node agents are not asked.",
        root_cause: "With one service a log was enough.",
        scenario: "A request takes four seconds, and nobody can say in which of nine services.",
        impact: "Incidents last as long as the guessing does.",
        fix: "Set OTEL_EXPORTER_OTLP_ENDPOINT and OTEL_SERVICE_NAME, or let the OpenTelemetry operator put the agent in by annotation.",
    },
    links: &["https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/"],
    covers: Covers {
        audit_rows: &[13],
        peers: &[],
    },
    parameters: &[],
    reads: &[Kind::ConfigMap, Kind::Service],
    ask: Ask::Surroundings(ask),
};

/// Beginnings of variables by which the tools are set up.
const PREFIXES: [&str; 12] = [
    "OTEL_",
    "JAEGER_",
    "ZIPKIN_",
    "DD_",
    "AWS_XRAY_",
    "NEW_RELIC_",
    "ELASTIC_APM_",
    "SPLUNK_",
    "DT_",
    "TRACING_",
    "MANAGEMENT_TRACING_",
    "MANAGEMENT_ZIPKIN_",
];

/// Beginnings of annotations and labels by which agents are put in.
const MARKS: [&str; 6] = [
    "instrumentation.opentelemetry.io/inject",
    "sidecar.opentelemetry.io/inject",
    "sidecar.jaegertracing.io/inject",
    "admission.datadoghq.com/",
    "sidecar.istio.io/inject",
    "linkerd.io/inject",
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
                "traces nothing: a request cannot be followed through it",
            )
        })
    })
}
