//! What rules say of small workloads, and what is said of mistakes in them.

#![expect(clippy::needless_pass_by_value, reason = "helpers of tests are brief")]

mod containers;
mod fields;
mod limits;
mod table;

use serde_json::{Value, json};

use crate::{
    api::{policy::ProductionReadinessPolicy, vocabulary::Severity, vocabulary::WorkloadKind},
    judge::{CheckResult, judge, judge_by_some},
    object::{
        Kind, Resource, Workload,
        resource::{Known, Whole},
    },
    policy::{FieldError, Policy, whole_for},
    surroundings::{Cluster, Completeness},
};

fn policy(rules: &Value) -> Result<Policy, Vec<FieldError>> {
    let written: ProductionReadinessPolicy = serde_json::from_value(json!({
        "metadata": {"name": "house"},
        "spec": {"profile": "baseline", "rules": rules},
    }))
    .unwrap();
    Policy::compile(&written)
}

fn rule(expression: &str) -> Value {
    json!({
        "id": "acme.rule", "title": "Wrong", "severity": "high", "message": "is wrong", "fix": "Mend it.",
        "expression": expression,
    })
}

fn with(mut rule: Value, more: Value) -> Value {
    let more: serde_json::Map<String, Value> = serde_json::from_value(more).unwrap();
    rule.as_object_mut().unwrap().extend(more);
    rule
}

fn deployment() -> Value {
    json!({
        "metadata": {"name": "cart", "namespace": "shop", "labels": {"b": "2", "a": "1", "c": "3"}},
        "spec": {
            "replicas": 2,
            "selector": {"matchLabels": {"app": "cart"}},
            "template": {
                "metadata": {"labels": {"app": "cart"}},
                "spec": {
                    "dnsPolicy": "Default",
                    "containers": [
                        {"name": "web", "image": "registry.acme.example/cart:1.4",
                         "resources": {"limits": {"memory": "512Mi"}, "requests": {"memory": "128Mi"}}},
                        {"name": "log", "image": "log@sha256:0a1b"},
                    ],
                },
            },
        },
        "status": {"replicas": 1},
    })
}

fn service() -> Value {
    json!({
        "metadata": {"name": "cart", "namespace": "shop"},
        "spec": {"selector": {"app": "cart"}, "ports": [{"port": 80}], "sessionAffinity": "ClientIP"},
    })
}

fn workload(object: Value) -> Workload {
    let whole = Whole {
        workloads: true,
        ..Whole::default()
    };
    match Resource::keep(Known::Workload(WorkloadKind::Deployment), object, &whole).unwrap() {
        Resource::Workload(workload) => *workload,
        other => panic!("{other:?}"),
    }
}

fn around(policy: &Policy, objects: &[(Kind, Value)], completeness: Completeness) -> Cluster {
    let mut cluster = Cluster::new(completeness);
    let whole = whole_for([policy]);
    for (kind, object) in objects {
        cluster.insert(Resource::keep(Known::Surrounding(*kind), object.clone(), &whole).unwrap());
    }
    cluster
}

/// What a rule says of the Deployment above, with its Service and Namespace.
fn said(rule: Value) -> CheckResult {
    let policy = policy(&json!([rule])).unwrap_or_else(|errors| panic!("{rule}: {errors:?}"));
    let namespace = json!({"metadata": {"name": "shop", "labels": {"tier": "gold"}}});
    let objects = [(Kind::Service, service()), (Kind::Namespace, namespace)];
    let cluster = around(&policy, &objects, Completeness::complete());
    let workload = workload(deployment());
    let judgement = judge(&workload, cluster.around("shop"), &policy);
    judgement.outcomes.into_iter().next_back().unwrap().result
}

fn message(result: CheckResult) -> String {
    match result {
        CheckResult::Failed { findings, .. } => findings[0].fault.message.clone(),
        other => panic!("{other:?}"),
    }
}

fn unknown(result: CheckResult) -> String {
    match result {
        CheckResult::Unknown(why) => why,
        other => panic!("{other:?}"),
    }
}

