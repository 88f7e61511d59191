//! service-endpoints: somebody answers for each Service.

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, Asked, Check, Covers, Fault, Minutes, Text},
    object::{Kind, namespaced::EndpointSlice},
};

pub(super) const CHECK: Check = Check {
    id: "service-endpoints",
    title: "Service without a ready endpoint",
    category: Category::Reliability,
    severity: Severity::High,
    effort: Minutes(30),
    since: "0.1.0",
    profile: Profile::Production,
    text: Text {
        sees: "In a cluster, the EndpointSlices of a Service of the workload hold no endpoint that is ready, or one only although more replicas are wanted. Only a Deployment that says of itself that it is available is asked; in files nothing is.",
        root_cause: "The readiness probe fails, or the selector means pods that are not there.",
        scenario: "Every call to the Service is refused, or the one pod that is left bears all of them.",
        impact: "An outage now, or at the next fault.",
        fix: "Look at the pods' readiness with kubectl describe pod, and at the Service's selector.",
    },
    links: &["https://kubernetes.io/docs/concepts/services-networking/endpoint-slices/"],
    covers: Covers {
        audit_rows: &[],
        peers: &["popeye:1105", "popeye:1109", "kor:service"],
    },
    parameters: &[],
    reads: &[Kind::Service, Kind::EndpointSlice],
    ask: Ask::Surroundings(ask),
};

fn ask(asked: &Asked<'_>) -> Answer {
    let workload = asked.workload;
    let around = &asked.surroundings;
    // While pods are coming, endpoints are missing for a moment.
    let has_settled = workload
        .status
        .conditions
        .iter()
        .any(|condition| condition.kind == "Available" && condition.status == "True");
    if workload.replicas() == 0 || !has_settled {
        return Answer::DoesNotApply;
    }
    let services = asked.services().known().unwrap_or_default();
    let mut faults = Vec::new();
    for service in services {
        let name = service.metadata.name.as_str();
        let slices = around
            .each::<EndpointSlice>()
            .filter(|slice| slice.service() == Some(name));
        let counts: Vec<u8> = slices.map(|slice| slice.endpoints.ready).collect();
        if counts.is_empty() {
            continue;
        }
        let ready: u32 = counts.iter().map(|count| u32::from(*count)).sum();
        let at = workload.at("/metadata/name");
        if ready == 0 {
            faults.push(Fault::new(
                at,
                format!("Service {name} has no endpoint that is ready"),
            ));
        } else if ready == 1 && workload.is_scalable() && workload.replicas() > 1 {
            let message = format!(
                "Service {name} has one endpoint that is ready, of {}",
                workload.replicas()
            );
            faults.push(Fault::new(at, message).severity(Severity::Medium));
        }
    }
    if faults.is_empty() {
        // To be well is no merit of what was written, and comes and goes.
        return Answer::DoesNotApply;
    }
    Answer::Fails(faults)
}
