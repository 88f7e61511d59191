//! The control plane that the other tests stand on.
#![expect(
    clippy::expect_used,
    clippy::print_stdout,
    reason = "what a test's helper cannot do ends the test, and a process that is to be killed tells what it started"
)]

use std::time::Duration;

use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::{ConfigMap, Node, Pod};
use kube::Api;
use kube::api::ListParams;
use prodready_testkit::{
    ControlPlane, free_port, helm, in_namespace, kubectl, kubectl_with_input, shared, wait,
};

#[cfg(target_os = "linux")]
mod killed;

const LIMIT: Duration = Duration::from_secs(60);

/// The shared control plane, where it is not a cluster that was given: that may look otherwise.
fn ours() -> Option<&'static ControlPlane> {
    Some(shared()).filter(|plane| plane.is_ours())
}

#[tokio::test]
async fn has_a_ready_node_in_each_of_three_zones() {
    let Some(plane) = ours() else { return };
    let nodes: Api<Node> = Api::all(plane.client());
    let listed = nodes
        .list(&ListParams::default())
        .await
        .expect("nodes can be listed");
    let mut zones: Vec<_> = listed
        .iter()
        .filter_map(|node| node.metadata.labels.as_ref()?.get(ZONE))
        .collect();
    zones.sort();
    zones.dedup();
    assert_eq!(zones.len(), 3, "{zones:?}");
}

const ZONE: &str = "topology.kubernetes.io/zone";

#[tokio::test]
async fn pods_of_a_deployment_become_ready() {
    in_namespace(shared(), "pods_become_ready", async |client, namespace| {
        create_deployment(&namespace).await;
        let deployments: Api<Deployment> = Api::namespaced(client, &namespace);
        wait("three replicas are ready", LIMIT, async || {
            ready_replicas(&deployments).await
        })
        .await;
    })
    .await;
}

#[tokio::test]
async fn a_webhook_is_reached_through_the_service_of_a_pod_on_the_host_network() {
    let Some(plane) = ours() else { return };
    in_namespace(plane, "webhook", async |client, namespace| {
        let port = free_port();
        apply(plane, &namespace, &webhook_objects(&namespace, port)).await;
        let pods: Api<Pod> = Api::namespaced(client, &namespace);
        let address = wait("the pod has an address", LIMIT, async || {
            pods.get("web").await.ok()?.status?.pod_ip
        })
        .await;
        assert_eq!(address, plane.node_address().to_string());

        // Nobody listens, so the refusal names the address that was tried.
        let tried = format!("{address}:{port}: connect: connection refused");
        let create = ["create", "configmap", "refused", "-n", &namespace];
        wait("the webhook is called at the pod", LIMIT, async || {
            let refusal = kubectl(plane, &create).await.stderr;
            if refusal.contains(&tried) {
                Ok(())
            } else {
                Err(refusal)
            }
        })
        .await;
        kubectl(
            plane,
            &["delete", "validatingwebhookconfiguration", &namespace],
        )
        .await
        .expect_success();
    })
    .await;
}

fn webhook_objects(namespace: &str, port: u16) -> String {
    include_str!("webhook.yaml")
        .replace("NAMESPACE", namespace)
        .replace("PORT", &port.to_string())
}

async fn apply(plane: &ControlPlane, namespace: &str, objects: &str) {
    kubectl_with_input(plane, &["apply", "-n", namespace, "-f", "-"], objects)
        .await
        .expect_success();
}

#[tokio::test]
async fn a_service_account_has_its_own_rights_only() {
    in_namespace(shared(), "own_rights", async |_, namespace| {
        kubectl(
            shared(),
            &["create", "serviceaccount", "robot", "-n", &namespace],
        )
        .await
        .expect_success();
        let kubeconfig = shared()
            .kubeconfig_for_service_account(&namespace, "robot")
            .await
            .expect("a kubeconfig");
        let kubeconfig = kubeconfig.to_str().expect("a path in UTF-8");
        let refused = kubectl(shared(), &["--kubeconfig", kubeconfig, "get", "nodes"])
            .await
            .expect_failure();
        let user = format!("system:serviceaccount:{namespace}:robot");
        assert!(
            refused.contains("Forbidden") && refused.contains(&user),
            "{refused}"
        );
    })
    .await;
}

#[tokio::test]
async fn helm_reaches_the_cluster() {
    let listed = helm(shared(), &["list", "--all-namespaces", "-o", "json"])
        .await
        .expect_success();
    assert!(listed.starts_with('['), "{listed}");
}

#[tokio::test]
async fn restarting_the_api_server_keeps_its_data() {
    // Not the shared one: the other tests run meanwhile.
    if ours().is_none() {
        return;
    }
    let plane = ControlPlane::start().expect("a control plane");
    in_namespace(&plane, "restart", async |client, namespace| {
        let create = [
            "create",
            "configmap",
            "kept",
            "--from-literal=a=b",
            "-n",
            &namespace,
        ];
        kubectl(&plane, &create).await.expect_success();
        let api: Api<ConfigMap> = Api::namespaced(client, &namespace);

        plane.restart_apiserver().await.expect("it restarts");
        api.get("kept")
            .await
            .expect("still there after a restart, by the same client");

        plane.stop_apiserver().await.expect("it stops");
        kubectl(&plane, &["get", "--raw", "/readyz", "--request-timeout=2s"])
            .await
            .expect_failure();
        plane.start_apiserver().await.expect("it starts");
        api.get("kept").await.expect("still there after a stop");

        plane.stop_everything().await.expect("all stops");
        plane.start_everything().await.expect("all starts");
        api.get("kept")
            .await
            .expect("still there after everything stopped");
    })
    .await;
    assert_eq!(plane.complaints(), "");
}

async fn create_deployment(namespace: &str) {
    let create = [
        "create",
        "deployment",
        "web",
        "--image=web:1",
        "--replicas=3",
        "-n",
        namespace,
    ];
    kubectl(shared(), &create).await.expect_success();
}

async fn ready_replicas(deployments: &Api<Deployment>) -> Result<(), String> {
    let found = deployments
        .get("web")
        .await
        .map_err(|err| err.to_string())?;
    let ready = found
        .status
        .as_ref()
        .and_then(|status| status.ready_replicas);
    if ready == Some(3) {
        Ok(())
    } else {
        Err(format!("{:?}", found.status))
    }
}
