//! What the API server asks the gate about, and what it does not.
//!
//! Every request that arrives is a line in the operator's log, and is answered before whoever sent it is:
//! what is not there after an answer never arrived.

use k8s_openapi::api::batch::v1::Job;
use kube::{Api, Client};
use prodready_testkit::{ControlPlane, Ran, kubectl, kubectl_with_input, wait};
use serde_json::{Value, json};

use crate::support::{
    Installation, LIMIT, NAMESPACE, accepted, apply, apply_policy, delete_policy, enforce,
    in_installation,
    objects::{deployment, job, pod},
    own_control_plane, wait_for_ready_pods,
};

fn no_privileged() -> Value {
    json!({"denySeverities": [], "denyChecks": ["privileged-container"]})
}

#[tokio::test]
async fn a_rollout_of_an_admitted_deployment_sends_neither_its_replica_sets_nor_its_pods() {
    in_installation("rollout", async |installation, client, namespace| {
        let plane = installation.plane;
        enforce(plane, &namespace, no_privileged()).await;
        let mut web = deployment(&namespace, "web", false);
        web["spec"]["replicas"] = json!(2);
        apply(plane, &web).await;
        wait_for_ready_pods(&client, &namespace, 2, "app=web").await;
        web["spec"]["template"]["metadata"]["labels"]["release"] = json!("two");
        apply(plane, &web).await;
        wait_for_ready_pods(&client, &namespace, 2, "release=two").await;
        let rollout = [
            "rollout",
            "status",
            "deployment/web",
            "-n",
            &namespace,
            "--timeout=60s",
        ];
        kubectl(plane, &rollout).await.expect_success();
        assert_eq!(
            installation.reviewed(&namespace),
            ["CREATE Deployment web", "UPDATE Deployment web"]
        );
    })
    .await;
}

#[tokio::test]
async fn pods_of_a_workload_that_was_there_before_the_policy_are_made_again() {
    in_installation("made again", async |installation, client, namespace| {
        let plane = installation.plane;
        apply(plane, &deployment(&namespace, "web", true)).await;
        let before = wait_for_ready_pods(&client, &namespace, 1, "app=web").await;
        enforce(plane, &namespace, no_privileged()).await;
        let first = before[0].metadata.name.clone().unwrap();
        let delete = ["delete", "pod", &first, "-n", &namespace];
        kubectl(plane, &delete).await.expect_success();
        let after = wait_for_ready_pods(&client, &namespace, 1, "app=web").await;
        assert_ne!(after[0].metadata.name.as_deref(), Some(first.as_str()));
        assert_eq!(installation.reviewed(&namespace), [""; 0]);
    })
    .await;
}

#[tokio::test]
async fn a_job_runs_to_its_end_without_being_asked_about_again() {
    in_installation("job", async |installation, client, namespace| {
        let plane = installation.plane;
        enforce(plane, &namespace, no_privileged()).await;
        apply(plane, &job(&namespace, "import", false)).await;
        wait_for_completion(client, &namespace, "import").await;
        assert_eq!(installation.reviewed(&namespace), ["CREATE Job import"]);
    })
    .await;
}

#[tokio::test]
async fn a_job_that_was_suspended_before_the_policy_is_resumed_and_runs_to_its_end() {
    in_installation("resumed", async |installation, client, namespace| {
        let plane = installation.plane;
        let mut import = job(&namespace, "import", true);
        import["spec"]["suspend"] = json!(true);
        apply(plane, &import).await;
        enforce(plane, &namespace, no_privileged()).await;
        let resume = r#"{"spec": {"suspend": false}}"#;
        let patch = ["patch", "job", "import", "-n", &namespace, "-p", resume];
        let resumed = kubectl(plane, &patch).await;
        assert!(
            resumed
                .stderr
                .starts_with("Warning: Job/import may keep 1 finding of before this change"),
            "{resumed}"
        );
        resumed.expect_success();
        wait_for_completion(client, &namespace, "import").await;
        assert_eq!(installation.reviewed(&namespace), ["UPDATE Job import"]);
    })
    .await;
}

