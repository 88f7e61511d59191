//! A chart of somebody else's with a bad Deployment, as Helm installs and upgrades it.

use std::path::Path;

use prodready_testkit::{Ran, helm};
use serde_json::json;

use crate::support::{enforce, in_installation, objects::deployment, wait_for_ready_pods};

/// A chart of one Deployment, privileged where a value says so, and a ConfigMap.
fn chart(directory: &Path, namespace: &str) {
    let metadata = json!({"apiVersion": "v2", "name": "shop", "version": "1.0.0"});
    std::fs::write(directory.join("Chart.yaml"), metadata.to_string()).unwrap();
    let values = json!({"privileged": false, "greeting": "hello"});
    std::fs::write(directory.join("values.yaml"), values.to_string()).unwrap();
    std::fs::create_dir(directory.join("templates")).unwrap();
    let mut web = deployment(namespace, "web", false);
    let container = &mut web["spec"]["template"]["spec"]["containers"][0];
    container["securityContext"]["privileged"] = json!("VALUE");
    let web = web
        .to_string()
        .replace(r#""VALUE""#, "{{ .Values.privileged }}");
    std::fs::write(directory.join("templates/web.yaml"), web).unwrap();
    let config = json!({
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "greeting"},
        "data": {"greeting": "{{ .Values.greeting }}"},
    });
    std::fs::write(
        directory.join("templates/greeting.yaml"),
        config.to_string(),
    )
    .unwrap();
}

/// Helm prints the whole denial with its lines as they are.
fn is_told(ran: Ran, begins: &str, namespace: &str) {
    let told = ran.expect_failure();
    let has = |line: &str| {
        told.lines()
            .any(|each| each.trim_start() == line.trim_start())
    };
    assert!(told.contains(begins), "{told}");
    assert!(
        told.contains(&format!(
            "Deployment/web is not ready by policy {namespace}: 1 finding is not allowed, "
        )),
        "{told}"
    );
    for line in [
        "- [critical] privileged-container: container web runs privileged, with all rights of its node",
        "field: spec.template.spec.containers[0].securityContext.privileged",
        "fix: set spec.template.spec.containers[0].securityContext.privileged: false",
    ] {
        assert!(has(line), "{line:?} is missing: {told}");
    }
    assert!(
        told.contains("apply a ReadinessException and have it approved."),
        "{told}"
    );
}

#[tokio::test]
async fn helm_shows_the_whole_denial_and_sends_one_request_for_each_workload_that_changes() {
    in_installation("by helm", async |installation, client, namespace| {
        let plane = installation.plane;
        enforce(
            plane,
            &namespace,
            json!({"denySeverities": [], "denyChecks": ["privileged-container"]}),
        )
        .await;
        let directory = tempfile::tempdir().unwrap();
        chart(directory.path(), &namespace);
        let chart = directory.path().to_str().unwrap();
        let run = async |verb: &[&str], value: &str| {
            let release = ["shop", chart, "-n", &namespace, "--set", value];
            helm(plane, &[verb, &release].concat()).await
        };
        let arrived = || installation.reviewed(&namespace);

        let refused = run(&["install"], "privileged=true").await;
        is_told(refused, "INSTALLATION FAILED", &namespace);
        assert_eq!(arrived(), ["CREATE Deployment web"]);

        run(&["upgrade", "--install"], "privileged=false")
            .await
            .expect_success();
        wait_for_ready_pods(&client, &namespace, 1, "app=web").await;
        assert_eq!(arrived()[1..], ["CREATE Deployment web"]);

        // Another ConfigMap, the same Deployment.
        run(&["upgrade"], "greeting=goodbye").await.expect_success();
        assert_eq!(arrived()[2..], [""; 0]);

        let refused = run(&["upgrade"], "privileged=true").await;
        is_told(refused, "UPGRADE FAILED", &namespace);
        assert_eq!(arrived()[2..], ["UPDATE Deployment web"]);

        // What failed is no hindrance for the next.
        run(&["upgrade"], "privileged=null").await.expect_success();
        helm(plane, &["rollback", "shop", "2", "-n", &namespace])
            .await
            .expect_success();
        helm(plane, &["uninstall", "shop", "-n", &namespace])
            .await
            .expect_success();
        assert_eq!(
            arrived()[3..],
            ["UPDATE Deployment web", "UPDATE Deployment web"]
        );
    })
    .await;
}
