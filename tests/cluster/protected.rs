//! Namespaces that the gate leaves alone, and policies that are dangerous or cannot be read.

use kube::{Api, Client};
use prodready_engine::api::policy::ProductionReadinessPolicy;
use prodready_testkit::{ControlPlane, kubectl, kubectl_with_input, wait};
use serde_json::{Value, json};

use crate::support::{
    Installation, LIMIT, apply, apply_policy, enforce,
    objects::{deployment, pod, workload},
    own_control_plane, wait_for_report,
};

async fn make_namespace(plane: &ControlPlane, name: &str, labels: &Value) {
    let namespace = json!({
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": {"name": name, "labels": labels},
    });
    apply(plane, &namespace).await;
}

async fn status(client: &Client, policy: &str) -> Value {
    let policies: Api<ProductionReadinessPolicy> = Api::all(client.clone());
    let policy = policies.get(policy).await.unwrap();
    json!(policy.status)
}

/// Status, reason and message of a condition.
async fn condition(client: &Client, policy: &str, type_: &str) -> [String; 3] {
    let status = status(client, policy).await;
    let conditions = status["conditions"].as_array().cloned().unwrap_or_default();
    let found = conditions.into_iter().find(|each| each["type"] == type_);
    let found = found.unwrap_or_default();
    ["status", "reason", "message"]
        .map(|field| found[field].as_str().unwrap_or_default().to_owned())
}

async fn wait_for_protected(client: &Client, policy: &str, wanted: &Value) {
    wait("the protected namespaces are listed", LIMIT, async || {
        let listed = status(client, policy).await["protectedNamespaces"].take();
        if listed == *wanted {
            Ok(())
        } else {
            Err(listed)
        }
    })
    .await;
}

async fn wait_for_reason(client: &Client, policy: &str, type_: &str, reason: &str) -> String {
    wait(&format!("{type_} says {reason}"), LIMIT, async || {
        let [status, found, message] = condition(client, policy, type_).await;
        if found == reason {
            Ok(message)
        } else {
            Err(format!("{status} {found} {message}"))
        }
    })
    .await
}

#[tokio::test]
async fn namespaces_that_the_cluster_needs_are_found_listed_with_why_and_left_alone() {
    let Some(plane) = own_control_plane().await else {
        return;
    };
    let _installation = Installation::start(&plane, &[]).await;
    let client = plane.client();
    for name in ["network", "hooks"] {
        make_namespace(&plane, name, &json!({"enforced": "yes"})).await;
    }
    let deny =
        json!({"mode": "Enforce", "denySeverities": [], "denyChecks": ["privileged-container"]});
    apply(
        &plane,
        &json!({
            "apiVersion": "prodready.dev/v1alpha1",
            "kind": "ProductionReadinessPolicy",
            "metadata": {"name": "enforced"},
            "spec": {"namespaceSelector": {"matchLabels": {"enforced": "yes"}}, "enforcement": deny},
        }),
    )
    .await;
    wait("the gate denies", LIMIT, async || {
        try_privileged(&plane, "network")
            .await
            .contains("is not ready by policy enforced")
    })
    .await;

    let mut agent = network_agent("network");
    apply(&plane, &agent).await;
    apply(&plane, &fail_closed_webhook("hooks")).await;
    let network =
        json!({"name": "network", "why": "DaemonSet/agent sets up nodes (system-node-critical)"});
    let hooks = json!({
        "name": "hooks",
        "why": "ValidatingWebhookConfiguration/another fails closed and is answered from here",
    });
    wait_for_protected(&client, "enforced", &json!([hooks, network])).await;
    for namespace in ["network", "hooks"] {
        wait("the gate leaves it alone", LIMIT, async || {
            let told = try_privileged(&plane, namespace).await;
            told.contains("created").then_some(()).ok_or(told)
        })
        .await;
    }

    // A policy that would deny what runs there says so.
    agent["spec"]["template"]["spec"]["containers"][0]["securityContext"]["privileged"] =
        json!(true);
    apply(&plane, &agent).await;
    let told = wait_for_reason(&client, "enforced", "Safe", "DeniesProtected").await;
    assert_eq!(
        told,
        "it would deny what the cluster needs: DaemonSet/agent in network; the gate leaves these namespaces alone, \
         excludedNamespaces says so for good"
    );

    kubectl(&plane, &["delete", "daemonset", "agent", "-n", "network"])
        .await
        .expect_success();
    wait_for_protected(&client, "enforced", &json!([hooks])).await;
    wait("the gate denies again", LIMIT, async || {
        try_privileged(&plane, "network")
            .await
            .contains("is not ready by policy enforced")
    })
    .await;
}

