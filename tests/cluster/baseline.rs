//! Baselines: what was there before a policy may be deleted and made again, and what is paid does not come back.

use std::{fs, path::Path, process::Command};

use kube::{Api, Client};
use prodready_engine::api::exception::ReadinessException;
use prodready_testkit::{ControlPlane, Ran, helm, kubectl, kubectl_with_input, wait};
use serde_json::{Value, json};

use crate::support::{
    Installation, LIMIT, apply, enforce,
    exceptions::{APPROVES, ASKS, create_as, exception, give_roles, in_a_month, wait_for_status},
    in_installation,
    objects::deployment,
    own_control_plane, wait_for_report,
};

/// The account of the operator.
const OPERATOR: &str = "system:serviceaccount:prodready-system:prodready";

/// The exception of Deployment/payments' only container.
const OF_WEB: &str = "baseline-web.deployment-payments";

/// Two checks that deny: `payments` as [`payments`] makes it fails both.
fn denying() -> Value {
    json!({"denySeverities": [], "denyChecks": ["privileged-container", "image-tag"]})
}

fn payments(namespace: &str, tag: &str, privileged: bool) -> Value {
    let mut object = deployment(namespace, "payments", privileged);
    let container = &mut object["spec"]["template"]["spec"]["containers"][0];
    container["image"] = json!(format!("shop/web:{tag}"));
    object
}

/// What the command prints.
fn printed(plane: &ControlPlane, namespace: &str, more: &[&str]) -> String {
    let ran = Command::new(env!("CARGO_BIN_EXE_prodready"))
        .args(["baseline", "-n", namespace])
        .args(more)
        .arg("--kubeconfig")
        .arg(plane.kubeconfig())
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&ran.stderr);
    assert_eq!(ran.status.code(), Some(0), "{told}");
    String::from_utf8(ran.stdout).unwrap()
}

/// Enforces in a namespace where `payments` is there already, and applies the baseline, approved by whoever applies it.
async fn with_baseline(plane: &ControlPlane, client: &Client, namespace: &str) {
    apply(plane, &payments(namespace, "latest", true)).await;
    enforce(plane, namespace, denying()).await;
    let baseline = printed(plane, namespace, &["--approve"]);
    kubectl_with_input(plane, &["apply", "-f", "-"], &baseline)
        .await
        .expect_success();
    wait_for_status(client, namespace, OF_WEB, |status| status.in_force).await;
}

async fn delete(plane: &ControlPlane, namespace: &str) {
    let payments = ["delete", "deployment", "payments", "-n", namespace];
    kubectl(plane, &payments).await.expect_success();
}

async fn create(plane: &ControlPlane, object: &Value) -> Ran {
    kubectl_with_input(plane, &["create", "-f", "-"], &object.to_string()).await
}

/// Waits until the exception names exactly these checks; until it is gone where there are none.
async fn wait_for_checks(client: &Client, namespace: &str, name: &str, checks: &[&str]) {
    let api: Api<ReadinessException> = Api::namespaced(client.clone(), namespace);
    wait(&format!("{name} has {checks:?}"), LIMIT, async || {
        let found = api.get_opt(name).await.map_err(|err| err.to_string())?;
        let named = found.map(|found| found.spec.checks).unwrap_or_default();
        if named == checks {
            Ok(())
        } else {
            Err(named.join(", "))
        }
    })
    .await;
}

/// Waits until the operator has judged the Deployment with this many findings forgiven.
async fn wait_for_forgiven(client: &Client, namespace: &str, forgiven: Option<i32>) {
    wait_for_report(client, namespace, "deployment-payments", |report| {
        let status = report.status.as_ref();
        status.is_some_and(|status| status.forgiven == forgiven)
    })
    .await;
}

