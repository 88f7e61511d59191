//! The verb `breakglass`: who has it passes the gate, also while nobody answers there.

use k8s_openapi::api::events::v1::Event;
use kube::{Api, api::ListParams};
use prodready_testkit::{ControlPlane, Ran, kubectl, kubectl_with_input, wait};
use serde_json::{Value, json};

use crate::support::{
    Installation, LIMIT, apply, enforce, in_installation, objects::deployment, own_control_plane,
};

fn no_privileged() -> Value {
    json!({"denySeverities": [], "denyChecks": ["privileged-container"]})
}

/// Two people who may change workloads of a namespace, the first with the chart's role for breakglass.
async fn on_call_and_another(plane: &ControlPlane, namespace: &str) -> (String, String) {
    let (on_call, other) = (
        format!("on-call-{namespace}"),
        format!("another-{namespace}"),
    );
    let user =
        |name: &str| json!({"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": name});
    let to = |role: &str| json!({"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": role});
    apply(
        plane,
        &json!({
            "apiVersion": "rbac.authorization.k8s.io/v1",
            "kind": "RoleBinding",
            "metadata": {"name": "developers", "namespace": namespace},
            "roleRef": to("edit"),
            "subjects": [user(&on_call), user(&other)],
        }),
    )
    .await;
    apply(
        plane,
        &json!({
            "apiVersion": "rbac.authorization.k8s.io/v1",
            "kind": "ClusterRoleBinding",
            "metadata": {"name": on_call},
            "roleRef": to("prodready-breakglass"),
            "subjects": [user(&on_call)],
        }),
    )
    .await;
    (on_call, other)
}

async fn apply_as(plane: &ControlPlane, user: &str, object: &Value) -> Ran {
    let account = format!("--as={user}");
    let apply = ["apply", "--server-side", "-f", "-", &account];
    kubectl_with_input(plane, &apply, &object.to_string()).await
}

async fn counted(installation: &Installation<'_>) -> u64 {
    let operator = &installation.operator;
    operator.metric("prodready_breakglass_total", &[]).await
}

#[tokio::test]
async fn who_has_the_verb_is_let_past_told_so_counted_and_noted_in_an_event() {
    in_installation("breakglass", async |installation, client, namespace| {
        let plane = installation.plane;
        enforce(plane, &namespace, no_privileged()).await;
        let (on_call, other) = on_call_and_another(plane, &namespace).await;
        let bad = deployment(&namespace, "web", true);

        let told = apply_as(plane, &other, &bad).await.expect_failure();
        assert!(told.contains("Deployment/web is not ready by policy"), "{told}");

        let before = counted(installation).await;
        let passed = apply_as(plane, &on_call, &bad).await;
        let warnings: Vec<&str> = passed.stderr.lines().collect();
        let [told, headline, finding] = warnings.as_slice() else {
            panic!("{passed}");
        };
        assert_eq!(
            *told,
            "Warning: stored all the same by the right to breakglass; this is noted with your name"
        );
        assert!(headline.starts_with("Warning: Deployment/web is not ready by policy"), "{headline}");
        assert_eq!(
            *finding,
            "Warning: privileged-container: container web runs privileged, with all rights of its node"
        );
        passed.expect_success();
        assert_eq!(counted(installation).await, before + 1);
        let events: Api<Event> = Api::namespaced(client, &namespace);
        let note = wait("there is an Event", LIMIT, async || {
            let listed = events.list(&ListParams::default()).await.unwrap();
            let mut notes = listed
                .into_iter()
                .filter(|event| event.reason.as_deref() == Some("Breakglass"));
            notes.next().and_then(|event| event.note)
        })
        .await;
        let begins = format!("{on_call} used breakglass: Deployment/web is not ready by policy");
        assert!(note.starts_with(&begins), "{note}");

        // What would not have been denied is nobody's affair, nor what is not stored.
        let good = deployment(&namespace, "good", false);
        let quiet = apply_as(plane, &on_call, &good).await;
        assert_eq!(quiet.stderr, "");
        let account = format!("--as={on_call}");
        let dry_run = ["create", "--dry-run=server", "-f", "-", &account];
        let other_bad = deployment(&namespace, "other", true).to_string();
        kubectl_with_input(plane, &dry_run, &other_bad)
            .await
            .expect_success();
        assert_eq!(counted(installation).await, before + 1);
    })
    .await;
}

/// Administrators and GitOps controllers may do everything: if that were breakglass, nothing of theirs would ever
/// be judged.
#[tokio::test]
async fn a_right_to_everything_is_no_breakglass() {
    in_installation("everything", async |installation, _, namespace| {
        let plane = installation.plane;
        enforce(plane, &namespace, no_privileged()).await;
        let gitops = format!("gitops-{namespace}");
        apply(
            plane,
            &json!({
                "apiVersion": "rbac.authorization.k8s.io/v1",
                "kind": "ClusterRoleBinding",
                "metadata": {"name": gitops},
                "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "cluster-admin"},
                "subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": gitops}],
            }),
        )
        .await;
        let can = ["auth", "can-i", "breakglass", "productionreadinesspolicies.prodready.dev"];
        let asked = kubectl(plane, &[&can[..], &[&format!("--as={gitops}")]].concat()).await;
        assert_eq!(asked.stdout.trim(), "yes");
        let told = apply_as(plane, &gitops, &deployment(&namespace, "web", true))
            .await
            .expect_failure();
        assert!(told.contains("Deployment/web is not ready by policy"), "{told}");
    })
    .await;
}

#[tokio::test]
async fn who_has_the_verb_works_on_while_no_operator_answers_also_with_the_largest_object() {
    let Some(plane) = own_control_plane().await else {
        return;
    };
    let mut installation = Installation::start(&plane, &[]).await;
    enforce(&plane, "default", no_privileged()).await;
    let (on_call, other) = on_call_and_another(&plane, "default").await;
    installation.operator.stop().await;

    for object in [deployment("default", "small", true), large("large")] {
        let told = apply_as(&plane, &other, &object).await.expect_failure();
        assert!(told.contains("failed calling webhook"), "{told}");
        let passed = apply_as(&plane, &on_call, &object).await;
        passed.expect_success();
        // The whole specification is compared with the stored one.
        let mut changed = object.clone();
        changed["spec"]["template"]["spec"]["containers"][0]["image"] = json!("shop/web:2");
        let told = apply_as(&plane, &other, &changed).await.expect_failure();
        assert!(told.contains("failed calling webhook"), "{told}");
        apply_as(&plane, &on_call, &changed).await.expect_success();
    }
    let scale = ["scale", "deployment/small", "--replicas=3", "-n", "default"];
    let account = format!("--as={on_call}");
    kubectl(&plane, &[&scale[..], &[&account]].concat())
        .await
        .expect_success();
}

/// A Deployment of nearly a megabyte, which is about what etcd takes.
fn large(name: &str) -> Value {
    let mut large = deployment("default", name, true);
    let variables: Vec<Value> = (0..4000)
        .map(|number| json!({"name": format!("V{number}"), "value": "x".repeat(100)}))
        .collect();
    let labels: serde_json::Map<String, Value> = (0..500)
        .map(|number| (format!("example.com/label-{number}"), json!("y".repeat(60))))
        .collect();
    large["spec"]["template"]["spec"]["containers"][0]["env"] = json!(variables);
    large["metadata"]["labels"] = json!(labels);
    large
}
