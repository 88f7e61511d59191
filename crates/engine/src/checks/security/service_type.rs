//! service-type: only what is meant to be reached from outside is.

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, Asked, Check, Covers, Fault, Minutes, Text},
    object::Kind,
};

pub(super) const CHECK: Check = Check {
    id: "service-type",
    title: "Open to the outside by its Service",
    category: Category::Security,
    severity: Severity::Medium,
    effort: Minutes(30),
    since: "0.1.0",
    profile: Profile::Production,
    text: Text {
        sees: "A Service for the workload is of type NodePort, or of type LoadBalancer without loadBalancerSourceRanges and without an annotation that makes it internal or limits who may come.",
        root_cause: "It was the quickest way to try it from a laptop.",
        scenario: "The port is open on every node, past the edge with its TLS, limits and logs.",
        impact: "A second way in that nobody watches.",
        fix: "Use ClusterIP with an Ingress or Gateway; or set loadBalancerSourceRanges.",
    },
    links: &[
        "https://kubernetes.io/docs/concepts/services-networking/service/#publishing-services-service-types",
    ],
    covers: Covers {
        audit_rows: &[],
        peers: &[
            "kube-linter:exposed-services",
            "kube-score:service-type",
            "popeye:1103",
            "popeye:1104",
            "kyverno:restrict-node-port",
            "kyverno:restrict-loadbalancer",
            "gatekeeper:block-nodeport-services",
            "gatekeeper:block-loadbalancer-services",
            "datree:7",
            "kics:Service Type is NodePort",
            "kics:Service With External Load Balance",
        ],
    },
    parameters: &[],
    reads: &[Kind::Service],
    ask: Ask::Surroundings(ask),
};

/// Parts of annotations by which a load balancer stays inside or takes only some.
const LIMITS: [&str; 4] = [
    "internal",
    "load-balancer-type",
    "source-ranges",
    "allowed-ip",
];

fn ask(asked: &Asked<'_>) -> Answer {
    Answer::about(asked.services(), |services| {
        if services.is_empty() {
            return Answer::DoesNotApply;
        }
        let faults = services.iter().filter_map(|service| {
            let name = &service.metadata.name;
            let limited = || {
                let mut keys = service.metadata.annotations.keys();
                !service.spec.load_balancer_source_ranges.is_empty()
                    || keys.any(|key| LIMITS.iter().any(|limit| key.contains(limit)))
            };
            let message = match service.spec.kind.as_deref() {
                Some("NodePort") => format!("Service {name} opens a port on every node"),
                Some("LoadBalancer") if !limited() => {
                    format!("Service {name} takes anybody from outside")
                }
                _ => return None,
            };
            Some(Fault::new(asked.workload.at("/metadata/name"), message))
        });
        Answer::from_faults(faults.collect())
    })
}
