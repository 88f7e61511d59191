//! How many requests reach the gate for what people and controllers do every day: exactly those of the table in
//! docs/gate.md, and none for what follows from them.

use k8s_openapi::api::apps::v1::Deployment;
use kube::{Api, Client};
use prodready_testkit::{ControlPlane, kubectl, wait};
use serde_json::{Value, json};

use crate::support::{
    LIMIT, apply, enforce, in_installation,
    objects::{deployment, pod},
    wait_for_ready_pods, wait_for_report,
};

fn denying() -> Value {
    json!({"denySeverities": [], "denyChecks": ["privileged-container", "minimum-replicas"]})
}

/// A good Deployment that runs.
async fn running(plane: &ControlPlane, client: &Client, namespace: &str, replicas: usize) {
    let mut web = deployment(namespace, "web", false);
    web["spec"]["replicas"] = json!(replicas);
    apply(plane, &web).await;
    wait_for_ready_pods(client, namespace, replicas, "app=web").await;
}

async fn on_web(plane: &ControlPlane, namespace: &str, command: &str) -> String {
    let mut arguments: Vec<&str> = command.split(' ').collect();
    arguments.extend(["-n", namespace]);
    kubectl(plane, &arguments).await.expect_success()
}

async fn rolled_out(plane: &ControlPlane, namespace: &str) {
    on_web(
        plane,
        namespace,
        "rollout status deployment/web --timeout=60s",
    )
    .await;
}

#[tokio::test]
async fn a_scale_by_somebody_is_one_request_and_its_pods_are_none() {
    in_installation("counted scale", async |installation, client, namespace| {
        let plane = installation.plane;
        running(plane, &client, &namespace, 2).await;
        enforce(plane, &namespace, denying()).await;
        wait_for_report(&client, &namespace, "deployment-web", |_| true).await;
        on_web(plane, &namespace, "scale deployment web --replicas=4").await;
        wait_for_ready_pods(&client, &namespace, 4, "app=web").await;
        on_web(plane, &namespace, "scale deployment web --replicas=2").await;
        wait_for_ready_pods(&client, &namespace, 2, "app=web").await;
        let arrived = installation.reviewed(&namespace);
        assert_eq!(arrived, ["UPDATE Deployment web", "UPDATE Deployment web"]);
    })
    .await;
}

#[tokio::test]
async fn another_image_is_one_request_and_its_rollout_is_none() {
    in_installation("counted image", async |installation, client, namespace| {
        let plane = installation.plane;
        running(plane, &client, &namespace, 2).await;
        enforce(plane, &namespace, denying()).await;
        on_web(
            plane,
            &namespace,
            "set image deployment/web web=shop/web:1.4.3",
        )
        .await;
        rolled_out(plane, &namespace).await;
        assert_eq!(installation.reviewed(&namespace), ["UPDATE Deployment web"]);
    })
    .await;
}

/// The real HorizontalPodAutoscaler controller: what has more replicas than the maximum is scaled down to it, and
/// that takes no metrics.
#[tokio::test]
async fn what_an_autoscaler_scales_arrives_never_also_where_nobody_else_may() {
    in_installation(
        "counted autoscaler",
        async |installation, client, namespace| {
            let plane = installation.plane;
            running(plane, &client, &namespace, 3).await;
            enforce(plane, &namespace, denying()).await;
            wait_for_report(&client, &namespace, "deployment-web", |_| true).await;
            let by_hand = [
                "scale",
                "deployment",
                "web",
                "--replicas=1",
                "-n",
                &namespace,
            ];
            let told = kubectl(plane, &by_hand).await.expect_failure();
            assert!(told.contains("[high] minimum-replicas"), "{told}");

            on_web(
                plane,
                &namespace,
                "autoscale deployment web --min=1 --max=1",
            )
            .await;
            let deployments: Api<Deployment> = Api::namespaced(client.clone(), &namespace);
            wait("the autoscaler has scaled", LIMIT, async || {
                let web = deployments
                    .get("web")
                    .await
                    .map_err(|err| err.to_string())?;
                let replicas = web.spec.replicas;
                if replicas == Some(1) {
                    Ok(())
                } else {
                    Err(format!("{replicas:?}"))
                }
            })
            .await;
            wait_for_ready_pods(&client, &namespace, 1, "app=web").await;
            assert_eq!(
                installation.reviewed(&namespace),
                ["UPDATE Deployment web"],
                "the one by hand"
            );
        },
    )
    .await;
}

