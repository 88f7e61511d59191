//! service-targets-workload: every Service leads somewhere.

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, AskedNamespace, Check, Covers, Fault, Minutes, Text},
    object::{
        Kind,
        namespaced::{EndpointSlice, Service},
        selector::contains_all,
    },
};

pub(super) const CHECK: Check = Check {
    id: "service-targets-workload",
    title: "Service that leads nowhere",
    category: Category::Reliability,
    severity: Severity::High,
    effort: Minutes(15),
    since: "0.1.0",
    profile: Profile::Production,
    text: Text {
        sees: "A Service with a selector matches the pods of no workload of its namespace. Services without selector, of type ExternalName, or with the label or annotation of something that makes pods by itself, are not asked; nor are namespaces with kinds of workloads that are not known here.",
        root_cause: "Labels were renamed on one side, or the workload was deleted and its Service stayed.",
        scenario: "Callers get connection refused, or wait until they time out.",
        impact: "What is called by that name is down, and nothing else says so.",
        fix: "Make the selector match the labels of the pod template, or delete the Service.",
    },
    links: &["https://kubernetes.io/docs/concepts/services-networking/service/"],
    covers: Covers {
        audit_rows: &[20],
        peers: &[
            "kube-linter:dangling-service",
            "kube-score:service-targets-pod",
            "popeye:1100",
            "popeye:1110",
            "kubescape:C-0293",
            "kics:Service Does Not Target Pod",
            "redhat-cop:REQ_INV-00003",
        ],
    },
    parameters: &[],
    reads: &[Kind::Service, Kind::EndpointSlice],
    ask: Ask::Namespace(ask),
};

fn ask(asked: &AskedNamespace<'_>) -> Answer {
    let around = &asked.surroundings;
    let selecting: Vec<&Service> = around
        .each::<Service>()
        .filter(|service| {
            !service.spec.selector.is_empty()
                && service.spec.kind.as_deref() != Some("ExternalName")
        })
        .filter(|service| service.metadata.controller().is_none())
        .collect();
    if selecting.is_empty() {
        return Answer::DoesNotApply;
    }
    let answered = |service: &Service| {
        let mut slices = around.each::<EndpointSlice>();
        slices.any(|slice| {
            slice.service() == Some(service.metadata.name.as_str()) && slice.endpoints.all > 0
        })
    };
    let lost = selecting
        .into_iter()
        .filter(|service| !answered(service))
        .filter(|service| {
            !around
                .workloads()
                .any(|workload| contains_all(workload.pod_labels(), &service.spec.selector))
        });
    let faults = lost.map(|service| {
        let message = format!("Service {} leads to no workload", service.metadata.name);
        Fault::in_object(service, "/spec/selector", message)
    });
    let faults: Vec<Fault> = faults.collect();
    match around.foreign_kind() {
        Some(kind) if !faults.is_empty() => {
            Answer::Unknown(format!("a {kind} of the namespace may make pods"))
        }
        _ => Answer::from_faults(faults),
    }
}
