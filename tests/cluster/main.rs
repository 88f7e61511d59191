//! The chart and the custom resources against a real control plane.
#![expect(clippy::unwrap_used, reason = "a failing helper must end its test")]

use prodready_testkit::{kubectl_with_input, shared};

async fn install_definitions() {
    let program = env!("CARGO_BIN_EXE_prodready");
    let printed = std::process::Command::new(program)
        .arg("crd")
        .output()
        .unwrap();
    let definitions = String::from_utf8(printed.stdout).unwrap();
    kubectl_with_input(
        shared(),
        &["apply", "--server-side", "-f", "-"],
        &definitions,
    )
    .await
    .expect_success();
}

#[tokio::test]
async fn a_mistake_in_a_policy_is_refused_by_the_api_server_with_its_field() {
    install_definitions().await;
    let established = [
        "wait",
        "--for=condition=Established",
        "crd/productionreadinesspolicies.prodready.dev",
    ];
    prodready_testkit::kubectl(shared(), &established)
        .await
        .expect_success();
    let policy = |spec: &str| {
        format!(
            "{{apiVersion: prodready.dev/v1alpha1, kind: ProductionReadinessPolicy, metadata: {{name: tried}}, spec: {spec}}}"
        )
    };
    let dry_run = ["apply", "--dry-run=server", "-f", "-"];
    kubectl_with_input(shared(), &dry_run, &policy("{}"))
        .await
        .expect_success();
    for (spec, told) in [
        ("{checks: [{id: no-such-check}]}", "spec.checks[0].id"),
        ("{thresholds: {production: 95, scale: 90}}", "production"),
        ("{enforcement: {mode: Deny}}", "spec.enforcement.mode"),
        (
            "{checks: [{id: minimum-replicas, weight: 500}]}",
            "spec.checks[0].weight",
        ),
        (
            "{checks: [{id: minimum-replicas, parameters: [{name: mni, value: 3}]}]}",
            "spec.checks[0]",
        ),
    ] {
        let refused = kubectl_with_input(shared(), &dry_run, &policy(spec))
            .await
            .expect_failure();
        assert!(refused.contains(told), "{spec}: {refused}");
    }
}
