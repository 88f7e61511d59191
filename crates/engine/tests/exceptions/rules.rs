//! Exceptions of a policy's own rules.

use prodready_engine::{
    api::condition::ConditionStatus,
    exception::{self, judge, mistakes},
    gate::{Case, Decision, Reach, decide, objections},
    object::exception::ReadinessException,
    policy::Policy,
};
use serde_json::{Value, json};

use super::support::{IN_FORCE, agent, at, cluster, container, deployment};

/// A policy with two rules, which the Deployment of these tests breaks: one of severity critical, one medium.
fn policy(exceptions: Value) -> Policy {
    let rule = |name: &str, severity: &str| {
        json!({
            "id": format!("acme.{name}"),
            "title": "Wrong",
            "severity": severity,
            "expression": "1 == 2",
            "message": "is wrong",
            "fix": "Mend it.",
        })
    };
    let written = json!({
        "apiVersion": "prodready.dev/v1alpha1",
        "kind": "ProductionReadinessPolicy",
        "metadata": {"name": "house"},
        "spec": {
            "profile": "baseline",
            "exceptions": exceptions,
            "enforcement": {"mode": "Enforce", "denySeverities": ["critical"]},
            "rules": [rule("grave", "critical"), rule("slight", "medium")],
        },
    });
    Policy::compile(&serde_json::from_value(written).unwrap()).unwrap()
}

fn naming(checks: &[&str]) -> ReadinessException {
    agent(json!({"checks": checks}))
}

fn forgiven(exception: &ReadinessException, policy: &Policy) -> Vec<String> {
    let workload = deployment(json!([container("web", "shop/cart:1.4.2", false)]));
    let cluster = cluster(std::slice::from_ref(exception));
    let judgement = judge(&workload, cluster.around("shop"), policy, at(IN_FORCE));
    let forgiven = judgement.exceptions.forgiven.iter();
    forgiven.map(|each| each.question.id().to_owned()).collect()
}

/// Status, reason and message of the condition about the names.
fn known(exception: &ReadinessException, policy: &Policy) -> (ConditionStatus, String, String) {
    let workload = deployment(json!([container("web", "shop/cart:1.4.2", false)]));
    let cluster = cluster(std::slice::from_ref(exception));
    let judgement = judge(&workload, cluster.around("shop"), policy, at(IN_FORCE));
    let effects = judgement.exceptions.effects.iter();
    let effects: Vec<_> = effects
        .map(|effect| (workload.display_name(), effect))
        .collect();
    let status = exception::status(exception, &effects, at(IN_FORCE));
    let mut conditions = status.conditions.into_iter();
    let found = conditions.find(|each| each.type_ == "ChecksKnown").unwrap();
    (found.status, found.reason, found.message)
}

#[test]
fn a_rule_is_excepted_by_its_id() {
    let policy = policy(json!({"maxDays": 90}));
    let workload = deployment(json!([container("web", "shop/cart:1.4.2", false)]));
    let denied = |exceptions: &[ReadinessException]| {
        let cluster = cluster(exceptions);
        let judgement = judge(&workload, cluster.around("shop"), &policy, at(IN_FORCE));
        objections(&judgement, &policy).checks
    };
    assert_eq!(denied(&[]), ["acme.grave"]);
    let excepted = naming(&["acme.grave"]);
    assert_eq!(forgiven(&excepted, &policy), ["acme.grave"]);
    assert_eq!(denied(&[excepted]), Vec::<String>::new());
}

#[test]
fn the_gate_lets_through_what_breaks_an_excepted_rule_alone() {
    let policy = policy(json!({"maxDays": 90}));
    let workload = deployment(json!([container("web", "shop/cart:1.4.2", false)]));
    for (exceptions, lets_through) in [(vec![], false), (vec![naming(&["acme.grave"])], true)] {
        let cluster = cluster(&exceptions);
        let case = Case {
            workload: &workload,
            surroundings: cluster.around("shop"),
            policy: &policy,
            reach: Reach::Policy,
            now: at(IN_FORCE),
        };
        let decision = decide(&case, || None).decision;
        assert_eq!(matches!(decision, Decision::Allowed { .. }), lets_through);
    }
}

#[test]
fn the_severity_of_a_rule_counts_where_a_policy_asks_for_no_approval() {
    let lenient =
        policy(json!({"maxDays": 90, "withoutApproval": {"maxSeverity": "medium", "maxDays": 90}}));
    let unapproved = |checks: Value| agent(json!({"checks": checks, "approvedBy": null}));
    for (checks, forgives) in [
        (json!(["acme.slight"]), vec!["acme.slight"]),
        (json!(["acme.grave"]), vec![]),
        (json!(["acme.slight", "acme.grave"]), vec![]),
    ] {
        let exception = unapproved(checks.clone());
        assert_eq!(forgiven(&exception, &lenient), forgives, "{checks}");
    }
}

#[test]
fn a_name_that_is_neither_a_check_nor_a_rule_is_told() {
    let policy = policy(json!({"maxDays": 90}));
    let right = known(&naming(&["acme.grave", "host-path"]), &policy);
    assert_eq!(
        (right.0, right.1.as_str()),
        (ConditionStatus::True, "Known")
    );
    let wrong = known(&naming(&["acme.grave", "acme.gave", "emca.grave"]), &policy);
    assert_eq!(
        wrong,
        (
            ConditionStatus::False,
            "UnknownRule".to_owned(),
            "neither a check nor a rule of the policy that governs: acme.gave, emca.grave"
                .to_owned()
        )
    );
    let mut nobody = naming(&["acme.grave"]);
    nobody.spec.workloads[0].name = "crat".to_owned();
    assert_eq!(known(&nobody, &policy).0, ConditionStatus::Unknown);
}

#[test]
fn a_file_may_name_whatever_can_be_a_rule() {
    let fields = |checks: &[&str]| -> Vec<String> {
        let found = mistakes(&naming(checks)).into_iter();
        found.map(|one| one.field).collect()
    };
    assert_eq!(fields(&["acme.grave"]), Vec::<String>::new());
    let wrong = [
        "acme.",
        ".grave",
        "acme.grave.more",
        "Acme.grave",
        "privileged",
    ];
    let all: Vec<String> = (0..5)
        .map(|index| format!("spec.checks[{index}]"))
        .collect();
    assert_eq!(fields(&wrong), all);
}
