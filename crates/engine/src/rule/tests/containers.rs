//! Rules that are asked for each container.

use serde_json::{Value, json};

use super::{message, mistake, policy, rule, unknown, with};
use crate::{
    api::vocabulary::WorkloadKind,
    judge::{CheckResult, judge},
    object::{
        Resource, Workload,
        resource::{Known, Whole},
    },
    surroundings::{Cluster, Completeness},
};

fn each(expression: &str, more: Value) -> Value {
    let each = with(rule(expression), json!({"forEach": "containers"}));
    with(each, more)
}

fn pods() -> Value {
    json!({
        "initContainers": [
            {"name": "setup", "image": "elsewhere/setup:1"},
            {"name": "proxy", "image": "shop/proxy:1", "restartPolicy": "Always"},
        ],
        "containers": [
            {"name": "web", "image": "elsewhere/web:1"},
            {"name": "log", "image": "shop/log:1"},
        ],
    })
}

fn said_of(kind: WorkloadKind, spec: Value, rule: Value) -> CheckResult {
    let policy = policy(&json!([rule])).unwrap();
    let object = json!({"metadata": {"name": "cart", "namespace": "shop"}, "spec": spec});
    let whole = Whole {
        workloads: true,
        ..Whole::default()
    };
    let kept = Resource::keep(Known::Workload(kind), object, &whole).unwrap();
    let Resource::Workload(workload) = kept else {
        panic!("not a workload")
    };
    let workload: Workload = *workload;
    let cluster = Cluster::new(Completeness::complete());
    let judgement = judge(&workload, cluster.around("shop"), &policy);
    judgement.outcomes.into_iter().next_back().unwrap().result
}

fn said(rule: Value) -> CheckResult {
    let spec = json!({"template": {"spec": pods()}});
    said_of(WorkloadKind::Deployment, spec, rule)
}

/// Container, field and message of each finding, how many passed, and how many were asked.
fn failed(result: CheckResult) -> (Vec<(String, String, String)>, u32, u32) {
    let CheckResult::Failed {
        findings,
        passed,
        asked,
        ..
    } = result
    else {
        panic!("{result:?}")
    };
    let told = findings.into_iter().map(|finding| {
        let fault = finding.fault;
        let pointer = fault.pointer.to_string();
        (fault.container.unwrap(), pointer, fault.message)
    });
    (told.collect(), passed, asked)
}

fn owned(told: &[(&str, &str, &str)]) -> Vec<(String, String, String)> {
    told.iter()
        .map(|(one, two, three)| ((*one).into(), (*two).into(), (*three).into()))
        .collect()
}

#[test]
fn a_finding_names_its_container_and_the_place_within_it() {
    let rule = each(
        "container.image.startsWith('shop/')",
        json!({"fieldPath": "image", "messageExpression": "'runs ' + container.image"}),
    );
    let init = "/spec/template/spec/initContainers/0/image";
    let app = "/spec/template/spec/containers/0/image";
    let wanted = owned(&[
        ("setup", init, "runs elsewhere/setup:1"),
        ("web", app, "runs elsewhere/web:1"),
    ]);
    assert_eq!(failed(said(rule.clone())), (wanted, 2, 4));

    let nested = json!({"jobTemplate": {"spec": {"template": {"spec": pods()}}}});
    let (told, ..) = failed(said_of(WorkloadKind::CronJob, nested, rule));
    let app = "/spec/jobTemplate/spec/template/spec/containers/0/image";
    assert_eq!(told[1].1, app);

    let whole = each("container.name != 'log'", json!({}));
    let at = "/spec/template/spec/containers/1";
    assert_eq!(failed(said(whole)).0, owned(&[("log", at, "is wrong")]));
}

#[test]
fn ephemeral_containers_are_not_asked_and_others_may_be_left_out() {
    let mut spec = pods();
    spec["ephemeralContainers"] = json!([{"name": "debug", "image": "elsewhere/debug:1"}]);
    let wrong = each("false", json!({}));
    let (told, ..) = failed(said_of(WorkloadKind::Pod, spec, wrong));
    let names: Vec<&str> = told.iter().map(|(name, ..)| name.as_str()).collect();
    assert_eq!(names, ["setup", "proxy", "web", "log"]);

    let apps = "object.spec.template.spec.containers.exists(c, c.name == container.name)";
    let wrong = each("false", json!({"appliesTo": apps}));
    let names: Vec<String> = failed(said(wrong)).0.into_iter().map(|one| one.0).collect();
    assert_eq!(names, ["web", "log"]);
    let sidecars = "container.?restartPolicy.orValue('') == 'Always'";
    let wrong = each("false", json!({"appliesTo": sidecars}));
    assert_eq!(failed(said(wrong)).0[0].0, "proxy");
    let nobody = each("false", json!({"appliesTo": "false"}));
    assert_eq!(said(nobody), CheckResult::DoesNotApply);
    let elsewhere = each("false", json!({"kinds": ["Job"]}));
    assert_eq!(said(elsewhere), CheckResult::DoesNotApply);
}

#[test]
fn what_cannot_be_told_of_one_container_is_no_pass() {
    let rule = |expression: &str| each(expression, json!({}));
    assert_eq!(said(rule("container.image != ''")), CheckResult::Passed);
    let why = unknown(said(rule("container.restartPolicy == 'Always'")));
    assert!(why.contains("restartPolicy"), "{why}");
    // Of the sidecar it can be told, and that one is wrong.
    let CheckResult::Failed { asked, untold, .. } =
        said(rule("container.restartPolicy != 'Always'"))
    else {
        panic!("it does not fail")
    };
    assert_eq!((asked, untold), (1, 3));
}

#[test]
fn all_containers_share_the_steps_of_one() {
    let many = |count: usize| {
        let container = |number| json!({"name": format!("c{number}"), "image": "shop/web:1"});
        let containers: Vec<Value> = (0..count).map(container).collect();
        json!({"template": {"spec": {"containers": containers}}})
    };
    // 24 turns of 24 turns: some thousand steps for each container.
    let numbers: Vec<String> = (0..24).map(|number| number.to_string()).collect();
    let numbers = numbers.join(", ");
    let costly =
        format!("[{numbers}].all(a, [{numbers}].all(b, a + b >= 0)) && container.name != ''");
    let said = |count| {
        said_of(
            WorkloadKind::Deployment,
            many(count),
            each(&costly, json!({})),
        )
    };
    assert_eq!(said(2), CheckResult::Passed);
    let why = unknown(said(100));
    assert_eq!(why, "it takes more than 100000 steps");
}

#[test]
fn a_loop_may_name_what_it_goes_over_as_the_container_is_named() {
    let shadowed = "[1, 2].all(container, container < 3) && container.name != ''";
    assert_eq!(said(each(shadowed, json!({}))), CheckResult::Passed);
    let elsewhere =
        rule("object.spec.template.spec.containers.all(container, container.name != 'web')");
    assert_eq!(message(said(elsewhere)), "is wrong");
}

#[test]
fn without_for_each_there_is_no_container() {
    let told = mistake(rule("object.spec.replicas > 0 && container.name != ''"));
    let wanted = "1:29: there is no variable container without `forEach: containers`";
    assert!(told.contains(wanted), "{told}");
}
