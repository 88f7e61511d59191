//! What the gate answers: new faults, old ones, dates.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::needless_pass_by_value,
    reason = "helpers of tests are brief and end their test"
)]

use jiff::Timestamp;
use prodready_engine::{
    api::vocabulary::WorkloadKind,
    gate::{Case, Decision, Reach, decide, decide_scale},
    object::Workload,
    policy::Policy,
    surroundings::{Cluster, Completeness},
};
use serde_json::{Value, json};

const NOW: &str = "2027-01-10T12:00:00Z";

fn policy(enforcement: Value, checks: Value) -> Policy {
    let mut enforcement = enforcement;
    enforcement["mode"] = json!("Enforce");
    let written = json!({
        "apiVersion": "prodready.dev/v1alpha1",
        "kind": "ProductionReadinessPolicy",
        "metadata": {"name": "house"},
        "spec": {"profile": "baseline", "checks": checks, "enforcement": enforcement},
    });
    Policy::compile(&serde_json::from_value(written).unwrap()).unwrap()
}

fn deployment(replicas: i64, containers: Value) -> Workload {
    let object = json!({
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "cart", "namespace": "shop"},
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": {"app": "cart"}},
            "template": {"metadata": {"labels": {"app": "cart"}}, "spec": {"containers": containers}},
        },
    });
    Workload::read(WorkloadKind::Deployment, object).unwrap()
}

fn container(name: &str, privileged: bool) -> Value {
    json!({
        "name": name,
        "image": "shop/cart:1.4.2",
        "securityContext": {"privileged": privileged},
    })
}

fn one(privileged: bool) -> Workload {
    deployment(2, json!([container("web", privileged)]))
}

/// The decision about a change from `old` to `new`.
fn change(policy: &Policy, old: Option<&Workload>, new: &Workload) -> Decision {
    let cluster = Cluster::new(Completeness::complete());
    let case = Case {
        workload: new,
        surroundings: cluster.around("shop"),
        policy,
        reach: Reach::Policy,
        now: NOW.parse::<Timestamp>().unwrap(),
    };
    decide(&case, || old.cloned()).decision
}

#[track_caller]
fn warnings(decision: Decision) -> Vec<String> {
    match decision {
        Decision::Allowed { warnings } => warnings,
        Decision::Denied(denial) => panic!("denied: {}", denial.message),
    }
}

#[track_caller]
fn denial(decision: Decision) -> String {
    match decision {
        Decision::Denied(denial) => denial.message,
        Decision::Allowed { warnings } => panic!("allowed: {warnings:?}"),
    }
}

fn critical() -> Policy {
    policy(json!({}), json!([]))
}

#[test]
fn what_is_made_with_a_fault_is_denied() {
    assert!(denial(change(&critical(), None, &one(true))).contains("privileged-container"));
    assert_eq!(
        warnings(change(&critical(), None, &one(false))),
        Vec::<String>::new()
    );
}

#[test]
fn what_had_the_fault_before_may_keep_it_and_is_told_so() {
    let told = warnings(change(&critical(), Some(&one(true)), &one(true)));
    assert_eq!(
        told,
        [
            "Deployment/cart may keep 1 finding of before this change (policy house)",
            "[critical] privileged-container: container web runs privileged, with all rights of its node",
        ]
    );
}

#[test]
fn a_fault_that_comes_with_the_change_is_denied() {
    denial(change(&critical(), Some(&one(false)), &one(true)));
}

#[test]
fn reordering_makes_no_fault_new() {
    let before = deployment(2, json!([container("web", true), container("log", false)]));
    let after = deployment(2, json!([container("log", false), container("web", true)]));
    assert_eq!(
        warnings(change(&critical(), Some(&before), &after)).len(),
        2
    );
}

#[test]
fn a_fault_does_not_pass_from_one_container_to_another() {
    let before = deployment(2, json!([container("web", true), container("log", false)]));
    let moved = deployment(2, json!([container("web", false), container("log", true)]));
    denial(change(&critical(), Some(&before), &moved));
    let renamed = deployment(2, json!([container("api", true), container("log", false)]));
    denial(change(&critical(), Some(&before), &renamed));
}

#[test]
fn only_what_is_new_is_spelt_out_and_the_rest_is_counted() {
    let before = deployment(2, json!([container("web", true)]));
    let after = deployment(2, json!([container("web", true), container("log", true)]));
    let told = denial(change(&critical(), Some(&before), &after));
    assert!(told.contains("container log runs privileged"), "{told}");
    assert!(!told.contains("container web runs privileged"), "{told}");
    assert!(
        told.contains("Deployment/cart may keep 1 finding of before this change"),
        "{told}"
    );
}

