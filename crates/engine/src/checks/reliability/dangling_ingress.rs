//! dangling-ingress: every Ingress leads somewhere.

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, AskedNamespace, Check, Covers, Fault, Minutes, Text},
    object::{
        Kind,
        edge::{Ingress, IngressService},
        namespaced::Service,
    },
    surroundings::Seen,
};

pub(super) const CHECK: Check = Check {
    id: "dangling-ingress",
    title: "Ingress to a Service or port that is missing",
    category: Category::Reliability,
    severity: Severity::High,
    effort: Minutes(15),
    since: "0.1.0",
    profile: Profile::Baseline,
    text: Text {
        sees: "A rule or the default backend of an Ingress names a Service that does not exist in its namespace, or a port that the Service does not have.",
        root_cause: "The Service was renamed, or its port was.",
        scenario: "Users get 503 or 404 from the edge.",
        impact: "The site is down, and every pod is healthy.",
        fix: "Name the Service and one of its ports, by name or by number.",
    },
    links: &["https://kubernetes.io/docs/concepts/services-networking/ingress/"],
    covers: Covers {
        audit_rows: &[],
        peers: &[
            "kube-linter:dangling-ingress",
            "kube-score:ingress-targets-service",
            "popeye:1401",
            "popeye:1402",
            "popeye:1404",
            "kubescape:C-0298",
            "kor:ingress",
        ],
    },
    parameters: &[],
    reads: &[Kind::Ingress, Kind::Service],
    ask: Ask::Namespace(ask),
};

fn ask(asked: &AskedNamespace<'_>) -> Answer {
    let around = &asked.surroundings;
    let mut faults = Vec::new();
    let mut any = false;
    for ingress in around.each::<Ingress>() {
        for backend in ingress.backends() {
            any = true;
            match around.named::<Service>(&backend.name) {
                Seen::NotSeen(why) => return Answer::Unknown(why),
                Seen::Known(service) => faults.extend(wrong(backend, service).map(|why| {
                    let message = format!("Ingress {} leads to {why}", ingress.metadata.name);
                    Fault::in_object(ingress, "/spec", message)
                })),
            }
        }
    }
    faults.dedup();
    if any {
        Answer::from_faults(faults)
    } else {
        Answer::DoesNotApply
    }
}

fn wrong(backend: &IngressService, service: Option<&Service>) -> Option<String> {
    let name = &backend.name;
    let Some(service) = service else {
        return Some(format!("Service {name}, which there is not"));
    };
    let ports = &service.spec.ports;
    let (known, port) = match (&backend.port.name, backend.port.number) {
        (Some(wanted), _) => (
            ports.iter().any(|port| port.name.as_ref() == Some(wanted)),
            wanted.clone(),
        ),
        (None, Some(number)) => (
            ports.iter().any(|port| port.port == number),
            number.to_string(),
        ),
        (None, None) => return None,
    };
    (!known).then(|| format!("port {port} of Service {name}, which has none"))
}
