//! dangling-service-monitor: every monitor watches something.

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, AskedNamespace, Check, Covers, Fault, Minutes, Text},
    object::{
        Kind,
        metadata::Metadata,
        monitor::{PodMonitor, ServiceMonitor},
        namespaced::Service,
    },
};

pub(super) const CHECK: Check = Check {
    id: "dangling-service-monitor",
    title: "Monitor that watches nothing",
    category: Category::Monitoring,
    severity: Severity::Medium,
    effort: Minutes(10),
    since: "0.1.0",
    profile: Profile::Production,
    text: Text {
        sees: "A ServiceMonitor that looks into its own namespace alone selects none of its Services, or a PodMonitor none of its pods.",
        root_cause: "A label was renamed, or the Service has none of the labels that its pods have.",
        scenario: "Nothing is scraped, the alert on errors has no data, and no data is no alert.",
        impact: "A workload that nobody watches, although a monitor is there.",
        fix: "Put the labels of the selector on the Service (for a PodMonitor on the pods).",
    },
    links: &["https://prometheus-operator.dev/docs/developer/getting-started/"],
    covers: Covers {
        audit_rows: &[],
        peers: &["kube-linter:dangling-servicemonitor"],
    },
    parameters: &[],
    reads: &[Kind::ServiceMonitor],
    ask: Ask::Namespace(ask),
};

fn ask(asked: &AskedNamespace<'_>) -> Answer {
    let around = &asked.surroundings;
    let own = around.namespace();
    let is_own = |metadata: &Metadata, any: bool, named: &[String]| {
        metadata.namespace == own && !any && named.is_empty()
    };
    let services: Vec<&ServiceMonitor> = around
        .everywhere::<ServiceMonitor>()
        .filter(|one| {
            is_own(
                &one.metadata,
                one.spec.namespace_selector.any,
                &one.spec.namespace_selector.match_names,
            )
        })
        .collect();
    let pods: Vec<&PodMonitor> = around
        .everywhere::<PodMonitor>()
        .filter(|one| {
            is_own(
                &one.metadata,
                one.spec.namespace_selector.any,
                &one.spec.namespace_selector.match_names,
            )
        })
        .collect();
    if services.is_empty() && pods.is_empty() {
        return Answer::DoesNotApply;
    }
    let lost = services.into_iter().filter(|one| {
        !around
            .each::<Service>()
            .any(|service| one.spec.selector.matches(&service.metadata.labels))
    });
    let mut faults: Vec<Fault> = lost
        .map(|one| {
            let message = format!("ServiceMonitor {} selects no Service", one.metadata.name);
            Fault::in_object(one, "/spec/selector", message)
        })
        .collect();
    let lost = pods.into_iter().filter(|one| {
        !around
            .workloads()
            .any(|workload| one.spec.selector.matches(workload.pod_labels()))
    });
    faults.extend(lost.map(|one| {
        let message = format!("PodMonitor {} selects no pod", one.metadata.name);
        Fault::in_object(one, "/spec/selector", message)
    }));
    match around.foreign_kind() {
        Some(kind) if !faults.is_empty() => {
            Answer::Unknown(format!("a {kind} of the namespace may make pods"))
        }
        _ => Answer::from_faults(faults),
    }
}