fn mistake(rule: Value) -> String {
    let told = rule.to_string();
    let errors = policy(&json!([rule]))
        .err()
        .unwrap_or_else(|| panic!("no mistake in {told}"));
    errors
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join("; ")
}

#[test]
fn a_rule_sees_fields_that_no_check_reads() {
    assert_eq!(
        said(rule("object.spec.template.spec.dnsPolicy == 'Default'")),
        CheckResult::Passed
    );
    assert_eq!(
        message(said(rule(
            "object.spec.template.spec.dnsPolicy == 'ClusterFirst'"
        ))),
        "is wrong"
    );
    assert_eq!(
        said(rule(
            "object.kind == 'Deployment' && object.apiVersion == 'apps/v1'"
        )),
        CheckResult::Passed
    );
    assert_eq!(said(rule("!has(object.status)")), CheckResult::Passed);
}

#[test]
fn every_part_of_the_language_and_of_kubernetes_libraries_answers() {
    for expression in [
        "object.spec.template.spec.containers.all(c, c.name in ['web', 'log'])",
        "object.spec.template.spec.containers.exists(c, c.image.contains('@sha256:'))",
        "object.spec.template.spec.containers.filter(c, c.image.matches('@sha256:[0-9a-f]+$')).size() == 1",
        "object.spec.template.spec.containers.map(c, c.name).join(', ') == 'web, log'",
        "object.metadata.labels.map(key, key) == ['a', 'b', 'c']",
        "object.metadata.labels.exists_one(key, object.metadata.labels[key] == '2')",
        "object.metadata.?annotations.?owner.orValue('nobody') == 'nobody'",
        "object.spec.replicas > 1 ? true : false",
        "quantity(object.spec.template.spec.containers[0].resources.limits.memory).isLessThan(quantity('1Gi'))",
        "quantity('1500m').add(quantity('500m')).asInteger() == 2",
        "quantity('2').sub(3).sign() == -1",
        "quantity('100m').compareTo(quantity('0.1')) == 0 && !isQuantity('lots')",
        "'registry.acme.example/cart'.find('^[^/]+') == 'registry.acme.example'",
        "'a1b22c333'.findAll('[0-9]+') == ['1', '22', '333']",
        "'a1b22c333'.findAll('[0-9]+', 2) == ['1', '22']",
        "[1, 2, 2, 7].isSorted() && ![2, 1].isSorted()",
        "[1, 2, 3].sum() == 6 && [1, 2, 3].min() == 1 && [1, 2, 3].max() == 3",
        "[1, 2, 2].indexOf(2) == 1 && [1, 2, 2].lastIndexOf(2) == 2 && [1].indexOf(5) == -1",
        "'abcabc'.indexOf('c') == 2 && 'abcabc'.lastIndexOf('c') == 5",
        "'a-b-c'.split('-').size() == 3 && 'a-b'.replace('-', '.') == 'a.b'",
        "'Cart'.lowerAscii() == 'cart' && ' x '.trim() == 'x' && 'hello'.substring(1, 3) == 'el'",
        "url('https://user@acme.example:8443/a/b?x=1&x=2').getHost() == 'acme.example:8443'",
        "url('https://acme.example:8443/a').getHostname() == 'acme.example'",
        "url('https://acme.example:8443/a').getPort() == '8443' && url('/a/b').getEscapedPath() == '/a/b'",
        "url('https://acme.example/?x=1&x=2').getQuery()['x'] == ['1', '2'] && !isURL('acme.example')",
        "ip('10.0.0.7').family() == 4 && ip('::1').isLoopback() && !isIP('10.0.0.300')",
        "cidr('10.0.0.0/8').containsIP('10.1.2.3') && !cidr('10.0.0.0/8').containsIP('11.0.0.1')",
        "cidr('10.0.0.0/8').containsCIDR('10.1.0.0/16') && cidr('10.1.2.3/16').masked() == cidr('10.1.0.0/16')",
        "sets.contains([1, 2, 3], [3, 1]) && sets.equivalent([1, 2], [2, 1, 1]) && !sets.intersects([1], [2])",
        "size(related.services) == 1 && related.services[0].spec.sessionAffinity == 'ClientIP'",
        "related.podDisruptionBudgets == []",
        "namespaceObject.metadata.labels.tier == 'gold'",
        "oldObject == null",
    ] {
        assert_eq!(said(rule(expression)), CheckResult::Passed, "{expression}");
    }
}

