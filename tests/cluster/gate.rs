//! What the gate answers, as the API server and kubectl pass it on.

use k8s_openapi::api::apps::v1::Deployment;
use kube::{Api, Client, api::PostParams};
use prodready_testkit::{kubectl, kubectl_with_input};
use serde_json::{Value, json};

use crate::support::{
    apply, apply_policy, enforce, in_installation, objects::deployment, wait_for_report, warn,
};

/// What denies in these tests, so that checks which are added later change nothing here.
fn denying(checks: &[&str]) -> Value {
    json!({"denySeverities": [], "denyChecks": checks})
}

#[tokio::test]
async fn a_denial_names_policy_score_findings_and_fixes_and_comes_with_403() {
    in_installation("denied", async |installation, client, namespace| {
        let checks = denying(&["image-tag", "privileged-container"]);
        enforce(installation.plane, &namespace, checks).await;
        let mut bad = deployment(&namespace, "payments", true);
        bad["spec"]["template"]["spec"]["containers"][0]["image"] = json!("shop/payments:latest");

        let refused = create(&client, &namespace, &bad).await.unwrap_err();
        let kube::Error::Api(status) = refused else {
            panic!("{refused}");
        };
        assert_eq!((status.code, status.reason.as_str()), (403, "Forbidden"));
        let causes: Vec<Value> = status
            .details
            .iter()
            .flat_map(|details| &details.causes)
            .map(|cause| json!([cause.reason, cause.field, cause.message]))
            .collect();
        assert_eq!(
            json!(causes),
            json!([
                [
                    "privileged-container",
                    "spec.template.spec.containers[0].securityContext.privileged",
                    "container web runs privileged, with all rights of its node"
                ],
                [
                    "image-tag",
                    "spec.template.spec.containers[0].image",
                    "container web has the image shop/payments:latest, whose tag moves"
                ],
            ])
        );

        let apply = ["apply", "-f", "-"];
        let told = kubectl_with_input(installation.plane, &apply, &bad.to_string())
            .await
            .expect_failure();
        assert_eq!(without_score(&told), expected_denial(&namespace));
    })
    .await;
}

/// What kubectl shows of the denial.
fn expected_denial(policy: &str) -> String {
    format!(
        "\
Error from server (Forbidden): error when creating \"STDIN\": \
admission webhook \"enforce.prodready.dev\" denied the request: \
Deployment/payments is not ready by policy {policy}: \
2 findings are not allowed, score N, production needs 80
- [critical] privileged-container: container web runs privileged, with all rights of its node
  field: spec.template.spec.containers[0].securityContext.privileged
  fix: set spec.template.spec.containers[0].securityContext.privileged: false
- [high] image-tag: container web has the image shop/payments:latest, whose tag moves
  field: spec.template.spec.containers[0].image
  fix: Use a tag that is pushed once, such as a version or a commit, or better the image's digest.
See all of it, and what else is missing: prodready audit FILE --policy POLICY-FILE. \
If it must run as it is, apply a ReadinessException and have it approved.
"
    )
}

/// The score moves with every check that is added; that it is below the threshold does not.
fn without_score(told: &str) -> String {
    let (before, after) = told.split_once(", score ").unwrap();
    let (score, after) = after.split_once(',').unwrap();
    assert!(score.parse::<u8>().unwrap() < 80, "{told}");
    format!("{before}, score N,{after}")
}

#[tokio::test]
async fn what_was_denied_is_admitted_once_it_is_repaired() {
    in_installation("repaired", async |installation, client, namespace| {
        let plane = installation.plane;
        enforce(plane, &namespace, denying(&["privileged-container"])).await;
        create(&client, &namespace, &deployment(&namespace, "web", true))
            .await
            .unwrap_err();
        create(&client, &namespace, &deployment(&namespace, "web", false))
            .await
            .unwrap();
        // And it may not become bad again.
        let bad = deployment(&namespace, "web", true).to_string();
        let told = kubectl_with_input(plane, &["apply", "-f", "-"], &bad)
            .await
            .expect_failure();
        assert!(told.contains("[critical] privileged-container"), "{told}");
    })
    .await;
}

#[tokio::test]
async fn a_dry_run_on_the_server_is_denied_as_the_real_one_would_be_and_counted_apart() {
    in_installation("dry run", async |installation, _, namespace| {
        let checks = denying(&["privileged-container"]);
        enforce(installation.plane, &namespace, checks).await;
        let counted = async || {
            let labels = [
                r#"kind="Deployment""#,
                r#"operation="CREATE""#,
                r#"decision="denied""#,
                r#"dry_run="true""#,
            ];
            let name = "prodready_admission_requests_total";
            installation.operator.metric(name, &labels).await
        };
        let before = counted().await;
        let bad = deployment(&namespace, "web", true).to_string();
        let dry_run = ["apply", "--dry-run=server", "-f", "-"];
        let told = kubectl_with_input(installation.plane, &dry_run, &bad)
            .await
            .expect_failure();
        assert!(
            told.contains("Deployment/web is not ready by policy"),
            "{told}"
        );
        // Nobody else makes Deployments in dry runs.
        assert_eq!(counted().await, before + 1);
    })
    .await;
}

