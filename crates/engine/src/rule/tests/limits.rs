//! What hostile expressions come to: they end, and they break nothing.

use serde_json::json;

use super::{deployment, mistake, policy, rule, said, unknown, workload};
use crate::{
    judge::{CheckResult, judge_by_some},
    surroundings::{Cluster, Completeness},
};

/// Each would take hours where nothing bounds it.
#[test]
fn a_hostile_expression_ends_and_is_unknown() {
    let mut object = deployment();
    let args: Vec<String> = (0..5_000)
        .map(|number| format!("argument-{number}"))
        .collect();
    object["spec"]["template"]["spec"]["containers"][0]["args"] = json!(args);
    object["metadata"]["annotations"] = json!({"long": "a".repeat(100_000)});
    let hostile = workload(object);
    let list = "object.spec.template.spec.containers[0].args";
    let long = "object.metadata.annotations.long";
    for expression in [
        format!("{list}.all(a, {list}.all(b, {list}.all(c, {list}.all(d, a + b + c + d != ''))))"),
        format!("{list}.map(a, {list}.map(b, {list})).size() > 0"),
        format!("{list}.exists(a, {list} == {list}.map(b, b + '!'))"),
        format!("{list}.all(a, {list}.join({long}) != '')"),
        format!("{long}.replace('a', {long}).replace('a', {long}).size() > 0"),
        format!("{list}.all(a, {long}.matches('^(a+)+$'))"),
        format!("{list}.exists(a, {long}.matches('b' + a))"),
        format!("sets.equivalent({list}, {list}.map(a, a + {long}))"),
        format!(
            "{list}.exists(a, object == oldObject || object.spec.template != object.spec.template)"
        ),
        // An error on one side does not count where the other decides; want of steps always does.
        format!("{list}.all(a, {list}.all(b, {list}.all(c, true))) || true"),
    ] {
        let policy =
            policy(&json!([rule(&expression)])).unwrap_or_else(|errors| panic!("{errors:?}"));
        let cluster = Cluster::new(Completeness::complete());
        let judged = judge_by_some(
            &hostile,
            Some(&hostile),
            cluster.around("shop"),
            &policy,
            |_| true,
        );
        let why = unknown(judged.outcomes.into_iter().next_back().unwrap().result);
        assert_eq!(why, "it takes more than 100000 steps", "{expression}");
    }
}

#[test]
fn an_expression_that_is_nested_too_deep_or_too_long_is_refused() {
    let many = |text: &str, count: usize| text.repeat(count);
    for expression in [
        many("- ", 1999) + "1 == 1 && 1",
        many("(", 4000),
        many("[", 4000),
        many("{1:", 1300),
        many("!", 4000) + "true && 1",
        many("-", 4000) + "1 == 1 && 1",
        "object".to_owned() + &many("[0]", 1300),
        "object".to_owned() + &many(".a", 2000),
        "object".to_owned() + &many(" .a", 1300),
        "true".to_owned() + &many("?true:true", 400),
        "true".to_owned() + &many(" ? true : true", 280),
        "1".to_owned() + &many("+1", 2000) + " == 1 + true ? 1 : 'x'",
        "true".to_owned() + &many("&&true", 680) + " && 1",
        many("object.spec.template.spec.containers.all(c,", 90) + "true" + &many(")", 90),
        "'".to_owned() + &many("a", 5000),
        many("\u{1F4A5}", 4000),
        "\0".to_owned(),
        String::new(),
        " ".to_owned(),
    ] {
        let found = mistake(rule(&expression));
        assert!(
            found.starts_with("spec.rules[0].expression: rule acme.rule: 1:"),
            "{found}"
        );
    }
}

/// On the stack of a test's thread, which is that of the gate's.
#[test]
fn an_expression_as_deep_as_is_allowed_is_evaluated() {
    let many = |text: &str, count: usize| text.repeat(count);
    for expression in [
        many("[", 40) + "1" + &many("]", 40) + " != []",
        many("object.spec.replicas < 2 ? false : ", 44) + "true",
        "1".to_owned() + &many(" + 1", 44) + " == 45",
        many("[1].all(c", 20).replace('c', "c, ") + "true" + &many(")", 20),
        many("dyn(", 40) + "true" + &many(")", 40),
    ] {
        assert_eq!(said(rule(&expression)), CheckResult::Passed, "{expression}");
    }
}
