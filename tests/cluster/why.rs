//! `prodready why` on a workload that is there already, also as a plugin of kubectl.

use std::process::{Command, Output};

use prodready_testkit::{ControlPlane, helm, kubectl_with_input};
use serde_json::json;

use crate::support::{
    CHART, NAMESPACE, apply, apply_policy, enforce, in_installation,
    objects::{deployment, pod},
    own_control_plane,
};

fn why(plane: &ControlPlane, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_prodready"))
        .arg("why")
        .args(arguments)
        .arg("--kubeconfig")
        .arg(plane.kubeconfig())
        .output()
        .unwrap()
}

fn told(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

#[tokio::test]
async fn why_says_what_the_gate_would_say_now_and_what_the_ratchet_lets_pass() {
    in_installation("why", async |installation, _, namespace| {
        let plane = installation.plane;
        apply(plane, &deployment(&namespace, "bad", true)).await;
        apply(plane, &deployment(&namespace, "good", false)).await;
        let ungoverned = why(plane, &["deploy/bad", "-n", &namespace]);
        assert_eq!(ungoverned.status.code(), Some(0));
        assert_eq!(
            told(&ungoverned),
            format!("No policy governs Deployment/bad in namespace {namespace}: the gate lets it pass.\n")
        );

        let ratchet = json!({
            "denySeverities": [],
            "denyChecks": ["privileged-container"],
            "ratchet": {"enabled": true, "until": "2099-06-30T00:00:00Z"},
        });
        enforce(plane, &namespace, ratchet).await;
        let denied = why(plane, &["deploy/bad", "-n", &namespace]);
        let said = told(&denied);
        assert_eq!(denied.status.code(), Some(1), "{said}");
        let begins = format!(
            "Deployment/bad in namespace {namespace} is governed by policy {namespace}, which denies what falls short since 20"
        );
        assert!(said.starts_with(&begins), "{said}");
        for line in [
            "\nMade anew, it would be denied:\n\n  Deployment/bad is not ready by policy ",
            "\n    field: spec.template.spec.containers[0].securityContext.privileged\n    fix: set ",
            "\nA change of it would be admitted as long as it makes nothing worse, until 2099-06-30 00:00 UTC:\n\n",
            " privileged-container: container web runs privileged",
        ] {
            assert!(said.contains(line), "{line}: {said}");
        }
        // Exactly what the gate itself says to somebody who makes it anew.
        let bad = deployment(&namespace, "bad", true);
        let mut anew = bad.clone();
        anew["metadata"]["name"] = json!("anew");
        let gate = kubectl_with_input(plane, &["create", "-f", "-"], &anew.to_string()).await;
        let gate = gate.expect_failure().replace("anew", "bad");
        let finding = gate.lines().find(|line| line.contains("privileged-container")).unwrap();
        assert!(said.contains(finding), "{finding}: {said}");

        let admitted = why(plane, &["deployments", "good", "-n", &namespace]);
        assert_eq!(admitted.status.code(), Some(0));
        assert!(told(&admitted).ends_with("\nMade anew, it would be admitted.\n"));

        let absent = why(plane, &["deploy/absent", "-n", &namespace]);
        assert_eq!(absent.status.code(), Some(2));
        assert!(told(&absent).contains("there is no Deployment absent in namespace"));
        let unknown = why(plane, &["teapot/absent", "-n", &namespace]);
        assert_eq!(unknown.status.code(), Some(2));
    })
    .await;
}

#[tokio::test]
async fn why_is_a_plugin_of_kubectl() {
    in_installation("plugin", async |installation, _, namespace| {
        let plane = installation.plane;
        apply_policy(plane, &namespace, &namespace, json!({})).await;
        apply(plane, &deployment(&namespace, "web", true)).await;
        let directory = tempfile::tempdir().unwrap();
        let plugin = directory.path().join("kubectl-prodready");
        std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_prodready"), plugin).unwrap();
        let path = std::env::var("PATH").unwrap();
        let ran = Command::new(prodready_testkit::program("kubectl"))
            .args(["prodready", "why", "deploy/web", "-n", &namespace])
            .env("KUBECONFIG", plane.kubeconfig())
            .env("PATH", format!("{}:{path}", directory.path().display()))
            .output()
            .unwrap();
        let said = told(&ran);
        assert_eq!(ran.status.code(), Some(0), "{said}");
        assert!(
            said.contains("which reports what falls short and denies nothing."),
            "{said}"
        );
    })
    .await;
}

#[tokio::test]
async fn a_denial_links_to_where_the_company_explains_its_checks() {
    let Some(plane) = own_control_plane().await else {
        return;
    };
    let _installation = crate::support::Installation::start(
        &plane,
        &["webhook.docsBaseURL=https://wiki.example.com/checks/"],
    )
    .await;
    let enforcement = json!({"denySeverities": [], "denyChecks": ["privileged-container"]});
    enforce(&plane, "default", enforcement).await;
    let bad = pod("default", "bad", true).to_string();
    let denied = kubectl_with_input(&plane, &["create", "-f", "-"], &bad)
        .await
        .expect_failure();
    let link = "\nWhat these checks ask, and why:\n  https://wiki.example.com/checks/privileged-container\n";
    assert!(denied.contains(link), "{denied}");
    let template = [
        "template",
        "prodready",
        CHART,
        "-n",
        NAMESPACE,
        "--set",
        "webhook.docsBaseURL=wiki",
    ];
    let refused = helm(&plane, &template).await.expect_failure();
    assert!(refused.contains("webhook/docsBaseURL"), "{refused}");
}
