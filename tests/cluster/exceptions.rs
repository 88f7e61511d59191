//! Exceptions on a real API server: who may ask and approve, from when on they count, and their end.

use std::{
    process::Command,
    time::{Duration, Instant},
};

use jiff::{Timestamp, ToSpan as _};
use k8s_openapi::api::apps::v1::Deployment;
use kube::{Api, Client, api::PostParams};
use prodready_engine::api::{
    condition::ConditionStatus,
    exception::{ReadinessException, ReadinessExceptionStatus},
};
use prodready_testkit::{ControlPlane, Ran, kubectl, kubectl_with_input, wait};
use serde_json::{Value, json};

use crate::support::{
    LIMIT, apply, enforce, in_installation, objects::deployment, wait_for_report,
};

/// Asks for exceptions: has the built-in role `admin` in the namespace.
pub(crate) const ASKS: &str = "tina";

/// Approves exceptions: has the chart's role for that in the namespace.
pub(crate) const APPROVES: &str = "olga";

/// An exception of `privileged-container` for Deployment/payments, as [`ASKS`] would write it.
pub(crate) fn exception(namespace: &str, name: &str, end: Timestamp) -> Value {
    json!({
        "apiVersion": "prodready.dev/v1alpha1",
        "kind": "ReadinessException",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {
            "workloads": [{"kind": "Deployment", "name": "payments"}],
            "checks": ["privileged-container"],
            "reason": "the vendor's agent needs it until release 4.2",
            "expirationTime": seconds(end),
            "requestedBy": ASKS,
        },
    })
}

fn in_a_month() -> Timestamp {
    Timestamp::now() + (30 * 24).hours()
}

fn seconds(moment: Timestamp) -> String {
    moment.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// Gives the two users their roles, and waits until they have them.
pub(crate) async fn give_roles(plane: &ControlPlane, namespace: &str) {
    for (user, role) in [(ASKS, "admin"), (APPROVES, "prodready-approve")] {
        let (of_role, of_user) = (format!("--clusterrole={role}"), format!("--user={user}"));
        let bind = [
            "create",
            "rolebinding",
            user,
            "-n",
            namespace,
            &of_role,
            &of_user,
        ];
        kubectl(plane, &bind).await.expect_success();
    }
    let may = [
        "auth",
        "can-i",
        "create",
        "readinessexceptions.prodready.dev",
        "-n",
        namespace,
    ];
    wait("the role admin has the chart's rights", LIMIT, async || {
        let asked = kubectl(plane, &[&may[..], &["--as", ASKS]].concat()).await;
        if asked.stdout.trim() == "yes" {
            Ok(())
        } else {
            Err(asked.to_string())
        }
    })
    .await;
}

pub(crate) async fn create_as(plane: &ControlPlane, user: &str, object: &Value) -> Ran {
    kubectl_with_input(
        plane,
        &["create", "--as", user, "-f", "-"],
        &object.to_string(),
    )
    .await
}

/// Changes the spec of the exception `agent`.
pub(crate) async fn patch_as(
    plane: &ControlPlane,
    user: &str,
    namespace: &str,
    spec: Value,
) -> Ran {
    let patch = json!({"spec": spec}).to_string();
    let patch = [
        "patch",
        "rex",
        "agent",
        "-n",
        namespace,
        "--type=merge",
        "-p",
        &patch,
        "--as",
        user,
    ];
    kubectl(plane, &patch).await
}

pub(crate) async fn wait_for_status(
    client: &Client,
    namespace: &str,
    name: &str,
    is_wanted: impl Fn(&ReadinessExceptionStatus) -> bool,
) -> ReadinessExceptionStatus {
    let exceptions: Api<ReadinessException> = Api::namespaced(client.clone(), namespace);
    wait(
        &format!("exception {namespace}/{name}"),
        LIMIT,
        async || {
            let found = exceptions.get(name).await.map_err(|err| err.to_string())?;
            match found.status {
                Some(status) if is_wanted(&status) => Ok(status),
                status => Err(format!("{status:?}")),
            }
        },
    )
    .await
}

/// Status and reason of a condition.
fn condition<'a>(status: &'a ReadinessExceptionStatus, type_: &str) -> (ConditionStatus, &'a str) {
    let found = status.conditions.iter().find(|each| each.type_ == type_);
    found.map_or((ConditionStatus::Unknown, ""), |each| {
        (each.status, &each.reason)
    })
}