async fn wait_for_completion(client: Client, namespace: &str, name: &str) {
    let jobs: Api<Job> = Api::namespaced(client, namespace);
    wait("the job is complete", LIMIT, async || {
        let job = jobs.get(name).await.map_err(|err| err.to_string())?;
        let status = job.status.unwrap_or_default();
        let mut conditions = status.conditions.iter().flatten();
        conditions
            .any(|each| each.type_ == "Complete" && each.status == "True")
            .then_some(())
            .ok_or_else(|| format!("{:?}", status.conditions))
    })
    .await;
}

#[tokio::test]
async fn protected_namespaces_are_out_of_reach_whatever_a_policy_selects() {
    in_installation("protected", async |installation, client, namespace| {
        let plane = installation.plane;
        // What is written before the gate answers for a namespace would prove nothing.
        enforce(plane, &namespace, no_privileged()).await;
        let mut enforcement = no_privileged();
        enforcement["mode"] = json!("Enforce");
        for protected in ["kube-system", NAMESPACE] {
            let policy = format!("{namespace}-{protected}");
            let spec = json!({"precedence": 100, "enforcement": enforcement});
            apply_policy(plane, &policy, protected, spec).await;
            let bad = pod(protected, "protected", true).to_string();
            let create = ["create", "--dry-run=server", "-f", "-"];
            let created = kubectl_with_input(plane, &create, &bad).await;
            assert_eq!(created.stderr, "");
            created.expect_success();
            assert_eq!(installation.reviewed(protected), [""; 0]);
            delete_policy(&client, &policy).await;
        }
    })
    .await;
}

#[tokio::test]
async fn a_namespace_that_no_policy_selects_is_not_asked_about() {
    let Some(plane) = own_control_plane().await else {
        return;
    };
    let installation = Installation::start(&plane, &[]).await;
    make_namespace(&plane, "first", &json!({"example.com/enforced": "one"})).await;
    make_namespace(&plane, "second", &json!({"example.com/enforced": "two"})).await;
    make_namespace(&plane, "other", &json!({})).await;
    // One selector for one policy, and one for two.
    for (namespace, value) in [("first", "one"), ("second", "two")] {
        enforce_labelled(&plane, namespace, value).await;
        wait("the gate denies", LIMIT, async || {
            let answer = create_privileged(&plane, namespace).await;
            let told = format!("not ready by policy {namespace}");
            answer.stderr.contains(&told).then_some(()).ok_or(answer)
        })
        .await;
        let created = create_privileged(&plane, "other").await;
        assert_eq!(created.stderr, "");
        created.expect_success();
        assert_eq!(installation.reviewed("other"), [""; 0]);
    }
}

async fn create_privileged(plane: &ControlPlane, namespace: &str) -> Ran {
    let create = ["create", "--dry-run=server", "-f", "-"];
    let bad = pod(namespace, "bad", true).to_string();
    kubectl_with_input(plane, &create, &bad).await
}

/// Enforces by a policy of this name where namespaces have this value of a label.
async fn enforce_labelled(plane: &ControlPlane, policy: &str, value: &str) {
    let mut enforcement = no_privileged();
    enforcement["mode"] = json!("Enforce");
    let written = json!({
        "apiVersion": "prodready.dev/v1alpha1",
        "kind": "ProductionReadinessPolicy",
        "metadata": {"name": policy},
        "spec": {
            "namespaceSelector": {"matchLabels": {"example.com/enforced": value}},
            "enforcement": enforcement,
        },
    });
    apply(plane, &written).await;
    accepted(&plane.client(), policy).await;
}

async fn make_namespace(plane: &ControlPlane, name: &str, labels: &Value) {
    let namespace = json!({
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": {"name": name, "labels": labels},
    });
    apply(plane, &namespace).await;
}
