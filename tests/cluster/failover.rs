//! What happens when operators are killed and the API server goes away: nothing is lost, one leads.

use std::collections::BTreeMap;

use futures::{StreamExt as _, stream};
use k8s_openapi::api::apps::v1::Deployment;
use kube::{
    Api, Client, ResourceExt as _,
    api::{ListParams, Patch, PatchParams, PostParams},
};
use prodready_engine::api::report::{ReadinessReport, ReadinessReportStatus};
use prodready_testkit::{kubectl_with_input, wait};
use serde_json::{Value, json};

use crate::support::{
    Installation, LIMIT, apply, apply_policy, enforce,
    objects::{deployment, pod},
    own_control_plane, wait_for_report,
};

/// How many Deployments are judged when the operator is killed while it writes.
const MANY: usize = 600;

/// Makes Deployments without replicas.
async fn make_deployments(client: &Client, names: impl Iterator<Item = String>) {
    let deployments: Api<Deployment> = Api::namespaced(client.clone(), "default");
    let made = stream::iter(names).map(|name| {
        let mut object: Value = deployment("default", &name, false);
        object["spec"]["replicas"] = json!(0);
        let deployments = deployments.clone();
        async move {
            let object = serde_json::from_value(object).unwrap();
            deployments
                .create(&PostParams::default(), &object)
                .await
                .unwrap();
        }
    });
    made.buffer_unordered(16).collect::<Vec<()>>().await;
}

/// The reports on workloads of the namespace by name, as far as they have a status.
async fn reports(client: &Client) -> BTreeMap<String, ReadinessReportStatus> {
    let api: Api<ReadinessReport> = Api::namespaced(client.clone(), "default");
    let listed = api.list(&ListParams::default()).await.unwrap();
    let with_status = listed
        .into_iter()
        .filter_map(|report| Some((report.name_any(), report.status?)))
        .filter(|(name, _)| name != "namespace");
    with_status.collect()
}

/// Waits until there is one report for each Deployment, about what the Deployment is now, and none beside.
async fn wait_until_nothing_is_missing(client: &Client, wanted: usize) {
    let deployments: Api<Deployment> = Api::namespaced(client.clone(), "default");
    wait("every Deployment has its report", LIMIT, async || {
        let reports = reports(client).await;
        let listed = deployments.list(&ListParams::default()).await.unwrap();
        let current = |deployment: &Deployment| {
            let report = reports.get(&format!("deployment-{}", deployment.name_any()));
            report
                .is_some_and(|report| report.observed_generation == deployment.metadata.generation)
        };
        let right = listed.iter().filter(|each| current(each)).count();
        if (reports.len(), right) == (wanted, wanted) {
            Ok(())
        } else {
            Err(format!(
                "{} reports, {right} of them current",
                reports.len()
            ))
        }
    })
    .await;
}

#[tokio::test]
async fn a_leader_that_is_killed_is_followed_and_nothing_is_lost() {
    let Some(plane) = own_control_plane().await else {
        return;
    };
    let client = plane.client();
    let mut installation = Installation::start(&plane, &[]).await;
    installation.operator.wait_until_leading().await;
    let second = installation.further_operator("second").await;
    apply_policy(&plane, "everything", "default", json!({})).await;
    make_deployments(&client, (0..5).map(|number| format!("before-{number}"))).await;
    wait_until_nothing_is_missing(&client, 5).await;
    assert_eq!(
        second.metric("prodready_leader", &[]).await,
        0,
        "both operators lead"
    );

    installation.operator.kill();
    make_deployments(&client, (0..5).map(|number| format!("after-{number}"))).await;
    let deployments: Api<Deployment> = Api::namespaced(client.clone(), "default");
    let label = json!({"spec": {"template": {"metadata": {"labels": {"changed": "yes"}}}}});
    deployments
        .patch("before-0", &PatchParams::default(), &Patch::Merge(&label))
        .await
        .unwrap();
    second.wait_until_leading().await;
    wait_until_nothing_is_missing(&client, 10).await;

    installation.operator.start_again().await;
    assert_eq!(
        installation.operator.metric("prodready_leader", &[]).await,
        0,
        "the one that comes back does not take the lead from the other"
    );
}

