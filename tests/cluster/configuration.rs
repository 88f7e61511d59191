//! The gate's own configuration among others who write it, and what is left of it.

use std::time::Duration;

use k8s_openapi::{
    api::admissionregistration::v1::ValidatingWebhookConfiguration,
    apimachinery::pkg::apis::meta::v1::ManagedFieldsEntry,
};
use kube::{
    Api, Client, ResourceExt as _,
    api::{ListParams, Patch, PatchParams},
};
use prodready_engine::api::{policy::ProductionReadinessPolicy, report::ReadinessReport};
use prodready_testkit::{ControlPlane, helm, kubectl, kubectl_with_input, wait};
use serde_json::{Value, json};

use crate::support::{
    CHART, Installation, LIMIT, NAMESPACE, apply, apply_policy, enforce,
    objects::{deployment, pod},
    own_control_plane, wait_for_report,
};

/// How often somebody else edits: once a second for half a minute.
const EDITS: i64 = 30;

const OURS: &str = "prodready-gate";

async fn gate(client: &Client) -> ValidatingWebhookConfiguration {
    let configurations: Api<ValidatingWebhookConfiguration> = Api::all(client.clone());
    configurations.get("prodready").await.unwrap()
}

/// What we wrote last, and when: the API server keeps it, and leaves the time alone where others take a field over.
fn our_write(gate: &ValidatingWebhookConfiguration) -> ManagedFieldsEntry {
    let mut managers = gate.metadata.managed_fields.iter().flatten();
    let ours = managers.find(|entry| entry.manager.as_deref() == Some(OURS));
    ours.unwrap().clone()
}

#[tokio::test]
async fn while_somebody_edits_the_selectors_every_second_we_write_nothing() {
    let Some(plane) = own_control_plane().await else {
        return;
    };
    let _installation = Installation::start(&plane, &[]).await;
    let client = plane.client();
    enforce(&plane, "default", json!({})).await;
    let before = gate(&client).await;
    let mut every_second = tokio::time::interval(Duration::from_secs(1));
    for edit in 0..EDITS {
        every_second.tick().await;
        narrow(&client, &before, &format!("edit-{edit}")).await;
    }
    every_second.tick().await;

    let after = gate(&client).await;
    let generations = after.metadata.generation.unwrap() - before.metadata.generation.unwrap();
    assert_eq!(generations, EDITS, "every change of it was theirs");
    assert_eq!(our_write(&after).time, our_write(&before).time);
    let kept = json!(after.webhooks.as_ref().unwrap()[0].namespace_selector).to_string();
    assert!(kept.contains(&format!("edit-{}", EDITS - 1)), "{kept}");
    // What they left us works.
    let bad = pod("default", "bad", true).to_string();
    let told = kubectl_with_input(&plane, &["create", "-f", "-"], &bad)
        .await
        .expect_failure();
    assert!(
        told.contains("Pod/bad is not ready by policy default"),
        "{told}"
    );

    // What we mean by it changes: that is written once, without what they narrowed, and they may do so again.
    let other = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "other"}});
    apply(&plane, &other).await;
    enforce(&plane, "other", json!({})).await;
    let anew = gate(&client).await;
    assert_eq!(
        anew.metadata.generation,
        after.metadata.generation.map(|generation| generation + 1)
    );
    assert!(our_write(&anew).time > our_write(&after).time);
    let entries = json!(anew.webhooks).to_string();
    assert!(!entries.contains("edit-"), "{entries}");
    narrow(&client, &anew, "again").await;
    apply(&plane, &deployment("default", "last", false)).await;
    wait_for_report(&client, "default", "deployment-last", |_| true).await;
    let entries = json!(gate(&client).await.webhooks).to_string();
    assert!(entries.contains("again"), "{entries}");
}

/// Adds a term to the namespace selector of every entry as it was read, as somebody else.
async fn narrow(client: &Client, read: &ValidatingWebhookConfiguration, value: &str) {
    let configurations: Api<ValidatingWebhookConfiguration> = Api::all(client.clone());
    let by = PatchParams {
        field_manager: Some("admissionsenforcer".to_owned()),
        ..PatchParams::default()
    };
    let entries = read.webhooks.iter().flatten();
    let narrowed = entries.map(|entry| {
        let mut selector = json!(entry.namespace_selector);
        let term = json!({"key": "control-plane", "operator": "NotIn", "values": [value]});
        selector["matchExpressions"]
            .as_array_mut()
            .unwrap()
            .push(term);
        json!({"name": entry.name, "namespaceSelector": selector})
    });
    let narrowed: Vec<Value> = narrowed.collect();
    let patch = Patch::Strategic(json!({"webhooks": narrowed}));
    configurations
        .patch("prodready", &by, &patch)
        .await
        .unwrap();
}