#[test]
fn params_are_numbers_texts_and_lists() {
    let params = json!({"params": [
        {"name": "least", "value": 3}, {"name": "most", "value": "1Gi"}, {"name": "names", "values": ["web", "log"]},
    ]});
    for (expression, passes) in [
        ("object.spec.replicas >= params.least", false),
        (
            "quantity(params.most).isGreaterThan(quantity('512Mi'))",
            true,
        ),
        (
            "object.spec.template.spec.containers.all(c, c.name in params.names)",
            true,
        ),
    ] {
        let result = said(with(rule(expression), params.clone()));
        assert_eq!(result == CheckResult::Passed, passes, "{expression}");
    }
    assert_eq!(
        mistake(with(
            rule("params.most == 'x' || params.more == 'x'"),
            params
        )),
        "spec.rules[0].expression: rule acme.rule: 1:23: the rule has no param more"
    );
}

#[test]
fn whom_a_rule_asks_is_said_by_kind_and_by_expression() {
    assert_eq!(
        said(with(rule("false"), json!({"kinds": ["StatefulSet"]}))),
        CheckResult::DoesNotApply
    );
    assert_eq!(
        said(with(
            rule("false"),
            json!({"appliesTo": "object.spec.replicas > 2"})
        )),
        CheckResult::DoesNotApply
    );
    assert_eq!(
        message(said(with(
            rule("false"),
            json!({"appliesTo": "object.spec.replicas > 1"})
        ))),
        "is wrong"
    );
}

#[test]
fn a_message_may_be_made_of_the_workload_and_is_one_line() {
    let made =
        json!({"messageExpression": "'runs ' + string(object.spec.replicas) + '\\nreplicas'"});
    assert_eq!(message(said(with(rule("false"), made))), "runs 2 replicas");
    let failing = json!({"messageExpression": "object.spec.strategy.type"});
    assert_eq!(message(said(with(rule("false"), failing))), "is wrong");
}

#[test]
fn a_finding_has_the_rules_severity_weight_field_and_words() {
    let place = json!({"weight": 7, "fieldPath": "spec.template.spec.containers[0].image", "category": "Security"});
    let policy = policy(&json!([with(rule("false"), place)])).unwrap();
    let cluster = Cluster::new(Completeness::complete());
    let workload = workload(deployment());
    let judgement = judge(&workload, cluster.around("shop"), &policy);
    let outcome = judgement.outcomes.last().unwrap();
    assert_eq!((outcome.question.id(), outcome.weight), ("acme.rule", 7));
    assert_eq!(
        (outcome.question.why(), outcome.question.fix()),
        ("Wrong", "Mend it.")
    );
    let (_, finding) = judgement.findings().last().unwrap();
    assert_eq!(finding.severity, Severity::High);
    assert_eq!(
        finding.fault.pointer.field_path(),
        "spec.template.spec.containers[0].image"
    );
}

#[test]
fn what_cannot_be_told_is_unknown_and_names_no_value() {
    for (expression, why) in [
        (
            "object.spec.strategy.type == 'Recreate'",
            "there is no strategy; has() asks whether there is",
        ),
        (
            "object.spec.template.spec.containers[7].name == 'x'",
            "a list has no item at that place",
        ),
        (
            "quantity(object.metadata.name).isInteger()",
            "quantity() cannot take what it was given",
        ),
        ("1 / (object.spec.replicas - 2) == 1", "divided by zero"),
        (
            "object.metadata.name > 7",
            "found no matching overload for '_>_' applied to '(string, int)'",
        ),
        ("object.metadata.name", "it came to a value of type string"),
    ] {
        assert_eq!(unknown(said(rule(expression))), why, "{expression}");
    }
}