/// What the gate answers to the Deployment, of which nothing is stored: nothing, or the denial.
async fn refusal(client: &Client, namespace: &str) -> Option<String> {
    let api: Api<Deployment> = Api::namespaced(client.clone(), namespace);
    let mut tried = deployment(namespace, "payments", true);
    tried["metadata"]["labels"] = json!({"tried": "yes"});
    let object = serde_json::from_value(tried).unwrap();
    let dry_run = PostParams {
        dry_run: true,
        ..PostParams::default()
    };
    let answer = match api.get_opt("payments").await.unwrap() {
        Some(_) => api.replace("payments", &dry_run, &object).await,
        None => api.create(&dry_run, &object).await,
    };
    match answer {
        Ok(_) => None,
        Err(kube::Error::Api(status)) if status.code == 403 => Some(status.message.clone()),
        Err(err) => panic!("{err}"),
    }
}

fn denying() -> Value {
    json!({"denySeverities": [], "denyChecks": ["privileged-container"]})
}

#[tokio::test]
async fn who_asks_and_who_approves_is_proven() {
    in_installation("exception people", async |installation, _, namespace| {
        let plane = installation.plane;
        give_roles(plane, &namespace).await;
        let asked = exception(&namespace, "agent", in_a_month());
        let with = |fields: Value| {
            let mut forged = asked.clone();
            for (field, value) in fields.as_object().unwrap() {
                forged["spec"][field] = value.clone();
            }
            forged
        };
        let refused = async |ran: Ran, why: &str| {
            let told = ran.expect_failure();
            assert!(told.contains(why), "{why}: {told}");
        };
        let must_be_me =
            "spec.requestedBy must be the user name of whoever creates the exception: tina";
        let may_not = "tina may not approve exceptions in namespace";
        let not_me = "spec.approvedBy must be the user name of whoever sets it: tina";
        for (forged, why) in [
            (with(json!({"requestedBy": APPROVES})), must_be_me),
            (with(json!({"requestedBy": null})), must_be_me),
            (with(json!({"approvedBy": ASKS})), may_not),
            (with(json!({"approvedBy": APPROVES})), not_me),
        ] {
            refused(create_as(plane, ASKS, &forged).await, why).await;
        }
        create_as(plane, ASKS, &asked).await.expect_success();
        for (spec, why) in [
            (json!({"approvedBy": ASKS}), may_not),
            (json!({"approvedBy": APPROVES}), not_me),
            (
                json!({"requestedBy": APPROVES}),
                "must not change: who asked stays who asked",
            ),
            (
                json!({"requestedBy": null}),
                "must not change: who asked stays who asked",
            ),
        ] {
            refused(patch_as(plane, ASKS, &namespace, spec).await, why).await;
        }

        let approval = json!({"approvedBy": APPROVES});
        patch_as(plane, APPROVES, &namespace, approval)
            .await
            .expect_success();
        let label = [
            "label", "rex", "agent", "-n", &namespace, "seen=yes", "--as", ASKS,
        ];
        kubectl(plane, &label).await.expect_success();
        let wider = json!({"checks": ["privileged-container", "host-path"]});
        refused(patch_as(plane, ASKS, &namespace, wider).await, not_me).await;
        let wider = json!({"checks": ["privileged-container", "host-path"], "approvedBy": null});
        patch_as(plane, ASKS, &namespace, wider)
            .await
            .expect_success();
    })
    .await;
}

