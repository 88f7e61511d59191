//! horizontal-autoscaling: more traffic brings more replicas.

use crate::{
    api::vocabulary::{Category, Profile, Severity, WorkloadKind},
    check::{Answer, Ask, Asked, Check, Covers, Fault, Minutes, Text},
    object::Kind,
    role::Role,
};

pub(super) const CHECK: Check = Check {
    id: "horizontal-autoscaling",
    title: "No autoscaler for an exposed service",
    category: Category::Scalability,
    severity: Severity::Medium,
    effort: Minutes(60),
    since: "0.1.0",
    profile: Profile::Scale,
    text: Text {
        sees: "A Deployment that traffic from outside reaches, and that keeps no data, has neither a HorizontalPodAutoscaler nor a ScaledObject.",
        root_cause: "The number of replicas was chosen for the usual day.",
        scenario: "A campaign brings ten times the traffic, and somebody has to notice and type.",
        impact: "The service is slow or down when it is wanted most.",
        fix: "Add a HorizontalPodAutoscaler with a maximum that the database behind it can bear.",
    },
    links: &["https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/"],
    covers: Covers {
        audit_rows: &[22],
        peers: &["kyverno:check-hpa-exists"],
    },
    parameters: &[],
    reads: &[
        Kind::Service,
        Kind::Ingress,
        Kind::HttpRoute,
        Kind::Gateway,
        Kind::HorizontalPodAutoscaler,
        Kind::ScaledObject,
    ],
    ask: Ask::Surroundings(ask),
};

fn ask(asked: &Asked<'_>) -> Answer {
    let workload = asked.workload;
    let around = &asked.surroundings;
    let role = asked.role();
    if workload.kind != WorkloadKind::Deployment || role != Role::Service {
        return Answer::DoesNotApply;
    }
    Answer::about(asked.entrances(), |entrances| {
        if entrances.is_empty() {
            return Answer::DoesNotApply;
        }
        Answer::about(around.autoscalers(workload), |scalers| {
            Answer::pass_if(!scalers.is_empty(), || {
                let message = "keeps its number of replicas whatever traffic comes";
                Fault::new(workload.at("/spec/replicas"), message)
            })
        })
    })
}
