//! `prodready doctor` and the condition `GateReachable`: each cause is brought about for real and told apart.

use std::{net::TcpListener as StdListener, process::Command};

use k8s_openapi::api::events::v1::Event;
use kube::{Api, api::ListParams};
use prodready_testkit::{ControlPlane, kubectl, kubectl_with_input, wait};
use serde_json::{Value, json};

use crate::support::{
    Installation, LIMIT, NAMESPACE,
    edit::{get, patch, until},
    enforce, own_control_plane,
    stranger::{Authority, serve},
};

const GATE: &str = "validatingwebhookconfiguration/prodready";

/// What doctor says, and its exit code.
async fn doctor(plane: &ControlPlane) -> (Option<i32>, String) {
    let ran = tokio::process::Command::new(env!("CARGO_BIN_EXE_prodready"))
        .args(["doctor", "--kubeconfig"])
        .arg(plane.kubeconfig())
        .output()
        .await
        .unwrap();
    let told = String::from_utf8(ran.stdout).unwrap() + &String::from_utf8_lossy(&ran.stderr);
    (ran.status.code(), told)
}

/// Waits until doctor finds this wrong, with this among its words; returns all that it says.
async fn finds(plane: &ControlPlane, subject_and_reason: &str, words: &str) -> String {
    let begins = format!("wrong    {subject_and_reason}: ");
    wait(
        &format!("doctor finds {subject_and_reason}"),
        LIMIT,
        async || {
            let (code, told) = doctor(plane).await;
            let mut lines = told.lines();
            let found = lines.any(|line| line.starts_with(&begins) && line.contains(words));
            if found && code == Some(1) {
                Ok(told)
            } else {
                Err(format!("{code:?} {told}"))
            }
        },
    )
    .await
}

async fn finds_nothing(plane: &ControlPlane) -> String {
    wait("doctor finds nothing wrong", LIMIT, async || {
        let (code, told) = doctor(plane).await;
        let well = told.ends_with("Nothing is wrong.\n") && !told.contains("unknown  ");
        if code == Some(0) && well {
            Ok(told)
        } else {
            Err(format!("{code:?} {told}"))
        }
    })
    .await
}

/// Has the gate's configuration written as it is meant.
pub(crate) fn gate_on(plane: &ControlPlane) {
    let ran = Command::new(env!("CARGO_BIN_EXE_prodready"))
        .args(["gate", "on"])
        .env("KUBECONFIG", plane.kubeconfig())
        .output()
        .unwrap();
    assert!(
        ran.status.success(),
        "{}",
        String::from_utf8_lossy(&ran.stderr)
    );
}

/// Replaces something in every entry of the gate's configuration.
async fn patch_entries(plane: &ControlPlane, field: &str, value: &Value) {
    let entries = get(plane, GATE).await["webhooks"].as_array().unwrap().len();
    let edits: Vec<Value> = (0..entries)
        .map(|index| json!({"op": "add", "path": format!("/webhooks/{index}/{field}"), "value": value}))
        .collect();
    patch(plane, GATE, &json!(edits)).await;
}

async fn index_of(plane: &ControlPlane, entry: &str) -> usize {
    let gate = get(plane, GATE).await;
    let mut entries = gate["webhooks"].as_array().unwrap().iter();
    entries.position(|each| each["name"] == entry).unwrap()
}

#[tokio::test]
async fn doctor_tells_what_is_wrong_with_the_configuration_the_service_and_the_kinds() {
    let Some(plane) = own_control_plane().await else {
        return;
    };
    let plane = &*plane;
    let installation = Installation::start(plane, &["webhook.probeSeconds=1"]).await;
    enforce(plane, "default", json!({})).await;
    let told = finds_nothing(plane).await;
    for protected in [
        "kube-system (part of Kubernetes)",
        "prodready-system (the gate's own)",
    ] {
        assert!(told.contains(protected), "{told}");
    }

    kubectl(plane, &["delete", GATE]).await.expect_success();
    let told = finds(
        plane,
        "Webhook configuration (ConfigurationDeleted)",
        "somebody deleted it",
    )
    .await;
    assert!(
        told.contains("\n         do: prodready gate on\n"),
        "{told}"
    );
    assert!(
        told.contains("wrong    Reachability (NotAsked): "),
        "{told}"
    );
    gate_on(plane);
    finds_nothing(plane).await;

    narrowed(plane).await;
    entry_removed(plane).await;
    wrong_port(plane).await;
    service(plane).await;
    definitions(plane).await;
    rights(&installation).await;
}