/// As Argo CD does with each synchronisation, pruning included.
#[tokio::test]
async fn who_applies_the_chart_again_and_again_leaves_the_gate_alone() {
    let Some(plane) = own_control_plane().await else {
        return;
    };
    let _installation = Installation::start(&plane, &[]).await;
    let client = plane.client();
    enforce(&plane, "default", json!({})).await;
    let before = gate(&client).await;
    let manifest = helm(&plane, &["get", "manifest", "prodready", "-n", NAMESPACE]).await;
    let manifest = manifest.expect_success();
    assert!(!manifest.contains("kind: ValidatingWebhookConfiguration"));
    let synchronise = [
        "apply",
        "--server-side",
        "--force-conflicts",
        "--field-manager=argocd-controller",
        "-f",
        "-",
    ];
    for _ in 0..3 {
        kubectl_with_input(&plane, &synchronise, &manifest)
            .await
            .expect_success();
    }
    let prune = [
        "apply",
        "-f",
        "-",
        "--prune",
        "--selector=app.kubernetes.io/instance=prodready",
        "--prune-allowlist=admissionregistration.k8s.io/v1/ValidatingWebhookConfiguration",
    ];
    kubectl_with_input(&plane, &prune, &manifest)
        .await
        .expect_success();
    // What is new for the operator comes after all that.
    apply(&plane, &deployment("default", "last", false)).await;
    wait_for_report(&client, "default", "deployment-last", |_| true).await;
    assert_eq!(gate(&client).await, before);
}

#[tokio::test]
async fn a_deletion_by_somebody_is_honoured_also_when_policies_change() {
    let Some(plane) = own_control_plane().await else {
        return;
    };
    let installation = Installation::start(&plane, &[]).await;
    let client = plane.client();
    enforce(&plane, "default", json!({})).await;
    let delete = ["delete", "validatingwebhookconfiguration", "prodready"];
    kubectl(&plane, &delete).await.expect_success();
    let removed = async || {
        let operator = &installation.operator;
        operator.metric("prodready_gate_removed", &[]).await == 1
    };
    wait("it was noticed", LIMIT, removed).await;

    let spec = json!({"precedence": 100, "enforcement": {"mode": "Enforce", "minimumScore": 90}});
    apply_policy(&plane, "default", "default", spec).await;
    apply_policy(
        &plane,
        "another",
        "kube-public",
        json!({"enforcement": {"mode": "Warn"}}),
    )
    .await;
    apply(&plane, &pod("default", "bad", true)).await;
    let configurations: Api<ValidatingWebhookConfiguration> = Api::all(client);
    let listed = configurations.list(&ListParams::default()).await.unwrap();
    assert_eq!(listed.items.len(), 0);
}

#[tokio::test]
async fn after_an_upgrade_and_a_rollback_the_gate_stands_as_it_stood() {
    let Some(plane) = own_control_plane().await else {
        return;
    };
    let _installation = Installation::start(&plane, &[]).await;
    let client = plane.client();
    enforce(&plane, "default", json!({})).await;
    let before = gate(&client).await;
    let upgrade = [
        "upgrade",
        "prodready",
        CHART,
        "-n",
        NAMESPACE,
        "--reuse-values",
    ];
    let values = ["--set", "podLabels.upgraded=yes"];
    helm(&plane, &[&upgrade[..], &values].concat())
        .await
        .expect_success();
    helm(&plane, &["rollback", "prodready", "1", "-n", NAMESPACE])
        .await
        .expect_success();
    apply(&plane, &deployment("default", "last", false)).await;
    wait_for_report(&client, "default", "deployment-last", |_| true).await;
    assert_eq!(gate(&client).await, before);
    let policies: Api<ProductionReadinessPolicy> = Api::all(client);
    assert!(policies.get_opt("default").await.unwrap().is_some());
}

/// No hook runs and no operator is there: the garbage collector takes what belongs to the release's ClusterRole.
#[tokio::test]
async fn nothing_is_left_that_blocks_when_the_release_goes_after_its_operator() {
    let Some(plane) = own_control_plane().await else {
        return;
    };
    let mut installation = Installation::start(&plane, &[]).await;
    let client = plane.client();
    enforce(&plane, "default", json!({})).await;
    apply(&plane, &deployment("default", "web", false)).await;
    wait_for_report(&client, "default", "deployment-web", |_| true).await;
    installation.operator.kill();
    no_finalizers(&plane).await;

    let uninstall = [
        "uninstall",
        "prodready",
        "-n",
        NAMESPACE,
        "--no-hooks",
        "--wait",
    ];
    helm(&plane, &uninstall).await.expect_success();
    let configurations: Api<ValidatingWebhookConfiguration> = Api::all(client.clone());
    wait("the gate is gone", LIMIT, async || {
        configurations.get_opt("prodready").await.unwrap().is_none()
    })
    .await;
    apply(&plane, &pod("default", "bad", true)).await;
    // Nor does anything keep what is left from going.
    for kind in ["prp", "readiness"] {
        let delete = ["delete", kind, "--all", "-n", "default", "--timeout=30s"];
        kubectl(&plane, &delete).await.expect_success();
    }
    let delete = ["delete", "namespace", NAMESPACE, "--timeout=60s"];
    kubectl(&plane, &delete).await.expect_success();
}

async fn no_finalizers(plane: &ControlPlane) {
    let client = plane.client();
    assert_eq!(gate(&client).await.finalizers(), [""; 0]);
    let policies: Api<ProductionReadinessPolicy> = Api::all(client.clone());
    for policy in policies.list(&ListParams::default()).await.unwrap() {
        assert_eq!(policy.finalizers(), [""; 0]);
    }
    let reports: Api<ReadinessReport> = Api::all(client);
    for report in reports.list(&ListParams::default()).await.unwrap() {
        assert_eq!(report.finalizers(), [""; 0]);
    }
}