/// As networks of nodes are installed.
fn network_agent(namespace: &str) -> Value {
    let mut agent = workload("apps/v1", "DaemonSet", namespace, "agent", false);
    let pod = &mut agent["spec"]["template"]["spec"];
    pod["hostNetwork"] = json!(true);
    pod["priorityClassName"] = json!("system-node-critical");
    agent
}

/// A broken network keeps the API server from asking the gate, and must not keep itself from being repaired.
#[tokio::test]
async fn what_brings_the_network_of_nodes_back_comes_up_while_the_gate_is_down() {
    let Some(plane) = own_control_plane().await else {
        return;
    };
    let mut installation = Installation::start(&plane, &[]).await;
    let deny = json!({"denySeverities": [], "denyChecks": ["privileged-container"]});
    enforce(&plane, "default", deny).await;
    installation.operator.kill();
    let other = workload("apps/v1", "DaemonSet", "default", "other", false);
    let create = ["create", "-f", "-"];
    let refused = kubectl_with_input(&plane, &create, &other.to_string()).await;
    let told = refused.expect_failure();
    assert!(told.contains("failed calling webhook"), "{told}");
    apply(&plane, &network_agent("default")).await;
}

/// What is said to a privileged Pod that is not stored.
async fn try_privileged(plane: &ControlPlane, namespace: &str) -> String {
    let bad = pod(namespace, "tried", true).to_string();
    let create = ["create", "--dry-run=server", "-f", "-"];
    let ran = kubectl_with_input(plane, &create, &bad).await;
    ran.stdout + &ran.stderr
}

/// It is asked about a kind that nobody makes.
fn fail_closed_webhook(namespace: &str) -> Value {
    json!({
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "ValidatingWebhookConfiguration",
        "metadata": {"name": "another"},
        "webhooks": [{
            "name": "another.example.com",
            "admissionReviewVersions": ["v1"],
            "sideEffects": "None",
            "failurePolicy": "Fail",
            "clientConfig": {"service": {"namespace": namespace, "name": "another"}},
            "rules": [{
                "apiGroups": ["example.com"],
                "apiVersions": ["v1"],
                "operations": ["CREATE"],
                "resources": ["teapots"],
            }],
        }],
    })
}

#[tokio::test]
async fn a_dangerous_policy_says_what_is_dangerous_about_it() {
    let Some(plane) = own_control_plane().await else {
        return;
    };
    let _installation = Installation::start(&plane, &[]).await;
    let client = plane.client();
    apply_policy(
        &plane,
        "well",
        "default",
        json!({"enforcement": {"mode": "Warn"}}),
    )
    .await;
    assert_eq!(
        condition(&client, "well", "Safe").await,
        ["True", "Safe", "nothing about it is dangerous"]
    );
    apply_policy(
        &plane,
        "own",
        "prodready-system",
        json!({"enforcement": {"mode": "Warn"}}),
    )
    .await;
    let told = wait_for_reason(&client, "own", "Safe", "SelectsOwnNamespace").await;
    assert!(
        told.starts_with("it selects the gate's own namespace prodready-system, "),
        "{told}"
    );
    let spec = json!({
        "enforcement": {"mode": "Warn"},
        "workloadSelector": {"matchLabels": {"judged": "yes"}},
    });
    apply_policy(&plane, "workloads", "default", spec).await;
    let told = wait_for_reason(&client, "workloads", "Safe", "EditableSelector").await;
    assert_eq!(
        told,
        "its workloadSelector goes by labels that everybody may set who may change a workload"
    );

    make_namespace(&plane, "shop", &json!({"tier": "production"})).await;
    for object in namespace_admin("shop") {
        apply(&plane, &object).await;
    }
    apply(
        &plane,
        &json!({
            "apiVersion": "prodready.dev/v1alpha1",
            "kind": "ProductionReadinessPolicy",
            "metadata": {"name": "labels"},
            "spec": {
                "namespaceSelector": {"matchLabels": {"tier": "production"}},
                "enforcement": {"mode": "Enforce"},
            },
        }),
    )
    .await;
    let told = wait_for_reason(&client, "labels", "Safe", "EditableSelector").await;
    assert_eq!(
        told,
        "its namespaceSelector goes by tier, which may be changed by who is bound by RoleBinding/admins in shop"
    );
}

