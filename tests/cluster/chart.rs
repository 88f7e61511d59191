//! The chart: what it renders, what it refuses, and what an upgrade and an uninstall leave.

use k8s_openapi::api::{
    admissionregistration::v1::ValidatingWebhookConfiguration, coordination::v1::Lease,
    core::v1::Secret,
};
use kube::{Api, Client, ResourceExt, api::ListParams};
use prodready_engine::api::report::ReadinessReport;
use prodready_testkit::{helm, in_namespace, kubectl, kubectl_with_input, shared, wait};
use serde_json::json;

use crate::support::{
    CHART, Installation, LIMIT, NAMESPACE, apply, enforce, objects::deployment, own_control_plane,
    wait_for_report,
};

/// The files with values that the chart is tested with, and none for the defaults.
fn values_files() -> Vec<Option<String>> {
    let directory = std::fs::read_dir(format!("{CHART}/ci")).unwrap();
    let files = directory.map(|entry| Some(entry.unwrap().path().display().to_string()));
    let files: Vec<_> = std::iter::once(None).chain(files).collect();
    assert!(files.len() >= 4, "{files:?}");
    files
}

#[tokio::test]
async fn every_set_of_values_is_linted_and_rendered() {
    for file in values_files() {
        let values: Vec<&str> = file.iter().flat_map(|file| ["--values", file]).collect();
        let lint = ["lint", CHART, "--strict", "--namespace", NAMESPACE];
        helm(shared(), &[&lint[..], &values].concat())
            .await
            .expect_success();
        let template = ["template", "prodready", CHART, "--namespace", NAMESPACE];
        let rendered = helm(shared(), &[&template[..], &values].concat()).await;
        let rendered = rendered.expect_success();
        assert!(
            rendered.contains("kind: Deployment"),
            "{file:?}: {rendered}"
        );
    }
}

#[tokio::test]
async fn a_value_that_cannot_work_is_refused_with_its_name() {
    for (value, told) in [
        ("replicaCount=two", "replicaCount"),
        ("replicaCount=0", "replicaCount must be at least 1"),
        ("webhook.port=80", "webhook/port"),
        ("webhook.timeoutSeconds=31", "webhook/timeoutSeconds"),
        (
            "webhook.protectedNamespaces={Kube_System}",
            "webhook/protectedNamespaces/0",
        ),
        ("logging.level=loud", "logging/level"),
        ("logging.levels=info", "levels"),
        ("image.pullPolicy=Sometimes", "image/pullPolicy"),
        ("policies.default.mode=Deny", "policies/default/mode"),
        ("hostNetwork=true", "webhook.port"),
        (
            "webhook.port=8080",
            "webhook.port and admin.port must differ",
        ),
        ("preStopSleepSeconds=30", "preStopSleepSeconds"),
    ] {
        let template = [
            "template",
            "prodready",
            CHART,
            "--namespace",
            NAMESPACE,
            "--set",
            value,
        ];
        let refused = helm(shared(), &template).await.expect_failure();
        assert!(refused.contains(told), "{value}: {refused}");
    }
    let into_kube_system = ["template", "prodready", CHART, "--namespace", "kube-system"];
    let refused = helm(shared(), &into_kube_system).await.expect_failure();
    assert!(
        refused.contains("must not be installed into kube-system"),
        "{refused}"
    );
}

#[tokio::test]
async fn what_the_chart_renders_is_accepted_by_the_api_server() {
    in_namespace(shared(), "rendered", async |_, namespace| {
        let template = ["template", "tried", CHART, "--namespace", &namespace];
        let rendered = helm(shared(), &template).await.expect_success();
        let apply = [
            "apply",
            "--dry-run=server",
            "--namespace",
            &namespace,
            "-f",
            "-",
        ];
        let accepted = kubectl_with_input(shared(), &apply, &rendered).await;
        let accepted = accepted.expect_success();
        assert!(
            accepted.contains("deployment.apps/tried-prodready created"),
            "{accepted}"
        );
    })
    .await;
}

#[tokio::test]
async fn an_upgrade_leaves_the_gate_and_the_reports_as_they_are() {
    let Some(plane) = own_control_plane().await else {
        return;
    };
    let installation = Installation::start(&plane, &[]).await;
    let client = plane.client();
    enforce(&plane, "default", json!({})).await;
    apply(&plane, &deployment("default", "web", false)).await;
    wait_for_report(&client, "default", "deployment-web", |_| true).await;
    let (gate, reports) = (gate(&client).await, reports(&client).await);
    assert!(gate.contains("caBundle"), "{gate}");

    let upgrade = [
        "upgrade",
        "prodready",
        CHART,
        "-n",
        NAMESPACE,
        "--reuse-values",
        "--set",
        "podLabels.upgraded=yes",
    ];
    helm(&plane, &upgrade).await.expect_success();
    // The operator goes on, and what is new for it comes after the upgrade.
    apply(&plane, &deployment("default", "last", false)).await;
    wait_for_report(&client, "default", "deployment-last", |_| true).await;
    assert_eq!(self::gate(&client).await, gate);
    let after = self::reports(&client).await;
    assert_eq!(after[1..], reports);
    drop(installation);
}

/// The gate's configuration with its version: equal where nobody wrote it.
async fn gate(client: &Client) -> String {
    let configurations: Api<ValidatingWebhookConfiguration> = Api::all(client.clone());
    let gate = configurations.get("prodready").await.unwrap();
    serde_json::to_string(&gate).unwrap()
}

/// Names and versions of the reports on workloads of the default namespace, in order.
async fn reports(client: &Client) -> Vec<(String, Option<String>)> {
    let reports: Api<ReadinessReport> = Api::namespaced(client.clone(), "default");
    let listed = reports.list(&ListParams::default()).await.unwrap();
    listed
        .iter()
        .map(|report| (report.name_any(), report.resource_version()))
        .filter(|(name, _)| name != "namespace")
        .collect()
}