#[test]
fn more_of_an_old_fault_is_new() {
    let policy = policy(
        json!({"denyChecks": ["minimum-replicas"]}),
        json!([{"id": "minimum-replicas", "parameters": [{"name": "min", "value": 3}]}]),
    );
    let of = |replicas| deployment(replicas, json!([container("web", false)]));
    denial(change(&policy, Some(&of(2)), &of(1)));
    denial(change(&policy, Some(&of(3)), &of(2)));
    assert!(!warnings(change(&policy, Some(&of(2)), &of(2))).is_empty());
    assert!(!warnings(change(&policy, Some(&of(1)), &of(2))).is_empty());
    assert!(warnings(change(&policy, Some(&of(1)), &of(3))).is_empty());
}

#[test]
fn a_low_score_may_stay_and_rise_but_not_fall() {
    let policy = policy(
        json!({"denySeverities": [], "minimumScore": 100}),
        json!([]),
    );
    let worse = deployment(1, json!([{"name": "web", "image": "shop/cart:latest"}]));
    let bad = deployment(1, json!([{"name": "web", "image": "shop/cart:1.4.2"}]));
    denial(change(&policy, None, &bad));
    denial(change(&policy, Some(&bad), &worse));
    assert_eq!(
        warnings(change(&policy, Some(&worse), &bad)),
        ["Deployment/cart may keep the low score of before this change (policy house)"]
    );
    warnings(change(&policy, Some(&bad), &bad));
}

#[test]
fn without_a_ratchet_old_faults_deny() {
    let off = policy(json!({"ratchet": {"enabled": false}}), json!([]));
    denial(change(&off, Some(&one(true)), &one(true)));
}

#[test]
fn a_ratchet_holds_until_its_date() {
    let until = |date: &str| policy(json!({"ratchet": {"until": date}}), json!([]));
    let bad = one(true);
    let told = warnings(change(&until("2027-01-15T12:00:00Z"), Some(&bad), &bad));
    assert!(
        told[0].ends_with("(policy house) until 2027-01-15 12:00 UTC (in 5 days)"),
        "{told:?}"
    );
    denial(change(&until(NOW), Some(&bad), &bad));
}

#[test]
fn a_policy_warns_until_its_date_and_says_how_long_is_left() {
    let from = |date: &str| policy(json!({"from": date}), json!([]));
    let told = warnings(change(&from("2027-01-11T12:00:00Z"), None, &one(true)));
    assert_eq!(
        told[0],
        "this will be denied from 2027-01-11 12:00 UTC (in 24 hours)"
    );
    assert!(told[1].starts_with("Deployment/cart is not ready by policy house: 1 finding"));
    denial(change(&from(NOW), None, &one(true)));
}

#[test]
fn a_check_warns_until_its_date() {
    let from = |date: &str| {
        policy(
            json!({}),
            json!([{"id": "privileged-container", "enforceFrom": date}]),
        )
    };
    assert_eq!(
        warnings(change(&from("2027-02-10T12:00:00Z"), None, &one(true))),
        [
            "denied from 2027-02-10 12:00 UTC (in 31 days): [critical] privileged-container: container web runs privileged, with all…"
        ]
    );
    denial(change(&from(NOW), None, &one(true)));
}

#[test]
fn scaling_down_is_denied_for_what_it_brings_about_alone() {
    let policy = policy(
        json!({"denyChecks": ["minimum-replicas"], "ratchet": {"enabled": false}}),
        json!([{"id": "minimum-replicas", "parameters": [{"name": "min", "value": 3}]}]),
    );
    let cluster = Cluster::new(Completeness::complete());
    let scaled = |workload: &Workload, replicas| {
        let case = Case {
            workload,
            surroundings: cluster.around("shop"),
            policy: &policy,
            reach: Reach::Policy,
            now: NOW.parse().unwrap(),
        };
        decide_scale(&case, replicas).decision
    };
    let privileged = deployment(3, json!([container("web", true)]));
    let told = denial(scaled(&privileged, 1));
    assert!(
        told.contains("minimum-replicas") && !told.contains("privileged-container"),
        "{told}"
    );
    assert_eq!(warnings(scaled(&privileged, 4)), Vec::<String>::new());
    let two = deployment(2, json!([container("web", true)]));
    denial(scaled(&two, 1));
    warnings(scaled(&two, 0));
}