async fn narrowed(plane: &ControlPlane) {
    let enforce = index_of(plane, "enforce.prodready.dev").await;
    let path = format!("/webhooks/{enforce}/namespaceSelector/matchExpressions/-");
    let term = json!({"key": "control-plane", "operator": "DoesNotExist"});
    patch(
        plane,
        GATE,
        &json!([{"op": "add", "path": path, "value": term}]),
    )
    .await;
    // As AKS has added it to every webhook: known, and no fault.
    let told = finds_nothing(plane).await;
    let remark = "remark   Webhook configuration (NarrowedByCloud): ";
    let left_out = "AKS: namespaces with the label control-plane";
    assert!(told.contains(remark) && told.contains(left_out), "{told}");
    let term = json!({"key": "team", "operator": "DoesNotExist"});
    patch(
        plane,
        GATE,
        &json!([{"op": "add", "path": path, "value": term}]),
    )
    .await;
    let words = "kubectl-patch wrote namespaceSelector of enforce.prodready.dev at ";
    finds(plane, "Webhook configuration (ConfigurationChanged)", words).await;
    gate_on(plane);
    let told = finds_nothing(plane).await;
    assert!(!told.contains("remark "), "{told}");

    let nothing = json!({"matchLabels": {"selects": "nothing"}});
    patch_entries(plane, "namespaceSelector", &nothing).await;
    finds(plane, "Reachability (NotAsked)", "was narrowed").await;
    gate_on(plane);
    finds_nothing(plane).await;
}

async fn entry_removed(plane: &ControlPlane) {
    let enforce = index_of(plane, "enforce.prodready.dev").await;
    let path = format!("/webhooks/{enforce}");
    patch(plane, GATE, &json!([{"op": "remove", "path": path}])).await;
    let words = "entry enforce.prodready.dev is not there";
    finds(plane, "Webhook configuration (ConfigurationChanged)", words).await;
    gate_on(plane);
    finds_nothing(plane).await;
}

async fn wrong_port(plane: &ControlPlane) {
    patch_entries(plane, "clientConfig/service/port", &json!(444)).await;
    finds(plane, "Reachability (WrongPort)", "no service port 444").await;
    gate_on(plane);
    finds_nothing(plane).await;
}

/// The API server asks over the connections that it has: only the Service itself says at once what is wrong.
async fn service(plane: &ControlPlane) {
    without_endpoints(plane, "Service (NoEndpoints)", "has no ready endpoint").await;
    finds_nothing(plane).await;
    without_service(
        plane,
        "Service (ServiceMissing)",
        "there is no Service prodready",
    )
    .await;
    finds_nothing(plane).await;
}

async fn without_endpoints(plane: &ControlPlane, subject_and_reason: &str, words: &str) {
    let selector = json!([{"op": "add", "path": "/spec/selector/fits", "value": "nobody"}]);
    patch(plane, "service/prodready", &selector).await;
    finds(plane, subject_and_reason, words).await;
    let back = json!([{"op": "remove", "path": "/spec/selector/fits"}]);
    patch(plane, "service/prodready", &back).await;
}

async fn without_service(plane: &ControlPlane, subject_and_reason: &str, words: &str) {
    let mut service = get(plane, "service/prodready").await;
    let delete = ["delete", "service", "prodready", "-n", NAMESPACE];
    kubectl(plane, &delete).await.expect_success();
    finds(plane, subject_and_reason, words).await;
    service["metadata"] = json!({
        "name": "prodready",
        "namespace": NAMESPACE,
        "labels": service["metadata"]["labels"],
    });
    let spec = service["spec"].as_object_mut().unwrap();
    spec.retain(|field, _| field == "selector" || field == "ports");
    kubectl_with_input(plane, &["create", "-f", "-"], &service.to_string())
        .await
        .expect_success();
}

async fn definitions(plane: &ControlPlane) {
    let definition = "crd/productionreadinesspolicies.prodready.dev";
    let properties =
        "/spec/versions/0/schema/openAPIV3Schema/properties/status/properties/wouldDeny";
    patch(
        plane,
        definition,
        &json!([{"op": "remove", "path": properties}]),
    )
    .await;
    let told = "productionreadinesspolicies.prodready.dev is of an older prodready: it does not know .status.wouldDeny";
    finds(plane, "CustomResourceDefinitions (DefinitionOlder)", told).await;

    let delete = ["delete", "crd", "readinessreports.prodready.dev"];
    kubectl(plane, &delete).await.expect_success();
    let told = "readinessreports.prodready.dev is not installed";
    finds(plane, "CustomResourceDefinitions (DefinitionMissing)", told).await;

    // As its advice says.
    let printed = Command::new(env!("CARGO_BIN_EXE_prodready"))
        .arg("crd")
        .output()
        .unwrap();
    let printed = String::from_utf8(printed.stdout).unwrap();
    let apply = ["apply", "--server-side", "--force-conflicts", "-f", "-"];
    kubectl_with_input(plane, &apply, &printed)
        .await
        .expect_success();
    finds_nothing(plane).await;
}

