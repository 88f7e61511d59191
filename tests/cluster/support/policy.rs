//! Policies, and when they are in force.

use kube::{Api, Client, api::DeleteParams};
use prodready_engine::api::{condition::ConditionStatus, policy::ProductionReadinessPolicy};
use prodready_testkit::{ControlPlane, kubectl_with_input, wait};
use serde_json::{Value, json};

use super::LIMIT;

/// Applies objects and expects them to be admitted.
pub(crate) async fn apply(plane: &ControlPlane, objects: &Value) -> String {
    kubectl_with_input(plane, &["apply", "-f", "-"], &objects.to_string())
        .await
        .expect_success()
}

/// Applies a policy of this name for one namespace alone, with a `spec` that says what more it wants, and
/// waits until the operator has taken it in.
pub(crate) async fn apply_policy(
    plane: &ControlPlane,
    name: &str,
    namespace: &str,
    mut spec: Value,
) {
    spec["namespaceSelector"] = json!({"matchLabels": {"kubernetes.io/metadata.name": namespace}});
    let policy = json!({
        "apiVersion": "prodready.dev/v1alpha1",
        "kind": "ProductionReadinessPolicy",
        "metadata": {"name": name},
        "spec": spec,
    });
    apply(plane, &policy).await;
    accepted(&plane.client(), name).await;
}

/// Waits until the newest form of a policy is in force, and returns it.
pub(crate) async fn accepted(client: &Client, name: &str) -> ProductionReadinessPolicy {
    let policies: Api<ProductionReadinessPolicy> = Api::all(client.clone());
    wait(&format!("policy {name} is accepted"), LIMIT, async || {
        let policy = policies.get(name).await.map_err(|err| err.to_string())?;
        let generation = policy.metadata.generation;
        let conditions = policy.status.iter().flat_map(|status| &status.conditions);
        let is_accepted = conditions.into_iter().any(|each| {
            each.type_ == "Accepted"
                && each.status == ConditionStatus::True
                && each.observed_generation == generation
        });
        if is_accepted {
            Ok(policy)
        } else {
            Err(format!("{:?}", policy.status))
        }
    })
    .await
}

/// Deletes a policy of a test.
pub(crate) async fn delete_policy(client: &Client, name: &str) {
    let policies: Api<ProductionReadinessPolicy> = Api::all(client.clone());
    policies
        .delete(name, &DeleteParams::default())
        .await
        .unwrap();
}

/// Has a namespace enforced by a policy that has the namespace's name, with more of `enforcement` than
/// the mode, and waits until the gate denies there.
pub(crate) async fn enforce(plane: &ControlPlane, namespace: &str, enforcement: Value) {
    govern(plane, namespace, "Enforce", enforcement).await;
}

/// Has a namespace warned by a policy that has the namespace's name, and waits until the gate warns there.
pub(crate) async fn warn(plane: &ControlPlane, namespace: &str, enforcement: Value) {
    govern(plane, namespace, "Warn", enforcement).await;
}

async fn govern(plane: &ControlPlane, namespace: &str, mode: &str, mut enforcement: Value) {
    enforcement["mode"] = json!(mode);
    let spec = json!({"precedence": 100, "enforcement": enforcement});
    apply_policy(plane, namespace, namespace, spec).await;
    let canary = json!({
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "canary", "namespace": namespace},
        "spec": {"containers": [{"name": "canary", "image": "canary:1", "securityContext": {"privileged": true}}]},
    });
    let canary = canary.to_string();
    let dry_run = ["create", "--dry-run=server", "-f", "-"];
    let told = format!("pod/canary is not ready by policy {namespace}");
    wait("the gate answers", LIMIT, async || {
        let answer = kubectl_with_input(plane, &dry_run, &canary).await;
        if answer.stderr.to_lowercase().contains(&told) {
            Ok(())
        } else {
            Err(answer.to_string())
        }
    })
    .await;
}
