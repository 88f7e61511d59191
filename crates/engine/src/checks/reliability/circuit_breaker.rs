//! circuit-breaker: what fails is left alone for a while.

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, Asked, Check, Covers, Fault, Minutes, Text},
    object::{
        Kind,
        mesh::{DestinationRule, host_means},
    },
};

pub(super) const CHECK: Check = Check {
    id: "circuit-breaker",
    title: "No circuit breaker in the mesh",
    category: Category::Reliability,
    severity: Severity::Medium,
    effort: Minutes(60),
    since: "0.1.0",
    profile: Profile::Scale,
    text: Text {
        sees: "The namespace is in Istio's mesh, and no DestinationRule for a Service of the workload has outlierDetection or limits of a connectionPool; or a way from outside by Envoy Gateway has no circuitBreaker. Without a mesh it is the application's own business, and not asked.",
        root_cause: "The mesh was installed for encryption.",
        scenario: "One replica answers with errors, and still gets its third of all requests.",
        impact: "A third of the users see errors for as long as it lasts.",
        fix: "Add a DestinationRule with outlierDetection: consecutive5xxErrors: 5, and limits of connections.",
    },
    links: &["https://istio.io/latest/docs/tasks/traffic-management/circuit-breaking/"],
    covers: Covers {
        audit_rows: &[10],
        peers: &[],
    },
    parameters: &[],
    reads: &[Kind::Namespace, Kind::Service, Kind::DestinationRule],
    ask: Ask::Surroundings(ask),
};

fn ask(asked: &Asked<'_>) -> Answer {
    let workload = asked.workload;
    let around = &asked.surroundings;
    let labels = around.namespace_labels().known();
    let in_mesh = labels.is_some_and(|labels| {
        labels
            .get("istio-injection")
            .is_some_and(|value| value == "enabled")
            || labels.contains_key("istio.io/rev")
            || labels.contains_key("istio.io/dataplane-mode")
    });
    if !in_mesh {
        return Answer::DoesNotApply;
    }
    Answer::about(asked.services(), |services| {
        let faults = services.iter().filter_map(|service| {
            let name = &service.metadata.name;
            let breaks = around.everywhere::<DestinationRule>().any(|rule| {
                let policy = rule.spec.traffic_policy.as_ref();
                let set = policy.is_some_and(|one| {
                    one.outlier_detection.is_some() || one.connection_pool.is_some()
                });
                set && host_means(
                    &rule.spec.host,
                    &rule.metadata.namespace,
                    name,
                    around.namespace(),
                )
            });
            (!breaks).then(|| {
                let message = format!("Service {name} sends requests to replicas that fail");
                Fault::new(workload.at("/metadata/name"), message)
            })
        });
        if services.is_empty() {
            Answer::DoesNotApply
        } else {
            Answer::from_faults(faults.collect())
        }
    })
}
