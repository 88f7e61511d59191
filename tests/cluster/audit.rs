//! The command line on a cluster, beside what the operator reports there.

use std::process::{Command, Output};

use prodready_engine::api::report::ReadinessReport;
use serde_json::{Value, json};

use crate::support::{
    Installation, apply, apply_policy, in_installation, objects::deployment, wait_for_report,
};

fn prodready(installation: &Installation<'_>, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_prodready"))
        .args(arguments)
        .arg("--kubeconfig")
        .arg(installation.plane.kubeconfig())
        .output()
        .unwrap()
}

fn json_of(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|err| panic!("{err}: {}", String::from_utf8_lossy(&output.stderr)))
}

#[tokio::test]
async fn an_audit_of_a_cluster_says_what_the_operator_reports() {
    in_installation("audited", async |installation, client, namespace| {
        let plane = installation.plane;
        apply_policy(plane, &namespace, &namespace, json!({"profile": "scale"})).await;
        apply(plane, &deployment(&namespace, "web", true)).await;
        let stored: ReadinessReport =
            wait_for_report(&client, &namespace, "deployment-web", |_| true).await;
        let stored = stored.status.unwrap();

        let output = prodready(installation, &["audit", "-n", &namespace, "-o", "json"]);
        assert_eq!(output.status.code(), Some(1));
        let list = json_of(&output);
        let items = list["items"].as_array().unwrap();
        let kinds: Vec<&Value> = items
            .iter()
            .map(|item| &item["spec"]["subject"]["kind"])
            .collect();
        assert_eq!(
            kinds,
            ["Deployment", "Namespace"],
            "pods and ReplicaSets of the Deployment are no items"
        );
        assert_eq!(items[0]["spec"]["policy"], json!(namespace));
        let status = &items[0]["status"];
        assert_eq!(status["score"], json!(stored.score));
        assert_eq!(status["verdict"], json!(stored.verdict));
        assert_eq!(status["summary"], json!(stored.summary));
        assert_eq!(status["categories"], json!(stored.categories));

        let by_name = [
            "audit", "-n", &namespace, "--policy", &namespace, "-o", "json",
        ];
        assert_eq!(
            json_of(&prodready(installation, &by_name))["items"],
            list["items"]
        );
        let nobody = ["audit", "-n", &namespace, "--policy", "no-such-policy"];
        let output = prodready(installation, &nobody);
        assert_eq!(output.status.code(), Some(2));
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(told.contains("no such policy in the cluster"), "{told}");
    })
    .await;
}

#[tokio::test]
async fn a_preview_of_a_cluster_says_who_would_be_denied() {
    in_installation("previewed", async |installation, client, namespace| {
        let plane = installation.plane;
        let nothing = json!({"enforcement": {"mode": "Audit", "denySeverities": []}});
        apply_policy(plane, &namespace, &namespace, nothing).await;
        apply(plane, &deployment(&namespace, "bad", true)).await;
        apply(plane, &deployment(&namespace, "good", false)).await;
        for name in ["deployment-bad", "deployment-good"] {
            wait_for_report(&client, &namespace, name, |_| true).await;
        }
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("policy.yaml");
        let policy = json!({
            "apiVersion": "prodready.dev/v1alpha1",
            "kind": "ProductionReadinessPolicy",
            "metadata": {"name": namespace},
            "spec": {"enforcement": {"mode": "Enforce", "denySeverities": [], "denyChecks": ["privileged-container"]}},
        });
        std::fs::write(&file, policy.to_string()).unwrap();
        let file = file.display().to_string();
        let preview = ["preview", "-n", &namespace, "--policy", &file, "-o", "json"];
        let output = prodready(installation, &preview);
        assert_eq!(output.status.code(), Some(1));
        let told = json_of(&output);
        assert_eq!(
            (&told["workloads"], &told["deniedBefore"], &told["deniedAfter"]),
            (&json!(2), &json!(0), &json!(1))
        );
        assert_eq!(told["changes"][0]["workload"], "Deployment/bad");
        assert_eq!(told["changes"][0]["checks"], json!(["privileged-container"]));
    })
    .await;
}