#[tokio::test]
async fn what_was_there_before_may_be_made_again_and_what_is_paid_does_not_come_back() {
    in_installation("baseline", async |installation, client, namespace| {
        let plane = installation.plane;
        with_baseline(plane, &client, &namespace).await;
        let before = payments(&namespace, "latest", true);
        delete(plane, &namespace).await;
        create(plane, &before).await.expect_success();
        let again = ["replace", "--force", "-f", "-"];
        kubectl_with_input(plane, &again, &before.to_string())
            .await
            .expect_success();
        let told = printed(plane, &namespace, &[]);
        let stored = [
            "get",
            "rex",
            OF_WEB,
            "-n",
            &namespace,
            "-o",
            "jsonpath={.spec.expirationTime}",
        ];
        let end = kubectl(plane, &stored).await.expect_success();
        assert!(told.contains(&format!("expirationTime: {end:?}")), "{told}");
        let reapplied = kubectl_with_input(plane, &["apply", "-f", "-"], &told).await;
        let reapplied = reapplied.expect_success();
        assert!(
            reapplied.contains(&format!("{OF_WEB} unchanged")),
            "{reapplied}"
        );

        // A second container with the same faults is a new one.
        delete(plane, &namespace).await;
        let mut more = before.clone();
        let containers = &mut more["spec"]["template"]["spec"]["containers"];
        let mut second = containers[0].clone();
        second["name"] = json!("second");
        containers.as_array_mut().unwrap().push(second);
        let denied = create(plane, &more).await.expect_failure();
        assert!(denied.contains("container second"), "{denied}");
        assert!(!denied.contains("container web"), "{denied}");

        // One finding is mended.
        let half = payments(&namespace, "latest", false);
        create(plane, &half).await.expect_success();
        wait_for_checks(&client, &namespace, OF_WEB, &["image-tag"]).await;
        wait_for_forgiven(&client, &namespace, Some(1)).await;
        let back = kubectl_with_input(plane, &["apply", "-f", "-"], &before.to_string()).await;
        let denied = back.expect_failure();
        assert!(denied.contains("privileged-container"), "{denied}");
        assert!(!denied.contains("image-tag"), "{denied}");
        delete(plane, &namespace).await;
        create(plane, &before).await.expect_failure();
        create(plane, &half).await.expect_success();

        // The last one is.
        apply(plane, &payments(&namespace, "1.4.2", false)).await;
        wait_for_checks(&client, &namespace, OF_WEB, &[]).await;
        wait_for_forgiven(&client, &namespace, None).await;
        assert_eq!(printed(plane, &namespace, &[]), "");
        delete(plane, &namespace).await;
        create(plane, &half).await.expect_failure();
    })
    .await;
}

/// A chart of the Deployment alone.
fn chart(directory: &Path, object: &Value) -> String {
    let templates = directory.join("templates");
    fs::create_dir_all(&templates).unwrap();
    let about = "apiVersion: v2\nname: payments\nversion: 1.0.0\n";
    fs::write(directory.join("Chart.yaml"), about).unwrap();
    fs::write(templates.join("payments.yaml"), object.to_string()).unwrap();
    directory.display().to_string()
}

#[tokio::test]
async fn a_release_may_be_uninstalled_and_installed_again() {
    in_installation(
        "baseline release",
        async |installation, client, namespace| {
            let plane = installation.plane;
            let directory = tempfile::tempdir().unwrap();
            let chart = chart(directory.path(), &payments(&namespace, "latest", true));
            let install = ["install", "payments", &chart, "-n", &namespace];
            helm(plane, &install).await.expect_success();
            enforce(plane, &namespace, denying()).await;
            give_roles(plane, &namespace).await;

            // One asks, another approves.
            let baseline = printed(plane, &namespace, &["--requested-by", ASKS]);
            let apply = ["apply", "--as", ASKS, "-f", "-"];
            kubectl_with_input(plane, &apply, &baseline)
                .await
                .expect_success();
            let uninstall = ["uninstall", "payments", "-n", &namespace, "--wait"];
            helm(plane, &uninstall).await.expect_success();
            let denied = helm(plane, &install).await.expect_failure();
            assert!(
                denied.contains("is not in force: nobody has approved it"),
                "{denied}"
            );
            let gone = helm(plane, &uninstall).await;
            assert!(gone.success(), "{gone}");
            let approval = json!({"spec": {"approvedBy": APPROVES}}).to_string();
            let approve = [
                "patch",
                "rex",
                OF_WEB,
                "-n",
                &namespace,
                "--type=merge",
                "-p",
                &approval,
                "--as",
                APPROVES,
            ];
            kubectl(plane, &approve).await.expect_success();
            wait("the release is let through", LIMIT, async || {
                let ran = helm(plane, &install).await;
                if ran.success() {
                    return Ok(());
                }
                helm(plane, &uninstall).await.expect_success();
                Err(ran.to_string())
            })
            .await;
            wait_for_status(&client, &namespace, OF_WEB, |status| status.findings == 2).await;
            helm(plane, &uninstall).await.expect_success();
            helm(plane, &install).await.expect_success();
        },
    )
    .await;
}

