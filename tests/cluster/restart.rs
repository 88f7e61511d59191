//! The operator's process: its end, its start, and a second one.

use k8s_openapi::api::admissionregistration::v1::ValidatingWebhookConfiguration;
use kube::{Api, Client, ResourceExt, api::ListParams};
use prodready_engine::api::{policy::ProductionReadinessPolicy, report::ReadinessReport};
use prodready_testkit::{ControlPlane, kubectl, kubectl_with_input, wait};
use serde_json::{Value, json};

use crate::support::{
    Installation, LIMIT, Operator, apply, apply_policy, enforce,
    objects::{deployment, pod},
    own_control_plane, wait_for_report,
};

#[tokio::test]
async fn a_restart_with_nothing_changed_writes_nothing() {
    let Some(plane) = own_control_plane().await else {
        return;
    };
    let mut installation = Installation::start(&plane, &[]).await;
    let client = plane.client();
    apply_everything(&plane).await;
    for name in ["one", "two", "three"] {
        apply(&plane, &deployment("default", name, false)).await;
        let is_told = |report: &ReadinessReport| {
            let unknown = report.status.iter().flat_map(|status| &status.unknown);
            unknown
                .into_iter()
                .all(|unknown| unknown.check != "acme.known")
        };
        wait_for_report(&client, "default", &format!("deployment-{name}"), is_told).await;
    }
    // The policy's status is written after what it counts.
    let before = wait("the policy counts three", LIMIT, async || {
        let written = everything_written(&client).await;
        let counted = written.iter().any(|each| each["counted"] == 3);
        if counted {
            Ok(written)
        } else {
            Err(json!(written))
        }
    })
    .await;

    installation.operator.stop().await;
    installation.operator.start_again().await;
    installation.operator.wait_until_leading().await;
    // A new report is written after whatever differs from what is stored, and the policy's status later.
    apply(&plane, &deployment("default", "last", false)).await;
    wait_for_report(&client, "default", "deployment-last", |_| true).await;
    let writes = counted_writes(&installation.operator).await;
    assert_eq!(writes, 1, "{}", installation.operator.metrics().await);
    let after = everything_written(&client).await;
    let is_report = |each: &&Value| each["counted"].is_null() && each["name"] != "deployment-last";
    assert_eq!(
        after.iter().filter(is_report).collect::<Vec<_>>(),
        before.iter().filter(is_report).collect::<Vec<_>>()
    );
}

/// A policy of which a new form has a rule about a field that is none, and the operator that knew the good form is gone:
/// as after an upgrade from a release that took such fields.
#[tokio::test]
async fn a_stored_rule_about_a_field_that_is_none_costs_a_restarted_operator_no_policy() {
    let Some(plane) = own_control_plane().await else {
        return;
    };
    let mut installation = Installation::start(&plane, &[]).await;
    let client = plane.client();
    apply_everything(&plane).await;
    let edit = json!([{
        "op": "replace", "path": "/spec/rules/0/expression", "value": "object.spec.replcas == 2",
    }]);
    installation.operator.stop().await;
    let patch = [
        "patch",
        "prp",
        "everything",
        "--type=json",
        "-p",
        &edit.to_string(),
    ];
    kubectl(&plane, &patch).await.expect_success();
    installation.operator.start_again().await;
    apply(&plane, &deployment("default", "web", false)).await;
    let report = wait_for_report(&client, "default", "deployment-web", |report| {
        let unknown = report.status.iter().flat_map(|status| &status.unknown);
        unknown.into_iter().any(|one| one.check == "acme.known")
    })
    .await;
    assert_eq!(report.spec.policy, "everything");
    let unknown = report.status.into_iter().flat_map(|status| status.unknown);
    let reasons: Vec<String> = unknown
        .filter(|one| one.check == "acme.known")
        .map(|one| one.reason)
        .collect();
    let told = "has no field replcas; did you mean replicas?";
    assert!(reasons[0].ends_with(told), "{reasons:?}");
    let policies: Api<ProductionReadinessPolicy> = Api::all(client);
    let conditions = wait("the policy tells it", LIMIT, async || {
        let policy = policies
            .get("everything")
            .await
            .map_err(|err| err.to_string())?;
        let conditions = policy
            .status
            .map(|status| status.conditions)
            .unwrap_or_default();
        let told = conditions
            .iter()
            .map(|each| (each.type_.clone(), json!([each.status, each.message])));
        let told: std::collections::BTreeMap<_, _> = told.collect();
        if told
            .get("Accepted")
            .is_some_and(|accepted| accepted[0] == "False")
        {
            Ok(told)
        } else {
            Err(format!("{told:?}"))
        }
    })
    .await;
    let accepted = conditions["Accepted"][1].as_str().unwrap();
    assert!(
        accepted.ends_with("; such a rule is unknown, and all else of the policy is in force"),
        "{accepted}"
    );
    assert_eq!(conditions["Enforcing"][0], "True");
}