#[tokio::test]
async fn an_approved_exception_lets_a_deployment_through_within_a_second_and_says_what_it_matches()
{
    in_installation(
        "exception approved",
        async |installation, client, namespace| {
            let plane = installation.plane;
            give_roles(plane, &namespace).await;
            enforce(plane, &namespace, denying()).await;
            let asked = exception(&namespace, "agent", in_a_month());
            create_as(plane, ASKS, &asked).await.expect_success();
            wait_for_status(&client, &namespace, "agent", |status| {
                condition(status, "InForce") == (ConditionStatus::False, "NoWorkload")
            })
            .await;
            let denial = refusal(&client, &namespace).await.unwrap();
            let told = "exception agent is not in force: nobody has approved it (spec.approvedBy).";
            assert!(denial.contains(told), "{denial}");

            let approval = json!({"approvedBy": APPROVES});
            patch_as(plane, APPROVES, &namespace, approval)
                .await
                .expect_success();
            let approved = Instant::now();
            wait("the Deployment is let through", LIMIT, async || {
                refusal(&client, &namespace).await.map_or(Ok(()), Err)
            })
            .await;
            let took = approved.elapsed();
            assert!(took < Duration::from_secs(1), "{took:?}");

            apply(plane, &deployment(&namespace, "payments", true)).await;
            let status =
                wait_for_status(&client, &namespace, "agent", |status| status.in_force).await;
            assert_eq!(
                condition(&status, "InForce"),
                (ConditionStatus::True, "Approved")
            );
            assert_eq!(
                condition(&status, "Matches"),
                (ConditionStatus::True, "Findings")
            );
            assert_eq!(condition(&status, "EndsSoon").0, ConditionStatus::False);
            assert_eq!(status.workloads, ["Deployment/payments"]);
            assert_eq!((status.workload_count, status.findings), (1, 1));
            assert!(status.points_forgiven.0 > 0);

            let report = wait_for_report(&client, &namespace, "deployment-payments", |report| {
                report
                    .status
                    .as_ref()
                    .is_some_and(|status| !status.exceptions.is_empty())
            })
            .await;
            let report = report.status.unwrap();
            let forgiven = &report.exceptions[0];
            assert_eq!(
                (forgiven.name.as_str(), forgiven.check.as_str()),
                ("agent", "privileged-container")
            );
            assert_eq!(
                seconds(forgiven.expiration_time.0),
                asked["spec"]["expirationTime"]
            );
            assert_eq!(report.forgiven, Some(1));
            assert!(report.score > report.score_without_exceptions, "{report:?}");
            let left = |check: &str| report.findings.iter().any(|finding| finding.check == check);
            assert!(!left("privileged-container"), "{report:?}");

            let audit = [
                "audit",
                "-n",
                &namespace,
                "--checks",
                "privileged-container",
                "-o",
                "json",
            ];
            let audited = Command::new(env!("CARGO_BIN_EXE_prodready"))
                .args(audit)
                .arg("--kubeconfig")
                .arg(plane.kubeconfig())
                .output()
                .unwrap();
            assert_eq!(
                audited.status.code(),
                Some(0),
                "{}",
                String::from_utf8_lossy(&audited.stderr)
            );
            let list: Value = serde_json::from_slice(&audited.stdout).unwrap();
            assert_eq!(list["items"][0]["status"]["exceptions"][0]["name"], "agent");
            assert_eq!(list["summary"]["forgiven"], 1);
        },
    )
    .await;
}

#[tokio::test]
async fn one_that_matches_nothing_says_so() {
    in_installation("exception idle", async |installation, client, namespace| {
        let plane = installation.plane;
        give_roles(plane, &namespace).await;
        enforce(plane, &namespace, denying()).await;
        apply(plane, &deployment(&namespace, "payments", false)).await;
        for (name, workload) in [("healthy", "payments"), ("nobody", "payment")] {
            let mut idle = exception(&namespace, name, in_a_month());
            idle["spec"]["workloads"][0]["name"] = json!(workload);
            create_as(plane, ASKS, &idle).await.expect_success();
        }
        for (name, reason) in [("healthy", "NoFinding"), ("nobody", "NoWorkload")] {
            wait_for_status(&client, &namespace, name, |status| {
                condition(status, "Matches") == (ConditionStatus::False, reason)
            })
            .await;
        }
        let shown = kubectl(plane, &["get", "rex", "nobody", "-n", &namespace]).await;
        let shown = shown.expect_success();
        let row: Vec<&str> = shown.lines().nth(1).unwrap().split_whitespace().collect();
        assert_eq!(row[2..5], ["False", "NoWorkload", "0"], "{shown}");
    })
    .await;
}

