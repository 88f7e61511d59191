//! load-balancer-traffic-policy: addresses of clients are known, and no node swallows traffic.

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, Asked, Check, Covers, Fault, Minutes, Text},
    object::{Kind, namespaced::Service},
};

pub(super) const CHECK: Check = Check {
    id: "load-balancer-traffic-policy",
    title: "Load balancer loses addresses or traffic",
    category: Category::Reliability,
    severity: Severity::Low,
    effort: Minutes(15),
    since: "0.1.0",
    profile: Profile::Scale,
    text: Text {
        sees: "A LoadBalancer Service for the workload has externalTrafficPolicy Cluster, by which addresses of clients are lost and a second hop is made; or a NodePort Service has Local, by which nodes without a pod swallow what they get.",
        root_cause: "Cluster is the default, and Local was copied from a load balancer.",
        scenario: "A limit by address meets the node instead of the client; or every third request times out.",
        impact: "Limits and logs that mean nothing, or lost requests.",
        fix: "Set Local for a LoadBalancer, which asks each node whether it has a pod, and Cluster for a NodePort.",
    },
    links: &[
        "https://kubernetes.io/docs/tasks/access-application-cluster/create-external-load-balancer/#preserving-the-client-source-ip",
    ],
    covers: Covers {
        audit_rows: &[],
        peers: &["popeye:1107", "popeye:1108"],
    },
    parameters: &[],
    reads: &[Kind::Service],
    ask: Ask::Surroundings(ask),
};

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
            let name = &service.metadata.name;
            let policy = service
                .spec
                .external_traffic_policy
                .as_deref()
                .unwrap_or("Cluster");
            let message = match (service.spec.kind.as_deref(), policy) {
                (Some("LoadBalancer"), "Cluster") => {
                    format!("Service {name} hides the addresses of clients")
                }
                (Some("NodePort"), "Local") => {
                    format!("Service {name} swallows traffic on nodes without a pod")
                }
                _ => return None,
            };
            Some(Fault::new(asked.workload.at("/metadata/name"), message))
        });
        Answer::from_faults(faults.collect())
    })
}