/// A policy that enforces, with a rule of its own.
async fn apply_everything(plane: &ControlPlane) {
    let rules = [rule_about_originals()];
    let spec = json!({"enforcement": {"mode": "Enforce"}, "rules": rules});
    apply_policy(plane, "everything", "default", spec).await;
}

/// A rule that cannot tell before the workload and its namespace have been read as they were written.
fn rule_about_originals() -> Value {
    json!({
        "id": "acme.known",
        "title": "Unknown",
        "severity": "low",
        "expression": "object.metadata.namespace == namespaceObject.metadata.name && size(related.services) == 0",
        "message": "is not known",
        "fix": "Wait.",
    })
}

const WRITTEN: [&str; 1] = ["result=\"written\""];

/// How many reports an operator has written that has written one: it is counted after it can be seen.
async fn counted_writes(operator: &Operator) -> u64 {
    wait("a write is counted", LIMIT, async || {
        let writes = operator.metric("prodready_report_writes_total", &WRITTEN);
        Some(writes.await).filter(|writes| *writes > 0)
    })
    .await
}

/// Name and version of everything that the operator writes: reports, policies with their counts, and the
/// gate's configuration.
async fn everything_written(client: &Client) -> Vec<Value> {
    let mut written = Vec::new();
    let reports: Api<ReadinessReport> = Api::all(client.clone());
    for report in reports.list(&ListParams::default()).await.unwrap() {
        written.push(json!({"name": report.name_any(), "version": report.resource_version()}));
    }
    let policies: Api<ProductionReadinessPolicy> = Api::all(client.clone());
    for policy in policies.list(&ListParams::default()).await.unwrap() {
        let counted = policy.status.as_ref().map(|status| status.workloads);
        written.push(json!({"name": policy.name_any(), "counted": counted}));
    }
    let configurations: Api<ValidatingWebhookConfiguration> = Api::all(client.clone());
    let gate = configurations.get("prodready").await.unwrap();
    written.push(json!({"name": "gate", "version": gate.resource_version()}));
    written
}

#[tokio::test]
async fn an_operator_that_is_ready_again_answers_the_gate_at_once() {
    let Some(plane) = own_control_plane().await else {
        return;
    };
    let mut installation = Installation::start(&plane, &[]).await;
    enforce(&plane, "default", json!({})).await;
    let bad = pod("default", "bad", true).to_string();
    let create = ["create", "--dry-run=server", "-f", "-"];
    for _ in 0..3 {
        installation.operator.restart().await;
        let told = kubectl_with_input(&plane, &create, &bad)
            .await
            .expect_failure();
        assert!(
            told.contains("Pod/bad is not ready by policy default"),
            "{told}"
        );
    }
}

#[tokio::test]
async fn a_second_operator_writes_once_the_first_has_stopped() {
    let Some(plane) = own_control_plane().await else {
        return;
    };
    let client = plane.client();
    let mut installation = Installation::start(&plane, &[]).await;
    installation.operator.wait_until_leading().await;
    let second: Operator = installation.further_operator("second").await;
    assert_ne!(second.admin_port(), installation.operator.admin_port());
    apply_policy(&plane, "everything", "default", json!({})).await;
    apply(&plane, &deployment("default", "first", false)).await;
    wait_for_report(&client, "default", "deployment-first", |_| true).await;
    let writes = second.metric("prodready_report_writes_total", &WRITTEN);
    assert_eq!(writes.await, 0);

    // It gives its Lease back, so that nobody waits for it to run out.
    installation.operator.stop().await;
    second.wait_until_leading().await;
    apply(&plane, &deployment("default", "last", false)).await;
    wait_for_report(&client, "default", "deployment-last", |_| true).await;
    assert_eq!(counted_writes(&second).await, 1);
}
