//! external-ips: nobody takes traffic of others.

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, Asked, Check, Covers, Fault, Minutes, Text},
    object::Kind,
};

pub(super) const CHECK: Check = Check {
    id: "external-ips",
    title: "Service with external addresses",
    category: Category::Security,
    severity: Severity::High,
    effort: Minutes(30),
    since: "0.1.0",
    profile: Profile::Baseline,
    text: Text {
        sees: "A Service for the workload lists externalIPs, by which every node takes traffic for these addresses, whoever owns them (CVE-2020-8554); or is of type ExternalName and leads to localhost.",
        root_cause: "It was the way to get a fixed address without a load balancer.",
        scenario: "Somebody who may write a Service lists the address of a payment provider, and gets what other pods send there.",
        impact: "Traffic of the whole cluster is read by whoever may write a Service.",
        fix: "Use a load balancer, or a Gateway with an address.",
    },
    links: &["https://kubernetes.io/docs/concepts/services-networking/service/#external-ips"],
    covers: Covers {
        audit_rows: &[],
        peers: &[
            "kyverno:restrict-service-external-ips",
            "gatekeeper:externalip",
            "trivy:KSV-0108",
            "kubescape:C-0115",
            "kubescape:C-0283",
        ],
    },
    parameters: &[],
    reads: &[Kind::Service],
    ask: Ask::Surroundings(ask),
};

fn ask(asked: &Asked<'_>) -> Answer {
    Answer::about(asked.services(), |services| {
        if services.is_empty() {
            return Answer::DoesNotApply;
        }
        let faults = services.iter().filter_map(|service| {
            let addresses = &service.spec.external_ips;
            (!addresses.is_empty()).then(|| {
                let message = format!(
                    "Service {} has every node take traffic for {}",
                    service.metadata.name,
                    addresses.join(", ")
                );
                Fault::new(asked.workload.at("/metadata/name"), message)
            })
        });
        Answer::from_faults(faults.collect())
    })
}
