//! What ran can always run again, and replicas come and go: the gate never stands in the way.

use k8s_openapi::api::core::v1::{Node, Pod};
use kube::{Api, ResourceExt, api::ListParams};
use prodready_testkit::{kubectl, kubectl_with_input, wait};
use serde_json::json;

use crate::support::{
    Installation, LIMIT, Load, apply, enforce, lead_to,
    objects::{deployment, pod},
    own_control_plane,
};

/// How often both replicas are replaced under load.
const ROLLS: usize = 3;

fn no_privileged() -> serde_json::Value {
    json!({"denySeverities": [], "denyChecks": ["privileged-container"]})
}

#[tokio::test]
async fn after_a_stop_of_everything_with_no_node_left_all_comes_up_while_the_gate_is_down() {
    let Some(plane) = own_control_plane().await else {
        return;
    };
    let client = plane.client();
    let mut installation = Installation::start(&plane, &[]).await;
    // One that the gate would not admit any more, and one that it would.
    apply(&plane, &deployment("default", "old-sinner", true)).await;
    enforce(&plane, "default", no_privileged()).await;
    apply(&plane, &deployment("default", "good", false)).await;
    let pods: Api<Pod> = Api::namespaced(client.clone(), "default");
    let nodes: Api<Node> = Api::all(client.clone());
    let ready = async || {
        let listed = pods
            .list(&ListParams::default())
            .await
            .map_err(|err| err.to_string())?;
        let mut apps: Vec<String> = listed
            .items
            .iter()
            .filter(|pod| pod.metadata.deletion_timestamp.is_none() && is_ready(pod))
            .filter_map(|pod| pod.labels().get("app").cloned())
            .collect();
        apps.sort();
        if apps == ["good", "old-sinner"] {
            Ok(())
        } else {
            Err(format!("{apps:?}"))
        }
    };
    wait("both run", LIMIT, async || ready().await).await;

    installation.operator.kill();
    let before: Vec<String> = pods
        .list(&ListParams::default())
        .await
        .unwrap()
        .iter()
        .map(ResourceExt::name_any)
        .collect();
    let everywhere = [
        "delete",
        "pods",
        "--all",
        "-A",
        "--force",
        "--grace-period=0",
        "--wait=false",
    ];
    kubectl(&plane, &["delete", "nodes", "--all", "--wait=false"])
        .await
        .expect_success();
    kubectl(&plane, &everywhere).await.expect_success();
    wait("no node is left", LIMIT, async || {
        nodes
            .list(&ListParams::default())
            .await
            .unwrap()
            .items
            .is_empty()
    })
    .await;
    plane.stop_everything().await.unwrap();
    // Its nodes register anew, as kubelets do.
    plane.start_everything().await.unwrap();
    wait("both run again", LIMIT, async || ready().await).await;
    let after = pods.list(&ListParams::default()).await.unwrap();
    assert!(
        after.iter().all(|pod| !before.contains(&pod.name_any())),
        "pods were kept"
    );
    // It was armed all the while.
    let bad = pod("default", "bad", true).to_string();
    let create = ["create", "-f", "-"];
    let told = kubectl_with_input(&plane, &create, &bad)
        .await
        .expect_failure();
    assert!(told.contains("failed calling webhook"), "{told}");

    installation.operator.start_again().await;
    wait("the gate denies again", LIMIT, async || {
        let answer = kubectl_with_input(&plane, &create, &bad).await;
        let denied = answer
            .stderr
            .contains("Pod/bad is not ready by policy default");
        denied.then_some(()).ok_or(answer)
    })
    .await;
}

fn is_ready(pod: &Pod) -> bool {
    let status = pod.status.iter();
    let mut conditions = status.flat_map(|status| status.conditions.iter().flatten());
    conditions.any(|each| each.type_ == "Ready" && each.status == "True")
}

#[tokio::test]
async fn two_replicas_are_rolled_under_load_without_one_failed_request() {
    let Some(plane) = own_control_plane().await else {
        return;
    };
    let installation = Installation::start(&plane, &[]).await;
    let mut replicas = vec![
        installation.further_operator("replica-0").await,
        installation.further_operator("replica-1").await,
    ];
    lead_to(&plane, &[&replicas[0], &replicas[1]]).await;
    enforce(&plane, "default", no_privileged()).await;
    let load = Load::start(&plane.client(), "default");
    // As the chart rolls: the new one is ready before the old one leaves the Service, and is told to end after
    // the sleep of `preStopSleepSeconds`, in which API servers learn of it.
    for number in 2..2 + 2 * ROLLS {
        let new = installation
            .further_operator(&format!("replica-{number}"))
            .await;
        lead_to(&plane, &[&replicas[1], &new]).await;
        tokio::time::sleep(std::time::Duration::from_secs(1)).await;
        let mut old = replicas.remove(0);
        old.stop().await;
        replicas.push(new);
    }
    let tally = load.end().await;
    assert!(
        tally.failed.is_empty() && tally.wrong.is_empty(),
        "{tally:?}"
    );
    assert!(tally.admitted > 100 && tally.denied > 100, "{tally:?}");
}