/// On KWOK the clean-up hook's pod ends well without having run. What it does is tested by itself; what
/// is tested here is the second line: everything that the operator made belongs to its ClusterRole.
#[tokio::test]
async fn an_uninstall_leaves_no_gate_no_certificate_and_no_lease_and_keeps_the_reports() {
    let Some(plane) = own_control_plane().await else {
        return;
    };
    let mut installation = Installation::start(&plane, &[]).await;
    let client = plane.client();
    enforce(&plane, "default", json!({})).await;
    apply(&plane, &deployment("default", "web", false)).await;
    wait_for_report(&client, "default", "deployment-web", |_| true).await;
    assert_eq!(left(&client).await, ["configuration", "secret", "lease"]);

    installation.operator.stop().await;
    helm(
        &plane,
        &["uninstall", "prodready", "-n", NAMESPACE, "--wait"],
    )
    .await
    .expect_success();
    wait("nothing of the operator is left", LIMIT, async || {
        let left = left(&client).await;
        if left.is_empty() {
            Ok(())
        } else {
            Err(format!("{left:?}"))
        }
    })
    .await;
    // Nothing denies any more, and reports are the users' to keep.
    apply(&plane, &deployment("default", "bad", true)).await;
    assert_eq!(reports(&client).await.len(), 1);
}

/// What is there of that which the operator makes.
async fn left(client: &Client) -> Vec<&'static str> {
    let configurations: Api<ValidatingWebhookConfiguration> = Api::all(client.clone());
    let secrets: Api<Secret> = Api::namespaced(client.clone(), NAMESPACE);
    let leases: Api<Lease> = Api::namespaced(client.clone(), NAMESPACE);
    let there = [
        (
            "configuration",
            configurations.get_opt("prodready").await.unwrap().is_some(),
        ),
        (
            "secret",
            secrets
                .get_opt("prodready-certificate")
                .await
                .unwrap()
                .is_some(),
        ),
        (
            "lease",
            leases.get_opt("prodready").await.unwrap().is_some(),
        ),
    ];
    there
        .into_iter()
        .filter(|(_, there)| *there)
        .map(|(what, _)| what)
        .collect()
}

/// What the clean-up hook runs, with the rights that the chart gives the hook and no others.
#[tokio::test]
async fn the_clean_up_removes_the_gate_and_the_operator_does_not_bring_it_back() {
    let Some(plane) = own_control_plane().await else {
        return;
    };
    let mut installation = Installation::start(&plane, &[]).await;
    let client = plane.client();
    enforce(&plane, "default", json!({})).await;
    let template = [
        "template",
        "prodready",
        CHART,
        "-n",
        NAMESPACE,
        "--show-only",
        "templates/cleanup.yaml",
    ];
    let hook = helm(&plane, &template).await.expect_success();
    kubectl_with_input(&plane, &["apply", "-f", "-"], &hook)
        .await
        .expect_success();
    let kubeconfig = plane.kubeconfig_for_service_account(NAMESPACE, "prodready-cleanup");
    let kubeconfig = kubeconfig.await.unwrap();
    let clean_up = || {
        let ran = std::process::Command::new(env!("CARGO_BIN_EXE_prodready"))
            .args(["gate", "remove", "--webhook-configuration", "prodready"])
            .env("KUBECONFIG", &kubeconfig)
            .output()
            .unwrap();
        String::from_utf8(ran.stdout).unwrap()
    };
    assert_eq!(
        clean_up(),
        "validatingwebhookconfiguration prodready removed\n"
    );
    assert_eq!(
        clean_up(),
        "validatingwebhookconfiguration prodready not there\n"
    );

    // The policy's status is written after the gate was looked at.
    wait(
        "the policy says that nothing is enforced",
        LIMIT,
        async || {
            let told = kubectl(&plane, &["get", "prp", "default", "-o", ENFORCING])
                .await
                .stdout;
            if told == "False GateRemoved" {
                Ok(())
            } else {
                Err(told)
            }
        },
    )
    .await;
    assert_eq!(left(&client).await, ["secret", "lease"]);
    apply(&plane, &deployment("default", "bad", true)).await;
    assert_eq!(
        installation
            .operator
            .metric("prodready_gate_removed", &[])
            .await,
        1
    );

    // Not after a restart either.
    installation.operator.stop().await;
    installation.operator.start_again().await;
    installation.operator.wait_until_leading().await;
    apply(&plane, &deployment("default", "last", false)).await;
    wait_for_report(&client, "default", "deployment-last", |_| true).await;
    wait("the gate was looked at", LIMIT, async || {
        installation
            .operator
            .metric("prodready_gate_removed", &[])
            .await
            == 1
    })
    .await;
    assert_eq!(left(&client).await, ["secret", "lease"]);

    // Until somebody says so.
    let on = std::process::Command::new(env!("CARGO_BIN_EXE_prodready"))
        .args(["gate", "on", "--namespace", NAMESPACE])
        .env("KUBECONFIG", plane.kubeconfig())
        .output()
        .unwrap();
    assert!(
        on.status.success(),
        "{}",
        String::from_utf8_lossy(&on.stderr)
    );
    enforce(&plane, "default", json!({})).await;
    assert_eq!(
        installation
            .operator
            .metric("prodready_gate_removed", &[])
            .await,
        0
    );
}

const ENFORCING: &str = "jsonpath={.status.conditions[?(@.type==\"Enforcing\")].status} \
    {.status.conditions[?(@.type==\"Enforcing\")].reason}";
