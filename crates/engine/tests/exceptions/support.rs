//! A policy, a Deployment and exceptions for it, and what comes of them.

use jiff::Timestamp;
use prodready_engine::{
    api::{
        condition::ConditionStatus, exception::ReadinessExceptionStatus,
        report::ReadinessReportStatus, vocabulary::WorkloadKind,
    },
    exception::{self, judge},
    gate::{Case, Decision, Reach, decide},
    object::{Resource, Workload, exception::ReadinessException},
    policy::Policy,
    report::{self, Extent},
    score::score,
    surroundings::{Cluster, Completeness},
};
use serde_json::{Value, json};

pub(super) const CREATED: &str = "2027-01-01T00:00:00Z";
pub(super) const END: &str = "2027-03-01T00:00:00Z";
pub(super) const JUST_BEFORE: &str = "2027-02-28T23:59:59.999999999Z";
pub(super) const IN_FORCE: &str = "2027-01-10T12:00:00Z";

pub(super) fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// A policy that asks two checks: `privileged-container` weighs 10, `image-tag` 5.
pub(super) fn policy(exceptions: Value) -> Policy {
    let written = json!({
        "apiVersion": "prodready.dev/v1alpha1",
        "kind": "ProductionReadinessPolicy",
        "metadata": {"name": "house"},
        "spec": {
            "profile": "baseline",
            "exceptions": exceptions,
            "enforcement": {"mode": "Enforce", "denySeverities": ["critical", "high"]},
        },
    });
    let policy = Policy::compile(&serde_json::from_value(written).unwrap()).unwrap();
    policy.narrowed_to(
        &["privileged-container", "image-tag"]
            .map(|id| prodready_engine::checks::find(id).unwrap()),
    )
}

pub(super) fn strict() -> Policy {
    policy(json!({"maxDays": 90}))
}

pub(super) fn container(name: &str, image: &str, privileged: bool) -> Value {
    json!({"name": name, "image": image, "securityContext": {"privileged": privileged}})
}

pub(super) fn deployment(containers: Value) -> Workload {
    let object = json!({
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "cart", "namespace": "shop", "labels": {"app": "cart"}},
        "spec": {
            "replicas": 2,
            "selector": {"matchLabels": {"app": "cart"}},
            "template": {"metadata": {"labels": {"app": "cart"}}, "spec": {"containers": containers}},
        },
    });
    Workload::read(WorkloadKind::Deployment, object).unwrap()
}

pub(super) fn privileged() -> Workload {
    deployment(json!([container("web", "shop/cart:1.4.2", true)]))
}

/// An approved exception of `privileged-container` for Deployment/cart, with fields of the spec replaced or, by
/// `null`, taken away.
pub(super) fn named(name: &str, fields: Value) -> ReadinessException {
    let mut spec = json!({
        "workloads": [{"kind": "Deployment", "name": "cart"}],
        "checks": ["privileged-container"],
        "reason": "the vendor's agent needs it until release 4.2",
        "expirationTime": END,
        "requestedBy": "tina",
        "approvedBy": "olga",
    });
    for (field, value) in fields.as_object().unwrap() {
        spec[field] = value.clone();
    }
    serde_json::from_value(json!({
        "apiVersion": "prodready.dev/v1alpha1",
        "kind": "ReadinessException",
        "metadata": {"name": name, "namespace": "shop", "creationTimestamp": CREATED},
        "spec": spec,
    }))
    .unwrap()
}

pub(super) fn agent(fields: Value) -> ReadinessException {
    named("agent", fields)
}

pub(super) fn cluster(exceptions: &[ReadinessException]) -> Cluster {
    let mut cluster = Cluster::new(Completeness::complete());
    for exception in exceptions {
        cluster.insert(Resource::ReadinessException(exception.clone()));
    }
    cluster
}

pub(super) fn reported(
    workload: &Workload,
    exceptions: &[ReadinessException],
    policy: &Policy,
    now: &str,
) -> ReadinessReportStatus {
    let cluster = cluster(exceptions);
    let judgement = judge(workload, cluster.around("shop"), policy, at(now));
    let scored = score(&judgement, policy.thresholds);
    report::status(workload, policy, &judgement, &scored, Extent::Full)
}

/// The findings that are left, and those forgiven, each as `check/container` and the latter with the exception.
pub(super) fn told(status: &ReadinessReportStatus) -> (Vec<String>, Vec<String>) {
    let container = |name: &Option<String>| name.clone().unwrap_or_default();
    let left = status.findings.iter();
    let left = left.map(|finding| format!("{}/{}", finding.check, container(&finding.container)));
    let forgiven = status.exceptions.iter();
    let forgiven = forgiven.map(|each| {
        format!(
            "{}/{} by {}",
            each.check,
            container(&each.container),
            each.name
        )
    });
    (left.collect(), forgiven.collect())
}

pub(super) fn decided(
    workload: &Workload,
    old: Option<&Workload>,
    exceptions: &[ReadinessException],
    now: &str,
) -> Decision {
    let cluster = cluster(exceptions);
    let policy = strict();
    let case = Case {
        workload,
        surroundings: cluster.around("shop"),
        policy: &policy,
        reach: Reach::Policy,
        now: at(now),
    };
    decide(&case, || old.cloned()).decision
}

#[track_caller]
pub(super) fn denial(decision: Decision) -> String {
    match decision {
        Decision::Denied(denial) => denial.message,
        Decision::Allowed { warnings } => panic!("allowed: {warnings:?}"),
    }
}

pub(super) fn allowed(warnings: &[&str]) -> Decision {
    Decision::Allowed {
        warnings: warnings.iter().map(ToString::to_string).collect(),
    }
}

pub(super) fn status(
    exception: &ReadinessException,
    policy: &Policy,
    now: &str,
) -> ReadinessExceptionStatus {
    let cluster = cluster(std::slice::from_ref(exception));
    let workload = privileged();
    let judgement = judge(&workload, cluster.around("shop"), policy, at(now));
    let effects: Vec<_> = judgement
        .exceptions
        .effects
        .iter()
        .map(|effect| (workload.display_name(), effect))
        .collect();
    exception::status(exception, &effects, at(now))
}

/// Status, reason and message of a condition.
pub(super) fn condition(status: &ReadinessExceptionStatus, type_: &str) -> (bool, String, String) {
    let found = status
        .conditions
        .iter()
        .find(|each| each.type_ == type_)
        .unwrap();
    let holds = found.status == ConditionStatus::True;
    (holds, found.reason.clone(), found.message.clone())
}
