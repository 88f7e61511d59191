use serde_json::{Value, json};

use super::{Decision, Reach, decide, decide_scale};
use crate::{
    api::{policy::ProductionReadinessPolicy, vocabulary::WorkloadKind},
    object::Workload,
    policy::Policy,
    surroundings::{Cluster, Completeness},
};

fn policy(enforcement: &Value) -> Policy {
    let written = json!({"metadata": {"name": "strict"}, "spec": {"enforcement": enforcement}});
    let written: ProductionReadinessPolicy = serde_json::from_value(written).unwrap();
    Policy::compile(&written).unwrap()
}

/// A Deployment of three replicas with these containers: name, and whether it is privileged.
fn deployment(containers: &[(&str, bool)]) -> Workload {
    let containers: Vec<Value> = containers
        .iter()
        .map(|(name, privileged)| {
            json!({"name": name, "image": "web:1.0", "securityContext": {"privileged": privileged}})
        })
        .collect();
    let object = json!({
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "web", "namespace": "shop"},
        "spec": {
            "replicas": 3,
            "selector": {"matchLabels": {"app": "web"}},
            "template": {"metadata": {"labels": {"app": "web"}}, "spec": {"containers": containers}},
        },
    });
    Workload::read(WorkloadKind::Deployment, object).unwrap()
}

/// The fields that deny a change, or the warnings that come with it.
fn changed(old: &[(&str, bool)], new: &[(&str, bool)]) -> Result<Vec<String>, Vec<String>> {
    let policy = policy(&json!({
        "mode": "Enforce",
        "denySeverities": [],
        "denyChecks": ["privileged-container"],
    }));
    let cluster = Cluster::new(Completeness::complete());
    let (old, new) = (deployment(old), deployment(new));
    let around = cluster.around("shop");
    match decide(&new, || Some(old), around, &policy, Reach::Policy).decision {
        Decision::Allowed { warnings } => Ok(warnings),
        Decision::Denied(denial) => {
            Err(denial.causes.into_iter().map(|cause| cause.field).collect())
        }
    }
}

const PRIVILEGED: &str = "securityContext.privileged";

#[test]
fn what_was_there_before_is_let_through_with_a_warning() {
    let warnings = changed(&[("web", true)], &[("web", true), ("log", false)]).unwrap();
    assert!(
        warnings[0].starts_with("let through, being no worse than before: Deployment/web"),
        "{warnings:?}"
    );
    assert_eq!(
        warnings[1],
        "[critical] privileged-container: container web runs privileged, with all rights of its node"
    );
    assert_eq!(warnings.len(), 2);
}

#[test]
fn containers_that_change_places_are_the_same_ones() {
    let old = [("web", true), ("log", false)];
    assert!(changed(&old, &[("log", false), ("web", true)]).is_ok());
}

#[test]
fn one_that_is_mended_answers_for_no_other() {
    let denied = changed(
        &[("web", true), ("log", false)],
        &[("web", false), ("log", true)],
    );
    let field = format!("spec.template.spec.containers[1].{PRIVILEGED}");
    assert_eq!(denied, Err(vec![field]));
}

#[test]
fn only_what_is_new_is_denied() {
    let denied = changed(&[("web", true)], &[("web", true), ("log", true)]);
    let field = format!("spec.template.spec.containers[1].{PRIVILEGED}");
    assert_eq!(denied, Err(vec![field]));
}

#[test]
fn what_is_repaired_comes_without_a_word() {
    assert_eq!(changed(&[("web", true)], &[("web", false)]), Ok(Vec::new()));
}

#[test]
fn a_score_below_the_minimum_denies_only_where_it_falls() {
    let policy = policy(&json!({"mode": "Enforce", "denySeverities": [], "minimumScore": 100}));
    let cluster = Cluster::new(Completeness::complete());
    let decided = |old: &Workload, new: &Workload| {
        let around = cluster.around("shop");
        decide(new, || Some(old.clone()), around, &policy, Reach::Policy).decision
    };
    let (better, worse) = (deployment(&[("web", false)]), deployment(&[("web", true)]));
    assert!(matches!(decided(&better, &worse), Decision::Denied(_)));
    assert!(matches!(decided(&worse, &better), Decision::Allowed { .. }));
    assert!(matches!(decided(&worse, &worse), Decision::Allowed { .. }));
}

#[test]
fn a_scale_is_denied_only_for_what_the_number_brings_about() {
    let policy = policy(&json!({
        "mode": "Enforce",
        "denySeverities": [],
        "denyChecks": ["minimum-replicas", "privileged-container"],
    }));
    let cluster = Cluster::new(Completeness::complete());
    let web = deployment(&[("web", true)]);
    let to = |replicas| decide_scale(&web, replicas, cluster.around("shop"), &policy).decision;
    let allowed = Decision::Allowed {
        warnings: Vec::new(),
    };
    assert_eq!(to(5), allowed);
    let Decision::Denied(denial) = to(1) else {
        panic!("one replica is too few");
    };
    let reasons: Vec<&str> = denial.causes.iter().map(|cause| cause.reason).collect();
    assert_eq!(reasons, ["minimum-replicas"]);
}
