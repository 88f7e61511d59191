//! What the operator may do: what it needs, no more, and what it says where something is missing.

use std::collections::BTreeSet;

use prodready::{
    input::Limits,
    rights::{self, Names},
};
use prodready_testkit::{helm, kubectl, shared};
use serde_json::{Value, json};

use crate::support::{
    CHART, Installation, NAMESPACE,
    edit::{condition, get, patch, until},
    enforce, own_control_plane, shared_installation,
};

#[tokio::test]
async fn the_operator_reads_no_secret_but_its_own_and_writes_no_workload() {
    shared_installation().await;
    let account = format!("--as=system:serviceaccount:{NAMESPACE}:prodready");
    let may = async |question: &[&str]| {
        let asked = [&["auth", "can-i"], question, &[account.as_str()]].concat();
        let answer = kubectl(shared(), &asked).await;
        match answer.stdout.trim() {
            "yes" => true,
            "no" => false,
            _ => panic!("{answer}"),
        }
    };
    let own = ["-n", NAMESPACE];
    // Where a right must be there, so that a wrong account would be found.
    assert!(may(&["get", "secrets/prodready-certificate", own[0], own[1]]).await);
    assert!(may(&["list", "deployments.apps", "-A"]).await);

    for verb in ["get", "list", "watch", "update", "patch", "delete"] {
        for place in [
            &["-n", NAMESPACE][..],
            &["-n", "default"],
            &["-n", "kube-system"],
            &["-A"],
        ] {
            let question = [&[verb, "secrets"], place].concat();
            assert!(!may(&question).await, "{question:?}");
        }
    }
    assert!(!may(&["get", "secrets/other", own[0], own[1]]).await);
    for verb in ["create", "update", "patch", "delete", "deletecollection"] {
        for what in [
            "pods",
            "deployments.apps",
            "statefulsets.apps",
            "daemonsets.apps",
            "replicasets.apps",
            "jobs.batch",
            "cronjobs.batch",
            "configmaps",
            "customresourcedefinitions.apiextensions.k8s.io",
            "clusterroles.rbac.authorization.k8s.io",
            "productionreadinesspolicies.prodready.dev",
        ] {
            assert!(!may(&[verb, what, "-A"]).await, "{verb} {what}");
        }
    }
    for verb in ["create", "update", "deletecollection", "approve"] {
        let question = [verb, "readinessexceptions.prodready.dev", "-A"];
        assert!(!may(&question).await, "{question:?}");
    }
    assert!(!may(&["delete", "validatingwebhookconfigurations/other"]).await);
}

/// A right too few is an operator that fails, a right too many is one that can be misused.
#[tokio::test]
async fn the_chart_gives_the_operator_exactly_the_rights_that_it_needs() {
    for lists_secrets in [false, true] {
        let given = given(lists_secrets).await;
        let needed = needed(lists_secrets);
        let missing: Vec<_> = needed.difference(&given).collect();
        let too_many: Vec<_> = given.difference(&needed).collect();
        assert!(missing.is_empty(), "missing: {missing:?}");
        assert!(too_many.is_empty(), "not needed: {too_many:?}");
    }
}

/// What the chart's roles of the operator allow.
async fn given(lists_secrets: bool) -> BTreeSet<String> {
    let value = format!("secrets.listNames={lists_secrets}");
    let template = [
        "template",
        "prodready",
        CHART,
        "-n",
        NAMESPACE,
        "--set",
        &value,
    ];
    let rendered = helm(shared(), &template).await.expect_success();
    let documents = prodready_manifest::parse(&rendered, &Limits::default()).documents;
    let roles = documents
        .iter()
        .filter_map(|document| serde_json::to_value(document).ok())
        .filter(|object| object["metadata"]["name"] == "prodready")
        .filter(|object| object["kind"] == "ClusterRole" || object["kind"] == "Role");
    roles
        .flat_map(|role| {
            let namespace = role["metadata"]["namespace"].as_str().map(str::to_owned);
            let listed = role["rules"].as_array().cloned().unwrap_or_default();
            listed
                .into_iter()
                .flat_map(move |rule| rights_of(&rule, namespace.as_deref()))
        })
        .collect()
}

/// What the operator says that it needs.
fn needed(lists_secrets: bool) -> BTreeSet<String> {
    let names = Names {
        namespace: NAMESPACE.to_owned(),
        configuration: "prodready".to_owned(),
        secret: "prodready-certificate".to_owned(),
        lease: "prodready".to_owned(),
        owner: Some("prodready".to_owned()),
    };
    rights::needed(&names, lists_secrets)
        .iter()
        .map(|right| {
            let name = right.name.as_deref();
            let namespace = right.namespace.as_deref();
            written(right.verb, right.group, right.resource, name, namespace)
        })
        .collect()
}

fn written(
    verb: &str,
    group: &str,
    resource: &str,
    name: Option<&str>,
    namespace: Option<&str>,
) -> String {
    let name = name.unwrap_or("every one");
    let place = namespace.unwrap_or("everywhere");
    format!("{verb} {resource} of '{group}', {name}, {place}")
}

/// What a rule of a role allows, one verb on one resource each.
fn rights_of(rule: &Value, namespace: Option<&str>) -> Vec<String> {
    let texts = |field: &str| -> Vec<String> {
        let list = rule[field].as_array().cloned().unwrap_or_default();
        list.iter()
            .map(|text| text.as_str().unwrap().to_owned())
            .collect()
    };
    let names = texts("resourceNames");
    let names: Vec<Option<&str>> = if names.is_empty() {
        vec![None]
    } else {
        names.iter().map(|name| Some(name.as_str())).collect()
    };
    let mut rights = Vec::new();
    for group in texts("apiGroups") {
        for resource in texts("resources") {
            for verb in texts("verbs") {
                let of = names.iter();
                rights.extend(of.map(|name| written(&verb, &group, &resource, *name, namespace)));
            }
        }
    }
    rights
}

#[tokio::test]
async fn a_right_that_is_missing_at_the_start_is_told_by_every_policy() {
    let Some(plane) = own_control_plane().await else {
        return;
    };
    let plane = &*plane;
    let mut installation = Installation::start(plane, &[]).await;
    enforce(plane, "default", json!({})).await;
    assert_eq!(condition(plane, "RightsGranted").await.0, "True Granted");
    installation.operator.stop().await;
    let role = get(plane, "clusterrole/prodready").await;
    let mut fewer = role["rules"].as_array().unwrap().clone();
    fewer.retain(|rule| rule["resources"] != json!(["poddisruptionbudgets"]));
    let rules = json!([{"op": "replace", "path": "/rules", "value": fewer}]);
    patch(plane, "clusterrole/prodready", &rules).await;

    // It cannot become ready, and says why.
    installation.operator.spawn();
    let (_, message) = until(plane, "RightsGranted", "False Missing").await;
    assert_eq!(
        message,
        "the operator may not: list poddisruptionbudgets.policy, watch poddisruptionbudgets.policy; the chart's \
         ClusterRole and Role have these rights"
    );
    assert_eq!(condition(plane, "Accepted").await.0, "True Valid");
    assert_eq!(
        installation
            .operator
            .metric("prodready_missing_rights", &[])
            .await,
        2
    );

    let rules = json!([{"op": "replace", "path": "/rules", "value": role["rules"]}]);
    patch(plane, "clusterrole/prodready", &rules).await;
    installation.operator.wait_until_ready().await;
}
