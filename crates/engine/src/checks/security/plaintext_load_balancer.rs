//! plaintext-load-balancer: what leaves the cluster is encrypted.

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, Asked, Check, Covers, Fault, Minutes, Text},
    object::{
        Kind,
        namespaced::{Service, ServicePort},
    },
};

pub(super) const CHECK: Check = Check {
    id: "plaintext-load-balancer",
    title: "Plain HTTP on a load balancer",
    category: Category::Security,
    severity: Severity::High,
    effort: Minutes(60),
    since: "0.1.0",
    profile: Profile::Production,
    text: Text {
        sees: "A Service of type LoadBalancer or NodePort for the workload has a port for HTTP (80, 8080, 3000, 8000, or a name that begins with http and not https), and no annotation for TLS of its cloud, nor one that makes it internal.",
        root_cause: "The load balancer was the quickest way to reach it, and certificates were to come later.",
        scenario: "Passwords and sessions of users cross the internet in clear text.",
        impact: "Whoever is on the way reads and changes what is sent.",
        fix: "Put an Ingress or a Gateway with a certificate before it, or end TLS at the load balancer by its annotation.",
    },
    links: &["https://kubernetes.io/docs/concepts/services-networking/service/#ssl-support-on-aws"],
    covers: Covers {
        audit_rows: &[3],
        peers: &[
            "kyverno:require-encryption-aws-loadbalancers",
            "kubescape:C-0231",
            "kubescape:C-0245",
        ],
    },
    parameters: &[],
    reads: &[Kind::Service],
    ask: Ask::Surroundings(ask),
};

/// Annotations by which load balancers end TLS or stay inside.
const SAFE: [&str; 11] = [
    "service.beta.kubernetes.io/aws-load-balancer-ssl-cert",
    "service.beta.kubernetes.io/aws-load-balancer-internal",
    "service.beta.kubernetes.io/azure-load-balancer-internal",
    "service.beta.kubernetes.io/oci-load-balancer-internal",
    "service.beta.kubernetes.io/oci-load-balancer-ssl-ports",
    "service.beta.kubernetes.io/do-loadbalancer-certificate-id",
    "networking.gke.io/load-balancer-type",
    "cloud.google.com/load-balancer-type",
    "load-balancer.hetzner.cloud/http-certificates",
    "service.beta.kubernetes.io/openstack-internal-load-balancer",
    "service.beta.kubernetes.io/linode-loadbalancer-tls",
];

const PORTS: [i64; 4] = [80, 8080, 3000, 8000];

fn ask(asked: &Asked<'_>) -> Answer {
    Answer::about(asked.services(), |services| {
        let open: Vec<&Service> = services
            .iter()
            .copied()
            .filter(|service| {
                matches!(
                    service.spec.kind.as_deref(),
                    Some("LoadBalancer" | "NodePort")
                )
            })
            .collect();
        if open.is_empty() {
            return Answer::DoesNotApply;
        }
        let faults = open.into_iter().filter_map(|service| {
            let annotations = &service.metadata.annotations;
            if SAFE.iter().any(|key| annotations.contains_key(*key)) {
                return None;
            }
            let is_encrypted = |port: &ServicePort| {
                port.port == 443
                    || port
                        .name
                        .as_deref()
                        .is_some_and(|name| name.starts_with("https"))
            };
            // An edge takes plain HTTP to send it on to HTTPS.
            if service.spec.ports.iter().any(is_encrypted) {
                return None;
            }
            let port = service.spec.ports.iter().find(|port| is_plain(port))?;
            let message = format!(
                "Service {} opens port {} to the outside without TLS",
                service.metadata.name, port.port
            );
            Some(Fault::new(asked.workload.at("/metadata/name"), message))
        });
        Answer::from_faults(faults.collect())
    })
}

fn is_plain(port: &ServicePort) -> bool {
    let name = port.name.as_deref().unwrap_or_default();
    let named = name.starts_with("http") && !name.starts_with("https");
    named || name.is_empty() && PORTS.contains(&port.port)
}