#[tokio::test]
async fn an_operator_that_is_killed_while_it_writes_finishes_when_it_is_back() {
    let Some(plane) = own_control_plane().await else {
        return;
    };
    let client = plane.client();
    let mut installation = Installation::start(&plane, &[]).await;
    apply_policy(&plane, "everything", "default", json!({})).await;
    installation.operator.stop().await;
    make_deployments(&client, (0..MANY).map(|number| format!("web-{number}"))).await;

    installation.operator.spawn();
    let some = wait("a part of the reports is written", LIMIT, async || {
        let written = reports(&client).await.len();
        (written >= MANY / 10).then_some(written)
    })
    .await;
    installation.operator.kill();
    assert!(some < MANY, "it was killed too late to have been writing");
    let left = reports(&client).await.len();
    assert!(left < MANY, "it was killed too late: all {left} are there");

    installation.operator.start_again().await;
    wait_until_nothing_is_missing(&client, MANY).await;
}

#[tokio::test]
async fn the_api_server_comes_back_and_everything_goes_on() {
    let Some(plane) = own_control_plane().await else {
        return;
    };
    let client = plane.client();
    let installation = Installation::start(&plane, &[]).await;
    enforce(&plane, "default", json!({})).await;
    apply(&plane, &deployment("default", "before", false)).await;
    wait_for_report(&client, "default", "deployment-before", |_| true).await;
    let process = installation.operator.id();

    plane.restart_apiserver().await.unwrap();
    apply(&plane, &deployment("default", "after-restart", false)).await;
    wait_for_report(&client, "default", "deployment-after-restart", |_| true).await;

    plane.stop_apiserver().await.unwrap();
    let (alive, _) = installation.operator.get("/livez").await;
    assert_eq!(
        alive, 200,
        "the API server's absence is no reason to be restarted"
    );
    plane.start_apiserver().await.unwrap();
    apply(&plane, &deployment("default", "after-absence", false)).await;
    wait_for_report(&client, "default", "deployment-after-absence", |_| true).await;
    wait_until_nothing_is_missing(&client, 3).await;

    let bad = pod("default", "bad", true).to_string();
    let refused = kubectl_with_input(&plane, &["create", "-f", "-"], &bad).await;
    let told = refused.expect_failure();
    assert!(
        told.contains("Pod/bad is not ready by policy default"),
        "{told}"
    );
    assert_eq!(installation.operator.id(), process);
}

#[tokio::test]
async fn while_no_operator_answers_what_is_enforced_is_refused_and_the_rest_goes_on() {
    let Some(plane) = own_control_plane().await else {
        return;
    };
    let mut installation = Installation::start(&plane, &[]).await;
    enforce(&plane, "default", json!({})).await;
    apply(&plane, &deployment("default", "before", false)).await;
    let namespace = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "free"}});
    apply(&plane, &namespace).await;
    installation.operator.kill();

    let good = pod("default", "good", false).to_string();
    let refused = kubectl_with_input(&plane, &["create", "-f", "-"], &good).await;
    let told = refused.expect_failure();
    assert!(told.contains("failed calling webhook"), "{told}");
    apply(&plane, &pod("free", "anything", true)).await;
    // What stands there may be looked after: its deletion and its status never reach the gate.
    let delete = ["delete", "deployment", "before", "--namespace=default"];
    prodready_testkit::kubectl(&plane, &delete)
        .await
        .expect_success();

    installation.operator.start_again().await;
    kubectl_with_input(&plane, &["create", "-f", "-"], &good)
        .await
        .expect_success();
}
