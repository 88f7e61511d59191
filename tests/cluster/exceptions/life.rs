//! From when on exceptions count, what they say, and their end.

use std::{
    process::Command,
    time::{Duration, Instant},
};

use jiff::{Timestamp, ToSpan as _};
use prodready_engine::api::condition::ConditionStatus;
use prodready_testkit::{kubectl, kubectl_with_input, wait};
use serde_json::{Value, json};

use crate::support::{
    LIMIT, apply, enforce,
    exceptions::{
        ASKS, approve, condition, create_as, denying, exception, give_roles, in_a_month, refusal,
        seconds, wait_for_status, wait_until_let_through,
    },
    in_installation,
    objects::deployment,
    wait_for_report,
};

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

            approve(plane, &namespace).await;
            let approved = Instant::now();
            wait_until_let_through(&client, &namespace).await;
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
                (forgiven.name.as_str(), &*forgiven.check),
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
        approve(plane, &namespace).await;
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
