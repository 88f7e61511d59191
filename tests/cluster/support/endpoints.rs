//! Which operators the gate's Service leads to.

use prodready_testkit::{ControlPlane, kubectl};
use serde_json::{Value, json};

use super::{NAMESPACE, Operator, apply};

/// Leads the Service to these operators and no others, as a rollout does: each listens on a port of its own,
/// which one selector could not tell apart.
pub(crate) async fn lead_to(plane: &ControlPlane, operators: &[&Operator]) {
    let patch = [
        "patch",
        "service",
        "prodready",
        "-n",
        NAMESPACE,
        "--type=merge",
        "-p",
    ];
    let without_selector = r#"{"spec": {"selector": null}}"#;
    kubectl(plane, &[&patch[..], &[without_selector]].concat())
        .await
        .expect_success();
    // What was written for the selector would be mirrored for ever.
    let delete = [
        "delete",
        "endpoints",
        "prodready",
        "-n",
        NAMESPACE,
        "--ignore-not-found",
    ];
    kubectl(plane, &delete).await.expect_success();
    for operator in operators {
        apply(plane, &slice(plane, operator)).await;
    }
    let kept: Vec<String> = operators.iter().map(|each| slice_name(each)).collect();
    let list = [
        "get",
        "endpointslices",
        "-n",
        NAMESPACE,
        "-o",
        "name",
        "-l",
        "kubernetes.io/service-name=prodready",
    ];
    let listed = kubectl(plane, &list).await.expect_success();
    for name in listed.lines().filter_map(|line| line.rsplit('/').next()) {
        if !kept.iter().any(|kept| kept == name) {
            let delete = [
                "delete",
                "endpointslice",
                name,
                "-n",
                NAMESPACE,
                "--ignore-not-found",
            ];
            kubectl(plane, &delete).await.expect_success();
        }
    }
}

fn slice_name(operator: &Operator) -> String {
    format!("operator-{}", operator.gate_port())
}

fn slice(plane: &ControlPlane, operator: &Operator) -> Value {
    json!({
        "apiVersion": "discovery.k8s.io/v1",
        "kind": "EndpointSlice",
        "metadata": {
            "name": slice_name(operator),
            "namespace": NAMESPACE,
            "labels": {"kubernetes.io/service-name": "prodready"},
        },
        "addressType": "IPv4",
        "endpoints": [{"addresses": [plane.node_address().to_string()], "conditions": {"ready": true}}],
        "ports": [{"name": "gate", "port": operator.gate_port(), "protocol": "TCP"}],
    })
}
