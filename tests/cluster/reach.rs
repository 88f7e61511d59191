//! What the API server asks the gate about, and what it does not.
//!
//! Every request that arrives is a line in the operator's log, and is answered before whoever sent it is:
//! what is not there after an answer never arrived.

use k8s_openapi::api::{batch::v1::Job, core::v1::Pod};
use kube::{Api, Client, api::ListParams};
use prodready_testkit::{ControlPlane, Ran, kubectl, kubectl_with_input, wait};
use serde_json::{Value, json};

use crate::support::{
    Installation, LIMIT, NAMESPACE, accepted, apply, apply_policy, delete_policy, enforce,
    in_installation,
    objects::{deployment, job, pod},
    own_control_plane,
};

fn no_privileged() -> Value {
    json!({"denySeverities": [], "denyChecks": ["privileged-container"]})
}

/// The requests since the gate answered for the namespace, as `CREATE Deployment web`.
fn reviewed(installation: &Installation<'_>, namespace: &str) -> Vec<String> {
    let reviews = installation.operator.reviews(namespace);
    let canary = reviews.iter().rposition(|review| review.name == "canary");
    let since = reviews.iter().skip(canary.map_or(0, |last| last + 1));
    since
        .filter(|review| review.entry == "enforce")
        .map(|review| format!("{} {} {}", review.operation, review.kind, review.name))
        .collect()
}

async fn wait_for_ready_pods(
    client: &Client,
    namespace: &str,
    wanted: usize,
    label: &str,
) -> Vec<Pod> {
    let pods: Api<Pod> = Api::namespaced(client.clone(), namespace);
    let labelled = ListParams::default().labels(label);
    wait(
        &format!("{wanted} ready pods of {label}"),
        LIMIT,
        async || {
            let listed = pods.list(&labelled).await.map_err(|err| err.to_string())?;
            let living: Vec<Pod> = listed
                .items
                .into_iter()
                .filter(|pod| pod.metadata.deletion_timestamp.is_none() && is_ready(pod))
                .collect();
            if living.len() == wanted {
                Ok(living)
            } else {
                Err(format!("{} ready", living.len()))
            }
        },
    )
    .await
}

fn is_ready(pod: &Pod) -> bool {
    let status = pod.status.iter();
    let mut conditions = status.flat_map(|status| status.conditions.iter().flatten());
    conditions.any(|each| each.type_ == "Ready" && each.status == "True")
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
            reviewed(installation, &namespace),
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
        assert_eq!(reviewed(installation, &namespace), [""; 0]);
    })
    .await;
}

#[tokio::test]
async fn a_pod_that_somebody_makes_by_hand_with_a_forged_owner_is_denied() {
    in_installation("forged", async |installation, _, namespace| {
        let plane = installation.plane;
        enforce(plane, &namespace, no_privileged()).await;
        let mut forged = pod(&namespace, "forged", true);
        forged["metadata"]["ownerReferences"] = owner("apps/v1", "ReplicaSet");
        let told = kubectl_with_input(plane, &["create", "-f", "-"], &forged.to_string())
            .await
            .expect_failure();
        assert!(told.contains("Pod/forged is not ready by policy"), "{told}");
    })
    .await;
}

#[tokio::test]
async fn a_pod_of_an_owner_of_an_unknown_kind_is_warned_about_at_most() {
    in_installation("unknown owner", async |installation, _, namespace| {
        let plane = installation.plane;
        enforce(plane, &namespace, no_privileged()).await;
        let mut owned = pod(&namespace, "owned", true);
        owned["metadata"]["ownerReferences"] = owner("example.com/v1", "Flotilla");
        let create = ["create", "--dry-run=server", "-f", "-"];
        let created = kubectl_with_input(plane, &create, &owned.to_string()).await;
        assert!(
            created
                .stderr
                .starts_with("Warning: Pod/owned is not ready by policy"),
            "{created}"
        );
        created.expect_success();
    })
    .await;
}

fn owner(api_version: &str, kind: &str) -> Value {
    json!([{
        "apiVersion": api_version,
        "kind": kind,
        "name": "web",
        "uid": "0c9ae6ff-3ac8-4a4d-9d2e-8f1b1a1d7d3e",
        "controller": true,
    }])
}

#[tokio::test]
async fn a_deletion_is_never_asked_about_also_where_a_finalizer_must_go_first() {
    in_installation("deleted", async |installation, client, namespace| {
        let plane = installation.plane;
        let mut held = deployment(&namespace, "held", true);
        held["metadata"]["finalizers"] = json!(["example.com/held"]);
        apply(plane, &held).await;
        apply(plane, &deployment(&namespace, "free", true)).await;
        enforce(plane, &namespace, no_privileged()).await;

        let in_namespace = ["-n", &namespace];
        for name in ["free", "held"] {
            let delete = ["delete", "deployment", name, "--wait=false"];
            kubectl(plane, &[&delete[..], &in_namespace].concat())
                .await
                .expect_success();
        }
        let release = [
            "patch",
            "deployment",
            "held",
            "-p",
            r#"{"metadata": {"finalizers": null}}"#,
        ];
        kubectl(plane, &[&release[..], &in_namespace].concat())
            .await
            .expect_success();
        let deployments: Api<k8s_openapi::api::apps::v1::Deployment> =
            Api::namespaced(client, &namespace);
        wait("both are gone", LIMIT, async || {
            let left = deployments.list(&ListParams::default()).await.unwrap();
            left.items.is_empty()
        })
        .await;
        assert_eq!(reviewed(installation, &namespace), [""; 0]);
    })
    .await;
}

#[tokio::test]
async fn an_update_that_leaves_spec_and_labels_alone_is_not_asked_about() {
    in_installation("unchanged", async |installation, _, namespace| {
        let plane = installation.plane;
        apply(plane, &deployment(&namespace, "web", true)).await;
        enforce(plane, &namespace, no_privileged()).await;
        let annotate = [
            "annotate",
            "deployment",
            "web",
            "-n",
            &namespace,
            "example.com/reviewed=yes",
        ];
        kubectl(plane, &annotate).await.expect_success();
        let status = r#"{"status": {"observedGeneration": 1}}"#;
        let write = [
            "patch",
            "deployment",
            "web",
            "-n",
            &namespace,
            "--subresource=status",
            "-p",
            status,
        ];
        kubectl(plane, &write).await.expect_success();
        assert_eq!(reviewed(installation, &namespace), [""; 0]);
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
        assert_eq!(reviewed(installation, &namespace), ["CREATE Job import"]);
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
        assert_eq!(reviewed(installation, &namespace), ["UPDATE Job import"]);
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
            assert_eq!(reviewed(installation, protected), [""; 0]);
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
        assert_eq!(reviewed(&installation, "other"), [""; 0]);
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
