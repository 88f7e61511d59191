//! statefulset-service-name: each pod of a StatefulSet has its name.

use crate::{
    api::vocabulary::{Category, Profile, Severity, WorkloadKind},
    check::{Answer, Ask, Asked, Check, Covers, Fault, Minutes, Text},
    object::{Kind, namespaced::Service, selector::contains_all},
};

pub(super) const CHECK: Check = Check {
    id: "statefulset-service-name",
    title: "StatefulSet without its headless Service",
    category: Category::Reliability,
    severity: Severity::High,
    effort: Minutes(15),
    since: "0.1.0",
    profile: Profile::Baseline,
    text: Text {
        sees: "serviceName of a StatefulSet names a Service that does not exist, is not headless, or does not select its pods. Without a serviceName (optional since Kubernetes 1.33) it is not asked.",
        root_cause: "The Service was renamed, or only the one for clients was made.",
        scenario: "Members look for each other by names such as db-0.db and find nothing.",
        impact: "A cluster that does not form, or falls apart at the next restart.",
        fix: "Make a Service with clusterIP: None whose selector matches the pods, and name it in serviceName.",
    },
    links: &[
        "https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#stable-network-id",
    ],
    covers: Covers {
        audit_rows: &[],
        peers: &[
            "kube-score:statefulset-has-servicename",
            "kics:StatefulSets Without Service Name",
        ],
    },
    parameters: &[],
    reads: &[Kind::Service],
    ask: Ask::Surroundings(ask),
};

fn ask(asked: &Asked<'_>) -> Answer {
    let workload = asked.workload;
    let name = workload
        .spec
        .service_name
        .as_deref()
        .filter(|name| !name.is_empty());
    let Some(name) = name.filter(|_| workload.kind == WorkloadKind::StatefulSet) else {
        return Answer::DoesNotApply;
    };
    Answer::about(asked.surroundings.named::<Service>(name), |service| {
        let message = match service {
            None => format!("names the Service {name}, which there is not"),
            Some(service) if service.spec.cluster_ip.as_deref() != Some("None") => {
                format!("names the Service {name}, which is not headless")
            }
            Some(service) if !contains_all(workload.pod_labels(), &service.spec.selector) => {
                format!("names the Service {name}, which does not select its pods")
            }
            Some(_) => return Answer::Passes,
        };
        Answer::fails(Fault::new(workload.at("/spec/serviceName"), message))
    })
}
