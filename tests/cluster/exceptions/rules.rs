//! Exceptions of a policy's own rules.

use prodready_engine::api::condition::ConditionStatus;
use prodready_testkit::wait;
use serde_json::{Value, json};

use crate::support::{
    LIMIT, apply, apply_policy,
    exceptions::{
        ASKS, approve, condition, create_as, exception, give_roles, in_a_month, refusal,
        wait_for_status, wait_until_let_through,
    },
    in_installation,
    objects::deployment,
};

/// A rule that the Deployment of these tests breaks.
fn rule(id: &str) -> Value {
    json!({
        "id": id,
        "title": "Workload has no runbook",
        "severity": "critical",
        "expression": "'acme.example/runbook' in object.metadata.?annotations.orValue({})",
        "message": "has no runbook",
        "fix": "Write one.",
        "deny": true,
    })
}

#[tokio::test]
async fn a_rule_is_excepted_at_the_gate_and_one_that_the_policy_lacks_is_told() {
    in_installation("exception rules", async |installation, client, namespace| {
        let plane = installation.plane;
        give_roles(plane, &namespace).await;
        let spec = json!({
            "precedence": 100,
            "enforcement": {"mode": "Enforce", "denySeverities": [], "denyChecks": ["privileged-container"]},
            "rules": [rule("acme.runbook")],
        });
        apply_policy(plane, &namespace, &namespace, spec).await;
        let denial = wait("the gate denies", LIMIT, async || {
            refusal(&client, &namespace).await.ok_or("it lets it through")
        })
        .await;
        assert!(denial.contains("acme.runbook"), "{denial}");

        let mut asked = exception(&namespace, "agent", in_a_month());
        asked["spec"]["checks"] = json!(["acme.runbook", "privileged-container", "acme.runbok"]);
        create_as(plane, ASKS, &asked).await.expect_success();
        approve(plane, &namespace).await;
        wait_until_let_through(&client, &namespace).await;

        apply(plane, &deployment(&namespace, "payments", true)).await;
        let status = wait_for_status(&client, &namespace, "agent", |status| {
            status.in_force && status.findings == 2
        })
        .await;
        assert_eq!(
            condition(&status, "ChecksKnown"),
            (ConditionStatus::False, "UnknownRule")
        );
        let told = status.conditions.iter();
        let told = told.filter(|each| each.type_ == "ChecksKnown");
        let told: Vec<&str> = told.map(|each| each.message.as_str()).collect();
        let wanted = "neither a check nor a rule of the policy that governs: acme.runbok";
        assert_eq!(told, [wanted]);
    })
    .await;
}

#[tokio::test]
async fn a_rule_for_each_container_names_the_one_that_breaks_it_and_may_be_excepted_for_it() {
    in_installation(
        "exception containers",
        async |installation, client, namespace| {
            let plane = installation.plane;
            give_roles(plane, &namespace).await;
            let spec = json!({
                "precedence": 100,
                "enforcement": {"mode": "Enforce", "denySeverities": []},
                "rules": [{
                    "id": "acme.own-registry",
                    "title": "Image comes from elsewhere",
                    "severity": "high",
                    "forEach": "containers",
                    "expression": "container.image.startsWith('registry.acme.example/')",
                    "message": "runs an image from elsewhere",
                    "fix": "Copy the image.",
                    "fieldPath": "image",
                    "deny": true,
                }],
            });
            apply_policy(plane, &namespace, &namespace, spec).await;
            let denial = wait("the gate denies", LIMIT, async || {
                refusal(&client, &namespace)
                    .await
                    .ok_or("it lets it through")
            })
            .await;
            for told in [
                "acme.own-registry: container web runs an image from elsewhere",
                "field: spec.template.spec.containers[0].image",
            ] {
                assert!(denial.contains(told), "{denial}");
            }

            let mut asked = exception(&namespace, "agent", in_a_month());
            asked["spec"]["checks"] = json!(["acme.own-registry"]);
            asked["spec"]["containers"] = json!([{"name": "web", "image": "shop/web"}]);
            create_as(plane, ASKS, &asked).await.expect_success();
            approve(plane, &namespace).await;
            wait_until_let_through(&client, &namespace).await;
        },
    )
    .await;
}
