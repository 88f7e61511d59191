//! docs/own-rules.md: each rule on it says of the objects below it what the page says, and its lists are whole.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "helpers of tests are brief and end their test"
)]

use prodready_engine::{
    api::policy::ProductionReadinessPolicy,
    judge::{CheckResult, judge_by_some},
    object::{
        Resource, Workload,
        resource::{Known, Whole},
    },
    policy::{Policy, whole_for},
    rule::{Related, functions},
    surroundings::{Cluster, Completeness},
};
use serde_json::{Value, json};

const PAGE: &str = include_str!("../../../docs/own-rules.md");

/// The fenced blocks of YAML with the word that says what each is for.
fn blocks() -> Vec<(&'static str, &'static str)> {
    let parts = PAGE.split("```yaml ").skip(1);
    parts
        .map(|part| {
            let (word, rest) = part.split_once('\n').unwrap();
            let (body, _) = rest.split_once("\n```").unwrap();
            (word, body)
        })
        .collect()
}

fn policy(rule: &Value) -> Policy {
    let written =
        json!({"metadata": {"name": "house"}, "spec": {"profile": "baseline", "rules": [rule]}});
    let written: ProductionReadinessPolicy = serde_json::from_value(written).unwrap();
    Policy::compile(&written).unwrap_or_else(|errors| panic!("{rule}: {errors:?}"))
}

fn objects(text: &str, whole: &Whole) -> Vec<Resource> {
    let documents: Vec<Value> = serde_saphyr::from_multiple(text).unwrap();
    let read = documents.into_iter().map(|object| {
        let part = |name: &str| object[name].as_str().unwrap().to_owned();
        let known = Known::find(&part("apiVersion"), &part("kind")).unwrap();
        let mut resource = Resource::keep(known, object, whole).unwrap();
        "shop".clone_into(&mut resource.metadata_mut().namespace);
        resource
    });
    read.collect()
}

fn workload(resource: &Resource) -> Workload {
    match resource {
        Resource::Workload(workload) => (**workload).clone(),
        other => panic!("{other:?}"),
    }
}

/// What a rule says of the first of some objects among the others.
fn said(policy: &Policy, text: &str, before: Option<&Workload>) -> CheckResult {
    let objects = objects(text, &whole_for([policy]));
    let asked = workload(&objects[0]);
    let mut cluster = Cluster::new(Completeness::complete());
    for object in objects {
        cluster.insert(object);
    }
    let judged = judge_by_some(&asked, before, cluster.around("shop"), policy, |_| true);
    judged.outcomes.into_iter().next_back().unwrap().result
}

#[test]
fn each_rule_says_what_the_page_says() {
    let mut rule: Option<Policy> = None;
    let mut before = None;
    let (mut rules, mut ready, mut not_ready) = (0, 0, 0);
    for (word, body) in blocks() {
        let asked = || rule.as_ref().unwrap();
        match word {
            "policy" => {
                let written: ProductionReadinessPolicy = serde_saphyr::from_str(body).unwrap();
                Policy::compile(&written).unwrap();
            }
            "rule" => {
                rule = Some(policy(&serde_saphyr::from_str(body).unwrap()));
                before = None;
                rules += 1;
            }
            "before" => before = Some(workload(&objects(body, &whole_for([asked()]))[0])),
            "ready" => {
                assert_eq!(
                    said(asked(), body, before.as_ref()),
                    CheckResult::Passed,
                    "{body}"
                );
                ready += 1;
            }
            "not-ready" => {
                let (message, _) = body.strip_prefix("# ").unwrap().split_once('\n').unwrap();
                match said(asked(), body, before.as_ref()) {
                    CheckResult::Failed { findings, .. } => {
                        assert_eq!(findings[0].fault.message, message);
                    }
                    other => panic!("{body}: {other:?}"),
                }
                not_ready += 1;
            }
            other => panic!("what is a block of {other} for?"),
        }
    }
    assert_eq!((rules, ready, not_ready), (8, 8, 9));
}

#[test]
fn the_page_lists_every_function_and_every_kind_of_related_objects() {
    for name in functions() {
        assert!(PAGE.contains(&format!("`{name}`")), "{name} is missing");
    }
    for related in Related::ALL {
        let row = format!("| `related.{}` |", related.name());
        assert!(PAGE.contains(&row), "{row} is missing");
    }
}