#[tokio::test]
async fn the_operator_may_only_make_baselines_smaller() {
    in_installation("baseline rights", async |installation, client, namespace| {
        let plane = installation.plane;
        give_roles(plane, &namespace).await;
        let mut asked = exception(&namespace, "agent", in_a_month());
        asked["spec"]["checks"] = json!(["privileged-container", "host-path"]);
        create_as(plane, ASKS, &asked).await.expect_success();
        let as_operator = async |name: &str, kind: &str, patch: &str| {
            let arguments = [
                "patch", "rex", name, "-n", &namespace, kind, "-p", patch, "--as", OPERATOR,
            ];
            kubectl(plane, &arguments).await
        };
        let refused = |ran: Ran, why: &str| {
            let told = ran.expect_failure();
            assert!(told.contains(why), "{why}: {told}");
        };
        let fewer = r#"{"spec": {"checks": ["host-path"]}}"#;
        let merge = "--type=merge";
        let only_labelled = "touches only exceptions with the label prodready.dev/baseline";
        refused(as_operator("agent", merge, fewer).await, only_labelled);
        let remove = ["delete", "rex", "agent", "-n", &namespace, "--as", OPERATOR];
        refused(kubectl(plane, &remove).await, only_labelled);

        // The label is part of what is approved.
        let approval = json!({"spec": {"approvedBy": APPROVES}}).to_string();
        let approve = [
            "patch", "rex", "agent", "-n", &namespace, merge, "-p", &approval, "--as", APPROVES,
        ];
        kubectl(plane, &approve).await.expect_success();
        let label = [
            "label", "rex", "agent", "-n", &namespace, "prodready.dev/baseline=true", "--as",
        ];
        let by_tina = kubectl(plane, &[&label[..], &[ASKS]].concat()).await;
        refused(by_tina, "must be the user name of whoever sets it");
        let by_olga = kubectl(plane, &[&label[..], &[APPROVES]].concat()).await;
        by_olga.expect_success();

        let only_fewer = "the operator only takes checks out of a baseline";
        for more in [
            r#"{"spec": {"checks": ["privileged-container", "host-path", "host-pid"]}}"#,
            r#"{"spec": {"expirationTime": "2999-01-01T00:00:00Z"}}"#,
            r#"{"spec": {"checks": ["host-path"], "containers": [{"name": "web"}]}}"#,
            r#"{"spec": {"checks": ["host-path"], "approvedBy": "system:serviceaccount:prodready-system:prodready"}}"#,
            r#"{"spec": {"checks": ["host-path"], "approvedBy": null}}"#,
            r#"{"spec": {"workloads": [{"kind": "Deployment", "name": "cart"}]}}"#,
            r#"{"metadata": {"labels": {"prodready.dev/baseline": null}}}"#,
        ] {
            refused(as_operator("agent", merge, more).await, only_fewer);
        }
        as_operator("agent", merge, fewer).await.expect_success();
        let api: Api<ReadinessException> = Api::namespaced(client.clone(), &namespace);
        let found = api.get("agent").await.unwrap().spec;
        assert_eq!(found.checks, ["host-path"]);
        assert_eq!(found.approved_by.as_deref(), Some(APPROVES));
        kubectl(plane, &remove).await.expect_success();
    })
    .await;
}

/// Each write of the exception gives it a new version.
async fn version(client: &Client, namespace: &str) -> Option<String> {
    let api: Api<ReadinessException> = Api::namespaced(client.clone(), namespace);
    api.get(OF_WEB).await.unwrap().metadata.resource_version
}

#[tokio::test]
async fn with_two_replicas_and_a_new_leader_what_is_paid_is_taken_out_once_and_nothing_else_is_written()
 {
    let Some(plane) = own_control_plane().await else {
        return;
    };
    let mut installation = Installation::start(&plane, &[]).await;
    installation.operator.wait_until_leading().await;
    let second = installation.further_operator("second").await;
    let client = plane.client();
    let namespace = "shop";
    kubectl(&plane, &["create", "namespace", namespace])
        .await
        .expect_success();
    apply(&plane, &deployment(namespace, "till", true)).await;
    with_baseline(&plane, &client, namespace).await;
    wait_for_status(&client, namespace, OF_WEB, |status| status.findings == 2).await;

    // What another workload paid is taken out; of this one nothing is paid, and nothing is written.
    let before = version(&client, namespace).await;
    apply(&plane, &deployment(namespace, "till", false)).await;
    wait_for_checks(&client, namespace, "baseline-web.deployment-till", &[]).await;
    assert_eq!(version(&client, namespace).await, before);

    // The leader dies while what is mended settles.
    apply(&plane, &payments(namespace, "latest", false)).await;
    installation.operator.kill();
    wait_for_checks(&client, namespace, OF_WEB, &["image-tag"]).await;
    let pruned = second.log().matches("no longer in the baseline").count();
    assert_eq!(pruned, 1, "{}", second.tail());
}