#[tokio::test]
async fn at_its_end_it_bites_at_the_gate_and_in_the_report_by_itself() {
    in_installation("exception ends", async |installation, client, namespace| {
        let plane = installation.plane;
        give_roles(plane, &namespace).await;
        enforce(plane, &namespace, denying()).await;
        let end = Timestamp::now() + 12.seconds();
        let end: Timestamp = seconds(end).parse().unwrap();
        let asked = exception(&namespace, "agent", end);
        create_as(plane, ASKS, &asked).await.expect_success();
        let approval = json!({"approvedBy": APPROVES});
        patch_as(plane, APPROVES, &namespace, approval)
            .await
            .expect_success();
        let object = deployment(&namespace, "payments", true).to_string();
        let warned = wait("the Deployment is let through", LIMIT, async || {
            let ran = kubectl_with_input(plane, &["apply", "-f", "-"], &object).await;
            if ran.success() {
                Ok(ran)
            } else {
                Err(ran.to_string())
            }
        })
        .await;
        let told = "(in 0 hours), when exception agent ends";
        assert!(warned.stderr.contains(told), "{warned}");
        let report = "deployment-payments";
        wait_for_report(&client, &namespace, report, |report| {
            report
                .status
                .as_ref()
                .is_some_and(|status| status.forgiven == Some(1))
        })
        .await;
        let status = wait_for_status(&client, &namespace, "agent", |status| status.in_force).await;
        assert_eq!(condition(&status, "EndsSoon").0, ConditionStatus::True);
        assert_eq!(refusal(&client, &namespace).await, None);
        assert!(
            Timestamp::now() < end,
            "the machine is too slow for this test"
        );

        let denial = wait("the gate denies", LIMIT, async || {
            refusal(&client, &namespace)
                .await
                .ok_or("it lets it through")
        })
        .await;
        let late = |what: &str| {
            let late = Timestamp::now().duration_since(end);
            assert!(!late.is_negative(), "{what}: {late:?} before its end");
            assert!(late.as_secs() < 3, "{what}: {late:?} after its end");
        };
        late("the gate");
        let told = "exception agent is not in force: it has expired.";
        assert!(denial.contains(told), "{denial}");
        wait_for_report(&client, &namespace, report, |report| {
            let status = report.status.as_ref().unwrap();
            status.forgiven.is_none() && status.findings[0].check == "privileged-container"
        })
        .await;
        late("the report");
        let status = wait_for_status(&client, &namespace, "agent", |status| !status.in_force).await;
        assert_eq!(condition(&status, "InForce").1, "Expired");
        late("the status");
    })
    .await;
}

#[tokio::test]
async fn a_mistake_in_an_exception_is_refused_with_the_field() {
    in_installation("exception mistakes", async |installation, _, namespace| {
        let plane = installation.plane;
        give_roles(plane, &namespace).await;
        for (field, value, told) in [
            (
                "checks",
                json!(["*"]),
                "spec.checks[0]: Unsupported value: \"*\"",
            ),
            (
                "checks",
                json!(["privileged"]),
                "spec.checks[0]: Unsupported value: \"privileged\"",
            ),
            ("checks", json!([]), "spec.checks"),
            (
                "selector",
                json!({"matchLabels": {"a": "b"}}),
                "must have exactly one of `workloads`",
            ),
            (
                "workloads",
                json!(null),
                "must have exactly one of `workloads`",
            ),
            (
                "containers",
                json!([{}]),
                "must have `name`, `image` or both",
            ),
            ("reason", json!("because"), "spec.reason"),
            (
                "expirationTime",
                json!(null),
                "spec.expirationTime: Required value",
            ),
            ("expirationTime", json!("tomorrow"), "spec.expirationTime"),
            (
                "container",
                json!("web"),
                "unknown field \"spec.container\"",
            ),
        ] {
            let mut wrong = exception(&namespace, "wrong", in_a_month());
            wrong["spec"][field] = value;
            let refused = create_as(plane, ASKS, &wrong).await.expect_failure();
            assert!(refused.contains(told), "{field}: {refused}");
        }
        let mut everybody = exception(&namespace, "wrong", in_a_month());
        everybody["spec"]["workloads"] = json!(null);
        everybody["spec"]["selector"] = json!({});
        let refused = create_as(plane, ASKS, &everybody).await.expect_failure();
        assert!(
            refused.contains("an empty selector would mean every workload"),
            "{refused}"
        );
    })
    .await;
}
