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
fn a_check_that_denies_is_asked_also_where_the_profile_lacks_it() {
    let policy = policy(
        json!({"denySeverities": [], "denyChecks": ["minimum-replicas"]}),
        json!([]),
    );
    let of = |replicas| deployment(replicas, json!([container("web", false)]));
    let told = denial(change(&policy, None, &of(1)));
    assert!(told.contains("minimum-replicas"), "{told}");
    assert!(warnings(change(&policy, None, &of(2))).is_empty());
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

/// A policy with a rule about the prefix of images, which falls short at severity high.
fn ruled(more: Value) -> Policy {
    let mut rule = json!({
        "id": "acme.registry", "title": "Image is from elsewhere", "severity": "critical",
        "expression": "object.spec.template.spec.containers.all(c, c.image.startsWith('acme/'))",
        "message": "has an image from elsewhere", "fix": "Use a copy in our registry.",
        "fieldPath": "spec.template.spec.containers",
    });
    let more: serde_json::Map<String, Value> = serde_json::from_value(more).unwrap();
    rule.as_object_mut().unwrap().extend(more);
    let written = json!({
        "metadata": {"name": "house"},
        "spec": {"profile": "baseline", "rules": [rule], "enforcement": {"mode": "Enforce"}},
    });
    Policy::compile(&serde_json::from_value(written).unwrap()).unwrap()
}

/// A Deployment as the gate reads it where rules ask about it.
fn whole(replicas: i64, image: &str) -> Workload {
    let containers = json!([{"name": "web", "image": image}]);
    let mut read = deployment(replicas, containers);
    let object = json!({"metadata": {"name": "cart"}, "spec": read.document()["spec"]});
    read.metadata.original = Some(prodready_engine::object::Original::of(object));
    read
}

const ELSEWHERE: &str = "elsewhere/cart:1.4.2";

#[test]
fn a_rule_denies_what_is_new_and_lets_stay_what_was_before() {
    let policy = ruled(json!({}));
    let told = denial(change(&policy, None, &whole(2, ELSEWHERE)));
    let wanted = "\n- [critical] acme.registry: has an image from elsewhere\n  field: spec.template.spec.containers\n  fix: Use a copy in our registry.";
    assert!(told.contains(wanted), "{told}");
    assert_eq!(
        warnings(change(&policy, None, &whole(2, "acme/cart:1"))),
        Vec::<String>::new()
    );
    assert_eq!(
        warnings(change(
            &policy,
            Some(&whole(2, ELSEWHERE)),
            &whole(3, ELSEWHERE)
        )),
        [
            "Deployment/cart may keep 1 finding of before this change (policy house)",
            "[critical] acme.registry: has an image from elsewhere",
        ]
    );
    let told = denial(change(
        &policy,
        Some(&whole(2, "acme/cart:1")),
        &whole(2, ELSEWHERE),
    ));
    assert!(told.contains("acme.registry"), "{told}");
}

#[test]
fn a_rule_of_a_milder_severity_denies_only_where_it_says_so_and_from_its_date() {
    let mild = ruled(json!({"severity": "low"}));
    assert_eq!(
        warnings(change(&mild, None, &whole(2, ELSEWHERE))),
        Vec::<String>::new()
    );
    let listed = ruled(json!({"severity": "low", "deny": true}));
    assert!(denial(change(&listed, None, &whole(2, ELSEWHERE))).contains("[low] acme.registry"));
    let later = ruled(json!({"enforceFrom": "2027-01-12T12:00:00Z"}));
    assert_eq!(
        warnings(change(&later, None, &whole(2, ELSEWHERE))),
        [
            "denied from 2027-01-12 12:00 UTC (in 2 days): [critical] acme.registry: has an image from elsewhere"
        ]
    );
}

#[test]
fn a_rule_about_what_is_related_denies_only_where_it_says_so() {
    let related = json!({"expression": "size(related.services) > 0"});
    assert_eq!(
        warnings(change(
            &ruled(related.clone()),
            None,
            &whole(2, "acme/cart:1")
        )),
        Vec::<String>::new()
    );
    let mut listed = related;
    listed["deny"] = json!(true);
    assert!(
        denial(change(&ruled(listed), None, &whole(2, "acme/cart:1"))).contains("acme.registry")
    );
}

#[test]
fn a_rule_that_cannot_tell_denies_nothing() {
    let policy = ruled(json!({"expression": "object.spec.strategy.type == 'Recreate'"}));
    assert_eq!(
        warnings(change(&policy, None, &whole(2, ELSEWHERE))),
        Vec::<String>::new()
    );
}

#[test]
fn a_rule_sees_the_stored_object_also_where_only_the_scale_changes() {
    let gentle = ruled(
        json!({"expression": "oldObject == null || object.spec.replicas * 2 >= oldObject.spec.replicas"}),
    );
    let cluster = Cluster::new(Completeness::complete());
    let stored = whole(8, "acme/cart:1");
    let case = Case {
        workload: &stored,
        surroundings: cluster.around("shop"),
        policy: &gentle,
        reach: Reach::Policy,
        now: NOW.parse::<Timestamp>().unwrap(),
    };
    assert!(denial(decide_scale(&case, 3).decision).contains("acme.registry"));
    assert_eq!(
        warnings(decide_scale(&case, 4).decision),
        Vec::<String>::new()
    );
    assert!(
        denial(change(&gentle, Some(&stored), &whole(3, "acme/cart:1"))).contains("acme.registry")
    );
    assert_eq!(
        warnings(change(&gentle, Some(&stored), &whole(4, "acme/cart:1"))),
        Vec::<String>::new()
    );
}
