//! Who may ask for exceptions and approve them, and what is refused.

use prodready_testkit::{Ran, kubectl};
use serde_json::{Value, json};

use crate::support::{
    exceptions::{APPROVES, ASKS, approve, create_as, exception, give_roles, in_a_month, patch_as},
    in_installation,
};

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

        approve(plane, &namespace).await;
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
async fn a_mistake_in_an_exception_is_refused_with_the_field() {
    in_installation("exception mistakes", async |installation, _, namespace| {
        let plane = installation.plane;
        give_roles(plane, &namespace).await;
        for (field, value, told) in [
            (
                "checks",
                json!(["*"]),
                "spec.checks[0]: Invalid value: \"*\": must be a check",
            ),
            (
                "checks",
                json!(["privileged"]),
                "spec.checks[0]: Invalid value: \"privileged\": must be a check",
            ),
            (
                "checks",
                json!(["host-path", "Acme.runbook"]),
                "spec.checks[1]: Invalid value: \"Acme.runbook\": must be a check",
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