/// Nodes of this test alone, ready as soon as KWOK has seen them.
async fn make_node(plane: &ControlPlane, client: &Client, name: &str, pool: &str) {
    let node = json!({
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"name": name, "labels": {"example.com/pool": pool}},
        "spec": {"taints": [{"key": "example.com/pool", "effect": "NoSchedule"}]},
    });
    apply(plane, &node).await;
    let nodes: Api<k8s_openapi::api::core::v1::Node> = Api::all(client.clone());
    wait("the node is ready", LIMIT, async || {
        let node = nodes.get(name).await.map_err(|err| err.to_string())?;
        let conditions = node
            .status
            .and_then(|status| status.conditions)
            .unwrap_or_default();
        let is_ready = |each: &k8s_openapi::api::core::v1::NodeCondition| {
            each.type_ == "Ready" && each.status == "True"
        };
        if conditions.iter().any(is_ready) {
            Ok(())
        } else {
            Err(format!("{conditions:?}"))
        }
    })
    .await;
}

#[tokio::test]
async fn a_drain_of_a_node_sends_nothing_also_where_its_pods_would_be_denied() {
    in_installation("counted drain", async |installation, client, namespace| {
        let plane = installation.plane;
        let nodes = [format!("{namespace}-1"), format!("{namespace}-2")];
        make_node(plane, &client, &nodes[0], &namespace).await;
        let mut web = deployment(&namespace, "web", true);
        web["spec"]["replicas"] = json!(2);
        let pod = &mut web["spec"]["template"]["spec"];
        pod["nodeSelector"] = json!({"example.com/pool": namespace});
        pod["tolerations"] = json!([{"key": "example.com/pool", "operator": "Exists"}]);
        apply(plane, &web).await;
        wait_for_ready_pods(&client, &namespace, 2, "app=web").await;
        make_node(plane, &client, &nodes[1], &namespace).await;
        enforce(plane, &namespace, denying()).await;

        kubectl(plane, &["drain", &nodes[0], "--timeout=60s"])
            .await
            .expect_success();
        let pods = wait_for_ready_pods(&client, &namespace, 2, "app=web").await;
        for pod in pods {
            assert_eq!(pod.spec.unwrap().node_name.as_ref(), Some(&nodes[1]));
        }
        assert_eq!(installation.reviewed(&namespace), [""; 0]);
        kubectl(
            plane,
            &["delete", "node", &nodes[0], &nodes[1], "--wait=false"],
        )
        .await
        .expect_success();
    })
    .await;
}

#[tokio::test]
async fn a_debug_container_arrives_never_and_a_copy_to_debug_is_one_request_and_judged() {
    in_installation("counted debug", async |installation, client, namespace| {
        let plane = installation.plane;
        apply(plane, &pod(&namespace, "bad", true)).await;
        apply(plane, &pod(&namespace, "good", false)).await;
        wait("both run", LIMIT, async || {
            let pods: Api<k8s_openapi::api::core::v1::Pod> =
                Api::namespaced(client.clone(), &namespace);
            let listed = pods.list(&kube::api::ListParams::default()).await.unwrap();
            let phase = |pod: &k8s_openapi::api::core::v1::Pod| pod.status.as_ref()?.phase.clone();
            listed
                .iter()
                .filter(|pod| phase(pod).as_deref() == Some("Running"))
                .count()
                == 2
        })
        .await;
        enforce(plane, &namespace, denying()).await;

        on_web(
            plane,
            &namespace,
            "debug pod/bad --image=busybox:1.37 --container=debugger --profile=sysadmin",
        )
        .await;
        assert_eq!(installation.reviewed(&namespace), [""; 0]);

        on_web(
            plane,
            &namespace,
            "debug pod/good --image=busybox:1.37 --copy-to=good-copy",
        )
        .await;
        let copy = "debug pod/bad --image=busybox:1.37 --copy-to=bad-copy -n";
        let mut copy: Vec<&str> = copy.split(' ').collect();
        copy.push(&namespace);
        let told = kubectl(plane, &copy).await.expect_failure();
        assert!(
            told.contains("Pod/bad-copy is not ready by policy"),
            "{told}"
        );
        assert_eq!(
            installation.reviewed(&namespace),
            ["CREATE Pod good-copy", "CREATE Pod bad-copy"]
        );
    })
    .await;
}
