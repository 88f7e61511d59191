//! metrics-scraped: somebody reads its figures.

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, Asked, Check, Covers, Fault, Minutes, Text},
    environment::switched_off,
    object::{
        Kind,
        metadata::Labels,
        monitor::{PodMonitor, ServiceMonitor},
    },
    role::Role,
};

pub(super) const CHECK: Check = Check {
    id: "metrics-scraped",
    title: "No metrics collected",
    category: Category::Monitoring,
    severity: Severity::High,
    effort: Minutes(60),
    since: "0.1.0",
    profile: Profile::Scale,
    text: Text {
        sees: "Nothing collects metrics of a workload that runs for ever: no ServiceMonitor for one of its Services, no PodMonitor for its pods, no annotation prometheus.io/scrape or of Datadog, New Relic, Dynatrace or OpenTelemetry, and no agent beside it.",
        root_cause: "The cluster's own figures, CPU and memory, came for free.",
        scenario: "Every tenth order fails, and CPU is normal.",
        impact: "Faults are found by customers instead of by figures.",
        fix: "Offer /metrics and add a ServiceMonitor or PodMonitor, or annotate the pods for the agent that your platform has.",
    },
    links: &["https://prometheus-operator.dev/docs/developer/getting-started/"],
    covers: Covers {
        audit_rows: &[13],
        peers: &["redhat-cop:REQ_INV-00005"],
    },
    parameters: &[],
    reads: &[Kind::Service, Kind::ServiceMonitor, Kind::PodMonitor],
    ask: Ask::Surroundings(ask),
};

/// Beginnings of annotations by which agents collect.
const AGENTS: [&str; 8] = [
    "prometheus.io/scrape",
    "ad.datadoghq.com/",
    "newrelic.com/",
    "metrics.dynatrace.com/",
    "instrumentation.opentelemetry.io/inject",
    "sidecar.opentelemetry.io/inject",
    "k8s.grafana.com/scrape",
    "co.elastic.metrics/",
];

fn ask(asked: &Asked<'_>) -> Answer {
    let workload = asked.workload;
    let around = &asked.surroundings;
    let role = asked.role();
    if !workload.runs_for_ever() || matches!(role, Role::Batch) {
        return Answer::DoesNotApply;
    }

    let services = asked.services().known().unwrap_or_default();
    let template = &workload.spec.template.metadata;
    let annotated = |annotations: &Labels| {
        annotations.iter().any(|(key, value)| {
            AGENTS.iter().any(|agent| key.starts_with(agent)) && !switched_off(value)
        })
    };
    let by_annotation = annotated(&template.annotations)
        || services
            .iter()
            .any(|service| annotated(&service.metadata.annotations));
    let own = around.namespace();
    let by_service = around.everywhere::<ServiceMonitor>().any(|monitor| {
        let spec = &monitor.spec;
        let mut services = services.iter();
        spec.looks_into(own, &monitor.metadata.namespace)
            && services.any(|service| spec.selector.matches(&service.metadata.labels))
    });
    let by_pod = around.everywhere::<PodMonitor>().any(|monitor| {
        let spec = &monitor.spec;
        spec.looks_into(own, &monitor.metadata.namespace)
            && spec.selector.matches(workload.pod_labels())
    });
    if by_annotation || by_service || by_pod {
        return Answer::Passes;
    }
    Answer::about(around.absent(Kind::ServiceMonitor), |()| {
        let message = "has no metrics that anybody collects";
        Answer::fails(Fault::new(workload.at("/metadata/name"), message))
    })
}