async fn rights(installation: &Installation<'_>) {
    let plane = installation.plane;
    let role = get(plane, "clusterrole/prodready").await;
    let mut fewer = role["rules"].as_array().unwrap().clone();
    fewer.retain(|rule| rule["resources"] != json!(["readinessreports/status"]));
    let rules = |rules: &Value| json!([{"op": "replace", "path": "/rules", "value": rules}]);
    patch(plane, "clusterrole/prodready", &rules(&json!(fewer))).await;
    let words = "serviceaccount prodready may not: patch readinessreports.prodready.dev/status; so reports are not kept current";
    finds(plane, "Rights (RightMissing)", words).await;
    patch(plane, "clusterrole/prodready", &rules(&role["rules"])).await;
    finds_nothing(plane).await;
}

#[tokio::test]
async fn doctor_and_the_policies_tell_why_the_api_server_gets_no_answer() {
    let Some(plane) = own_control_plane().await else {
        return;
    };
    let plane = &*plane;
    let mut installation = Installation::start(plane, &["webhook.probeSeconds=1"]).await;
    enforce(plane, "default", json!({})).await;
    finds_nothing(plane).await;
    until(plane, "GateReachable", "True Answered").await;
    let port = gate_port(plane).await;
    let authority = Authority::new();

    patch_entries(plane, "clientConfig/caBundle", &json!(authority.bundle())).await;
    finds(
        plane,
        "Reachability (UnknownAuthority)",
        "certificate signed by unknown authority",
    )
    .await;
    until(plane, "GateReachable", "False UnknownAuthority").await;
    assert_eq!(
        installation
            .operator
            .metric("prodready_gate_reachable", &[])
            .await,
        0
    );
    event(plane, "GateUnreachable", "UnknownAuthority: ").await;
    gate_on(plane);
    until(plane, "GateReachable", "True Answered").await;
    event(plane, "GateReachable", "Answered: ").await;
    assert_eq!(
        installation
            .operator
            .metric("prodready_gate_reachable", &[])
            .await,
        1
    );
    finds_nothing(plane).await;

    // From here on others stand where the operator stood.
    installation.operator.stop().await;
    let told = finds(
        plane,
        "Reachability (ConnectionRefused)",
        "connection refused",
    )
    .await;
    assert!(
        told.contains("wrong    Leader (NoLeader): no operator leads: the last one gave"),
        "{told}"
    );
    without_endpoints(
        plane,
        "Reachability (NoEndpoints)",
        "no endpoints available",
    )
    .await;
    without_service(
        plane,
        "Reachability (ServiceMissing)",
        "service \"prodready\" not found",
    )
    .await;
    patch_entries(plane, "clientConfig/caBundle", &json!(authority.bundle())).await;
    let service = format!("prodready.{NAMESPACE}.svc");
    for (certificate, reason, words) in [
        (
            authority.certificate(&service, -2),
            "CertificateExpired",
            "has expired",
        ),
        (
            authority.certificate("other.example.com", 30),
            "WrongName",
            "is valid for other.example.com",
        ),
    ] {
        let stranger = serve(port, certificate).await;
        finds(plane, &format!("Reachability ({reason})"), words).await;
        stranger.abort();
        let _ = stranger.await;
    }
    let silent = StdListener::bind(("0.0.0.0", port)).unwrap();
    finds(plane, "Reachability (TimedOut)", "nothing comes back").await;
    drop(silent);

    installation.operator.start_again().await;
    installation.operator.wait_until_leading().await;
    gate_on(plane);
    finds_nothing(plane).await;
    installation.operator.kill();
    finds(
        plane,
        "Leader (NoLeader)",
        "holds the Lease and does not renew it",
    )
    .await;
}

async fn gate_port(plane: &ControlPlane) -> u16 {
    let deployment = get(plane, "deployment/prodready").await;
    let ports = deployment["spec"]["template"]["spec"]["containers"][0]["ports"].clone();
    let mut ports = ports.as_array().unwrap().iter();
    let gate = ports.find(|port| port["name"] == "gate").unwrap();
    u16::try_from(gate["containerPort"].as_u64().unwrap()).unwrap()
}

async fn event(plane: &ControlPlane, reason: &str, note: &str) {
    let events: Api<Event> = Api::namespaced(plane.client(), NAMESPACE);
    wait(&format!("there is an Event {reason}"), LIMIT, async || {
        let listed = events.list(&ListParams::default()).await.unwrap();
        listed.iter().any(|event| {
            event.reason.as_deref() == Some(reason)
                && event
                    .note
                    .as_deref()
                    .is_some_and(|told| told.starts_with(note))
        })
    })
    .await;
}