#[test]
fn what_was_not_seen_is_unknown() {
    let policy = policy(&json!([rule("size(related.services) > 0")])).unwrap();
    let cluster = around(&policy, &[], Completeness::partial("elsewhere"));
    let workload = workload(deployment());
    let result = judge(&workload, cluster.around("shop"), &policy)
        .outcomes
        .pop()
        .unwrap()
        .result;
    assert_eq!(unknown(result), "no Service seen: elsewhere");

    let mut slim = workload;
    slim.metadata.original = None;
    let policy = self::policy(&json!([rule("has(object.spec)")])).unwrap();
    let result = judge(&slim, cluster.around("shop"), &policy)
        .outcomes
        .pop()
        .unwrap()
        .result;
    assert_eq!(
        unknown(result),
        "Deployment cart has not been read in full yet"
    );
}

#[test]
fn a_rule_may_compare_with_what_was_before() {
    let policy = policy(&json!([rule(
        "oldObject == null || object.spec.replicas >= oldObject.spec.replicas"
    )]))
    .unwrap();
    let cluster = Cluster::new(Completeness::complete());
    let (before, mut after) = (workload(deployment()), workload(deployment()));
    for (replicas, passes) in [(2, true), (1, false), (3, true)] {
        after.scale(replicas);
        let judged = judge_by_some(
            &after,
            Some(&before),
            cluster.around("shop"),
            &policy,
            |_| true,
        );
        assert_eq!(
            judged.outcomes.last().unwrap().result == CheckResult::Passed,
            passes,
            "{replicas}"
        );
    }
}

#[test]
fn a_mistake_is_told_with_rule_line_and_column() {
    for (expression, told) in [
        ("object.spec.replicas >", "1:23: "),
        (
            "object.spec.replicas > 1 &&\n  objct.spec.paused",
            "2:3: there is no variable objct; there are object, oldObject",
        ),
        (
            "true && shout(object.metadata.name)",
            "1:9: there is no function shout()",
        ),
        (
            "object.metadata.name.shout()",
            "1:1: there is no function shout() of a value",
        ),
        ("'a' + 'b'", "1:1: must be true or false, and is a text"),
        ("1 + 1", "1:1: must be true or false, and is a sum"),
        (
            "object.spec.template.spec.containers.map(c, c.name)",
            "1:1: must be true or false, and is a list",
        ),
        (
            "object.metadata.name.size()",
            "1:1: must be true or false, and is a number",
        ),
        ("true && 'yes'", "1:9: must be true or false, and is a text"),
        (
            "object.metadata.name.startsWith('a', 'b')",
            "1:1: startsWith() takes 1 arguments, not 2",
        ),
        (
            "object.metadata.name.matches('(')",
            "1:30: not a regular expression: ",
        ),
        (
            "size(related.servces) > 0",
            "1:6: there is no related.servces; there are related.services, ",
        ),
        ("size(related) > 0", "1:6: write related.services, "),
        (
            "has(related.services)",
            "1:5: related.services is always there: ask size(related.services)",
        ),
    ] {
        let found = mistake(rule(expression));
        let told = format!("spec.rules[0].expression: rule acme.rule: {told}");
        assert!(
            found.starts_with(&told),
            "{expression}\n found: {found}\n wanted: {told}"
        );
    }
    let found = mistake(with(rule("true"), json!({"messageExpression": "1 > 0"})));
    assert_eq!(
        found,
        "spec.rules[0].messageExpression: rule acme.rule: 1:1: must be a text, and is true or false"
    );
}

#[test]
fn an_id_has_a_prefix_of_its_own_and_stands_once() {
    for id in [
        "image-tags",
        "acme",
        "Acme.x",
        "acme.",
        ".x",
        "acme.a.b",
        "acme.-x",
        "acme.a--b",
    ] {
        let found = mistake(with(rule("true"), json!({"id": id})));
        assert!(
            found.starts_with(&format!("spec.rules[0].id: `{id}` must be a prefix")),
            "{found}"
        );
    }
    let errors = policy(&json!([rule("true"), rule("true")])).err().unwrap();
    assert_eq!(
        errors[0].to_string(),
        "spec.rules[1].id: `acme.rule` is written twice; write it once"
    );
    let path = with(rule("true"), json!({"fieldPath": "spec..replicas"}));
    assert!(mistake(path).starts_with("spec.rules[0].fieldPath: write it as Kubernetes does"));
}