#[tokio::test]
async fn warn_mode_warns_in_kubectl_and_admits() {
    in_installation("warned", async |installation, client, namespace| {
        let plane = installation.plane;
        warn(plane, &namespace, denying(&["privileged-container"])).await;
        let bad = deployment(&namespace, "web", true).to_string();
        let applied = kubectl_with_input(plane, &["apply", "-f", "-"], &bad).await;
        let warnings: Vec<&str> = applied
            .stderr
            .lines()
            .filter_map(|line| line.strip_prefix("Warning: "))
            .collect();
        let [headline, finding] = warnings.as_slice() else {
            panic!("{applied}");
        };
        let headline_begins = format!(
            "Deployment/web is not ready by policy {namespace}: 1 finding is not allowed, score "
        );
        assert!(headline.starts_with(&headline_begins), "{headline}");
        assert_eq!(
            *finding,
            "[critical] privileged-container: container web runs privileged, with all rights of its node"
        );
        assert!(warnings.iter().all(|line| line.chars().count() <= 120), "{applied}");
        assert_eq!(applied.expect_success(), "deployment.apps/web created\n");
        let api: Api<Deployment> = Api::namespaced(client, &namespace);
        api.get("web").await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn audit_mode_neither_warns_nor_denies_and_reports() {
    in_installation("audited", async |installation, client, namespace| {
        let plane = installation.plane;
        let spec =
            json!({"enforcement": {"mode": "Audit", "denyChecks": ["privileged-container"]}});
        apply_policy(plane, &namespace, &namespace, spec).await;
        let bad = deployment(&namespace, "web", true).to_string();
        let applied = kubectl_with_input(plane, &["apply", "-f", "-"], &bad).await;
        assert_eq!(
            (applied.stdout.as_str(), applied.stderr.as_str()),
            ("deployment.apps/web created\n", "")
        );
        wait_for_report(&client, &namespace, "deployment-web", |report| {
            report.spec.policy == namespace
        })
        .await;
    })
    .await;
}

#[tokio::test]
async fn scaling_below_the_minimum_is_denied_and_scaling_above_it_is_not() {
    in_installation("scaled", async |installation, client, namespace| {
        let plane = installation.plane;
        enforce(
            plane,
            &namespace,
            denying(&["minimum-replicas", "privileged-container"]),
        )
        .await;
        let mut good = deployment(&namespace, "web", false);
        good["spec"]["replicas"] = json!(3);
        apply(plane, &good).await;
        wait_for_report(&client, &namespace, "deployment-web", |_| true).await;

        let scale = async |replicas: &str| {
            let command = [
                "scale",
                "deployment",
                "web",
                "-n",
                &namespace,
                "--replicas",
                replicas,
            ];
            kubectl(plane, &command).await
        };
        let told = scale("1").await.expect_failure();
        assert!(told.contains("minimum-replicas"), "{told}");
        scale("2").await.expect_success();
        let api: Api<Deployment> = Api::namespaced(client, &namespace);
        assert_eq!(api.get("web").await.unwrap().spec.replicas, Some(2));
    })
    .await;
}

#[tokio::test]
async fn an_update_is_denied_only_for_what_it_makes_worse() {
    in_installation("ratchet", async |installation, _, namespace| {
        let plane = installation.plane;
        apply(plane, &deployment(&namespace, "web", true)).await;
        enforce(plane, &namespace, denying(&["image-tag", "privileged-container"])).await;

        let label = ["label", "deployment", "web", "-n", &namespace, "team=shop"];
        let labelled = kubectl(plane, &label).await;
        assert!(
            labelled.stderr.contains("Warning: [critical] privileged-container: container web runs privileged, with all rights of its node"),
            "{labelled}"
        );
        assert_eq!(labelled.expect_success(), "deployment.apps/web labeled\n");

        let worse = ["set", "image", "deployment/web", "web=shop/web:latest", "-n", &namespace];
        let told = kubectl(plane, &worse).await.expect_failure();
        assert!(told.contains("[high] image-tag"), "{told}");
        assert!(!told.contains("[critical]"), "{told}");
    })
    .await;
}

#[tokio::test]
async fn a_score_below_the_minimum_is_denied_without_any_finding_that_denies() {
    in_installation("minimum score", async |installation, client, namespace| {
        let enforcement = json!({"denySeverities": [], "denyChecks": [], "minimumScore": 99});
        enforce(installation.plane, &namespace, enforcement).await;
        let refused = create(&client, &namespace, &deployment(&namespace, "web", false)).await;
        let told = refused.unwrap_err().to_string();
        assert!(told.contains(" is below the minimum of 99"), "{told}");
    })
    .await;
}

async fn create(
    client: &Client,
    namespace: &str,
    object: &Value,
) -> Result<Deployment, kube::Error> {
    let api: Api<Deployment> = Api::namespaced(client.clone(), namespace);
    let deployment = serde_json::from_value(object.clone()).unwrap();
    api.create(&PostParams::default(), &deployment).await
}