/// A role of a namespace in which its administrators may change the namespace itself.
fn namespace_admin(namespace: &str) -> [Value; 2] {
    let group = "rbac.authorization.k8s.io";
    [
        json!({
            "apiVersion": format!("{group}/v1"),
            "kind": "Role",
            "metadata": {"name": "admin", "namespace": namespace},
            "rules": [{"apiGroups": [""], "resources": ["namespaces"], "verbs": ["get", "patch"]}],
        }),
        json!({
            "apiVersion": format!("{group}/v1"),
            "kind": "RoleBinding",
            "metadata": {"name": "admins", "namespace": namespace},
            "roleRef": {"apiGroup": group, "kind": "Role", "name": "admin"},
            "subjects": [{"apiGroup": group, "kind": "User", "name": "jane"}],
        }),
    ]
}

/// As another version's definitions let pass: what the API server took and this version cannot read.
#[tokio::test]
async fn a_policy_that_cannot_even_be_read_stops_no_other() {
    let Some(plane) = own_control_plane().await else {
        return;
    };
    let mut installation = Installation::start(&plane, &[]).await;
    let client = plane.client();
    enforce(&plane, "default", json!({})).await;
    let modes = "/spec/versions/0/schema/openAPIV3Schema/properties/spec/properties/enforcement/properties/mode/enum/-";
    let later = json!([{"op": "add", "path": modes, "value": "Quarantine"}]).to_string();
    let definition = "crd/productionreadinesspolicies.prodready.dev";
    let patch = ["patch", definition, "--type=json", "-p", &later];
    kubectl(&plane, &patch).await.expect_success();
    let broken = json!({
        "apiVersion": "prodready.dev/v1alpha1",
        "kind": "ProductionReadinessPolicy",
        "metadata": {"name": "broken"},
        "spec": {"precedence": 1000, "enforcement": {"mode": "Quarantine"}},
    });
    wait("the definition is in force", LIMIT, async || {
        let ran = kubectl_with_input(&plane, &["apply", "-f", "-"], &broken.to_string()).await;
        if ran.success() {
            Ok(())
        } else {
            Err(ran.to_string())
        }
    })
    .await;

    let unread: Api<kube::api::DynamicObject> = prodready::written::api(client.clone());
    wait("the mistake is told", LIMIT, async || {
        let policy = unread.get("broken").await.unwrap();
        let told = policy.data["status"]["conditions"].to_string();
        let found = told.contains("unknown variant `Quarantine`") && told.contains("Invalid");
        if found { Ok(()) } else { Err(told) }
    })
    .await;
    // Also for an operator that finds it there.
    installation.operator.restart().await;
    installation.operator.wait_until_leading().await;
    apply(&plane, &deployment("default", "web", false)).await;
    wait_for_report(&client, "default", "deployment-web", |report| {
        report.spec.policy == "default"
    })
    .await;
    assert!(
        try_privileged(&plane, "default")
            .await
            .contains("is not ready by policy default")
    );
}
