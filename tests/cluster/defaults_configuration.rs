//! The MutatingWebhookConfiguration: it is there while a policy has something filled in, and never in the way.

use k8s_openapi::api::admissionregistration::v1::MutatingWebhookConfiguration;
use kube::{Api, Client};
use prodready_testkit::{ControlPlane, helm, kubectl, kubectl_with_input, wait};
use serde_json::{Value, json};

use crate::support::{
    Installation, LIMIT, NAMESPACE, apply, apply_policy,
    edit::{get, patch, until},
    objects::deployment,
    own_control_plane,
};

const CONFIGURATION: &str = "mutatingwebhookconfiguration/prodready";

const GATE: &str = "validatingwebhookconfiguration/prodready";

/// The authorities that the API server trusts by a configuration.
async fn bundle(plane: &ControlPlane, configuration: &str) -> Value {
    get(plane, configuration).await["webhooks"][0]["clientConfig"]["caBundle"].clone()
}

async fn stored(client: &Client) -> Option<MutatingWebhookConfiguration> {
    let configurations: Api<MutatingWebhookConfiguration> = Api::all(client.clone());
    configurations.get_opt("prodready").await.unwrap()
}

/// The policy `default`, which warns in the namespace `default`.
async fn policy(plane: &ControlPlane, mode: &str, defaults: Option<&[&str]>) {
    let mut spec = json!({"enforcement": {"mode": mode}});
    if let Some(checks) = defaults {
        spec["defaults"] = json!({"checks": checks});
    }
    apply_policy(plane, "default", "default", spec).await;
}

async fn is_there(client: &Client, wanted: bool) {
    wait(&format!("it is there: {wanted}"), LIMIT, async || {
        stored(client).await.is_some() == wanted
    })
    .await;
}

/// What kubectl is told of a Deployment that is made and lacks everything.
async fn tried(plane: &ControlPlane) -> String {
    let web = deployment("default", "web", false).to_string();
    let dry_run = ["create", "--dry-run=server", "-f", "-"];
    let ran = kubectl_with_input(plane, &dry_run, &web).await;
    assert!(ran.success(), "{ran}");
    ran.stderr
}

async fn doctor(plane: &ControlPlane) -> String {
    let ran = tokio::process::Command::new(env!("CARGO_BIN_EXE_prodready"))
        .args(["doctor", "--kubeconfig"])
        .arg(plane.kubeconfig())
        .output()
        .await
        .unwrap();
    String::from_utf8(ran.stdout).unwrap()
}

async fn gate(plane: &ControlPlane, command: &str) -> String {
    let ran = tokio::process::Command::new(env!("CARGO_BIN_EXE_prodready"))
        .args(["gate", command])
        .env("KUBECONFIG", plane.kubeconfig())
        .output()
        .await
        .unwrap();
    assert!(ran.status.success(), "{ran:?}");
    String::from_utf8(ran.stdout).unwrap()
}

#[tokio::test]
async fn it_is_there_while_a_policy_fills_in_and_a_deletion_by_somebody_is_honoured() {
    let Some(plane) = own_control_plane().await else {
        return;
    };
    let mut installation = Installation::start(&plane, &[]).await;
    let client = plane.client();
    policy(&plane, "Warn", None).await;
    until(&plane, "Enforcing", "False Warn").await;
    assert_eq!(stored(&client).await, None, "nothing asks for it");
    policy(&plane, "Audit", Some(&["seccomp-profile"])).await;
    until(&plane, "Defaulting", "False Audit").await;
    assert_eq!(
        stored(&client).await,
        None,
        "in mode Audit nothing is attached"
    );

    policy(&plane, "Warn", Some(&["seccomp-profile"])).await;
    is_there(&client, true).await;
    let (_, told) = until(&plane, "Defaulting", "True FillsIn").await;
    assert_eq!(told, "what is left out is filled in: seccomp-profile");
    assert_shape(&get(&plane, CONFIGURATION).await);
    wait("it fills in", LIMIT, async || {
        tried(&plane).await.contains("filled in")
    })
    .await;
    let told = doctor(&plane).await;
    assert!(
        told.contains(
            "Defaults: mutatingwebhookconfiguration prodready is as the operator wrote it"
        ),
        "{told}"
    );

    let filled = ["decision=\"filled\"", "dry_run=\"true\""];
    let requests = installation
        .operator
        .metric("prodready_admission_requests_total", &filled);
    assert!(requests.await >= 1);

    it_follows_the_certificate(&plane).await;
    what_somebody_narrows_is_kept_and_told(&plane).await;

    // Without an operator, what is sent is stored as it is.
    gate(&plane, "on").await;
    wait("it fills in again", LIMIT, async || {
        tried(&plane).await.contains("filled in")
    })
    .await;
    installation.operator.kill();
    assert!(!tried(&plane).await.contains("filled in"));
    installation.operator.restart().await;
    installation.operator.wait_until_leading().await;

    kubectl(&plane, &["delete", CONFIGURATION])
        .await
        .expect_success();
    until(&plane, "Defaulting", "False ConfigurationRemoved").await;
    policy(
        &plane,
        "Warn",
        Some(&["seccomp-profile", "privilege-escalation"]),
    )
    .await;
    until(&plane, "Defaulting", "False ConfigurationRemoved").await;
    assert_eq!(stored(&client).await, None, "somebody deleted it");
    let told = doctor(&plane).await;
    assert!(told.contains("Defaults (ConfigurationDeleted)"), "{told}");
    gate(&plane, "on").await;
    is_there(&client, true).await;

    // Our own taking away is nobody's emergency.
    policy(&plane, "Warn", None).await;
    is_there(&client, false).await;
    policy(&plane, "Warn", Some(&["seccomp-profile"])).await;
    is_there(&client, true).await;
    assert_eq!(
        gate(&plane, "remove").await,
        "validatingwebhookconfiguration prodready removed\nmutatingwebhookconfiguration prodready removed\n"
    );
    until(&plane, "Defaulting", "False ConfigurationRemoved").await;
    // `gate on` was said before while the gate was there: this deletion counts all the same.
    until(&plane, "Enforcing", "False GateRemoved").await;
    gate(&plane, "on").await;
    is_there(&client, true).await;

    installation.operator.kill();
    let uninstall = [
        "uninstall",
        "prodready",
        "-n",
        NAMESPACE,
        "--no-hooks",
        "--wait",
    ];
    helm(&plane, &uninstall).await.expect_success();
    is_there(&client, false).await;
    apply(&plane, &deployment("default", "last", false)).await;
}

/// Both configurations trust the same authorities, also when these change.
async fn it_follows_the_certificate(plane: &ControlPlane) {
    let before = bundle(plane, CONFIGURATION).await;
    let rotate = [
        "annotate",
        "secret",
        "prodready-certificate",
        "prodready.dev/rotate=now",
        "-n",
        NAMESPACE,
    ];
    kubectl(plane, &rotate).await.expect_success();
    wait("another authority is trusted", LIMIT, async || {
        let (ours, gates) = (
            bundle(plane, CONFIGURATION).await,
            bundle(plane, GATE).await,
        );
        ours == gates && ours != before
    })
    .await;
    assert!(tried(plane).await.contains("filled in"));
}

async fn what_somebody_narrows_is_kept_and_told(plane: &ControlPlane) {
    let narrowed = json!([{"op": "add", "path": "/webhooks/0/objectSelector", "value": {"matchLabels": {"fill": "in"}}}]);
    patch(plane, CONFIGURATION, &narrowed).await;
    let told = doctor(plane).await;
    assert!(
        told.contains("wrote objectSelector of defaults.prodready.dev"),
        "{told}"
    );
    assert!(!tried(plane).await.contains("filled in"));
}

fn assert_shape(configuration: &Value) {
    let entries = configuration["webhooks"].as_array().unwrap();
    assert_eq!(entries.len(), 1);
    let entry = &entries[0];
    for (field, wanted) in [
        ("name", json!("defaults.prodready.dev")),
        ("failurePolicy", json!("Ignore")),
        ("reinvocationPolicy", json!("IfNeeded")),
        ("sideEffects", json!("None")),
        ("timeoutSeconds", json!(1)),
        ("matchPolicy", json!("Equivalent")),
    ] {
        assert_eq!(entry[field], wanted, "{field}");
    }
    assert_eq!(
        entry["namespaceSelector"]["matchExpressions"],
        json!([
            {"key": "kubernetes.io/metadata.name", "operator": "In", "values": ["default"]},
            {"key": "kubernetes.io/metadata.name", "operator": "NotIn", "values": ["kube-node-lease", "kube-public", "kube-system", NAMESPACE]},
        ])
    );
    let conditions = entry["matchConditions"].as_array().unwrap();
    let conditions = conditions.iter().map(|one| one["name"].as_str().unwrap());
    assert_eq!(
        conditions.collect::<Vec<_>>(),
        [
            "not-being-deleted",
            "spec-or-labels-changed",
            "not-made-by-a-workload-controller",
            "not-a-mirror-pod",
            "not-the-network-of-nodes",
            "not-scaled-by-an-autoscaler",
            "not-by-breakglass",
        ]
    );
    let rules = entry["rules"].as_array().unwrap();
    let resources = |operations: &Value| -> Vec<&str> {
        let rules = rules
            .iter()
            .filter(|rule| &rule["operations"] == operations);
        rules
            .flat_map(|rule| rule["resources"].as_array().unwrap())
            .map(|resource| resource.as_str().unwrap())
            .collect()
    };
    let mut once = resources(&json!(["CREATE"]));
    once.sort_unstable();
    assert_eq!(once, ["jobs", "pods"]);
    let mut both = resources(&json!(["CREATE", "UPDATE"]));
    both.sort_unstable();
    assert_eq!(
        both,
        [
            "cronjobs",
            "daemonsets",
            "deployments",
            "replicasets",
            "statefulsets"
        ]
    );
    assert_eq!(
        configuration["metadata"]["ownerReferences"][0]["kind"],
        "ClusterRole"
    );
    assert_eq!(configuration["metadata"]["finalizers"], Value::Null);
}
