//! Policies: what is refused when they are applied, and what their status says.

use kube::{Api, Client};
use prodready_engine::api::policy::ProductionReadinessPolicy;
use prodready_testkit::{kubectl, kubectl_with_input, shared, wait};
use serde_json::{Value, json};

use crate::support::{
    LIMIT, accepted, apply, apply_policy, in_installation, objects::deployment,
    shared_installation, wait_for_report,
};

#[tokio::test]
async fn a_mistake_in_a_policy_is_refused_by_the_api_server_with_its_field() {
    shared_installation().await;
    let policy = |spec: &str| {
        format!(
            "{{apiVersion: prodready.dev/v1alpha1, kind: ProductionReadinessPolicy, metadata: {{name: tried}}, spec: {spec}}}"
        )
    };
    let dry_run = ["apply", "--dry-run=server", "-f", "-"];
    kubectl_with_input(shared(), &dry_run, &policy("{}"))
        .await
        .expect_success();
    for (spec, told) in [
        ("{checks: [{id: no-such-check}]}", "spec.checks[0].id"),
        ("{thresholds: {production: 95, scale: 90}}", "production"),
        ("{enforcement: {mode: Deny}}", "spec.enforcement.mode"),
        (
            "{checks: [{id: minimum-replicas, weight: 500}]}",
            "spec.checks[0].weight",
        ),
        (
            "{checks: [{id: minimum-replicas, parameters: [{name: mni, value: 3}]}]}",
            "spec.checks[0]",
        ),
    ] {
        let refused = kubectl_with_input(shared(), &dry_run, &policy(spec))
            .await
            .expect_failure();
        assert!(refused.contains(told), "{spec}: {refused}");
    }
}

#[tokio::test]
async fn the_status_of_a_policy_follows_its_generation() {
    in_installation("status", async |installation, client, namespace| {
        let plane = installation.plane;
        apply_policy(plane, &namespace, &namespace, json!({})).await;
        let first = accepted(&client, &namespace).await;
        assert_eq!(
            of_the_policy(&first),
            json!([
                ["Accepted", "True", 1, "Valid", "the policy is in force"],
                [
                    "Enforcing",
                    "False",
                    1,
                    "Audit",
                    "what falls short is reported only"
                ],
            ])
        );
        let spec = json!({"enforcement": {"mode": "Enforce"}});
        apply_policy(plane, &namespace, &namespace, spec).await;
        let second = accepted(&client, &namespace).await;
        assert_eq!(second.status.as_ref().unwrap().observed_generation, Some(2));
        assert_eq!(
            of_the_policy(&second),
            json!([
                ["Accepted", "True", 2, "Valid", "the policy is in force"],
                [
                    "Enforcing",
                    "True",
                    2,
                    "Enforce",
                    "what falls short is denied"
                ],
            ])
        );
    })
    .await;
}

#[tokio::test]
async fn a_policy_with_a_mistake_tells_it_and_stops_no_other() {
    in_installation("mistake", async |installation, client, namespace| {
        let plane = installation.plane;
        let (good, bad) = (format!("{namespace}-good"), format!("{namespace}-bad"));
        let mistaken = json!({
            "apiVersion": "prodready.dev/v1alpha1",
            "kind": "ProductionReadinessPolicy",
            "metadata": {"name": bad},
            "spec": {
                "precedence": 1000,
                "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": namespace}},
                "checks": [{"id": "minimum-replicas", "parameters": [{"name": "min", "value": "three"}]}],
            },
        });
        apply(plane, &mistaken).await;
        let told = wait("the mistake is told", LIMIT, async || {
            let policy = policy(&client, &bad).await;
            let conditions = conditions(&policy);
            (conditions[0][1] == "False").then_some(conditions)
        })
        .await;
        assert_eq!(
            told[0],
            json!([
                "Accepted",
                "False",
                1,
                "Invalid",
                "spec.checks[0].parameters[0]: `min` must have a `value` that is a whole number from 1 to 100"
            ])
        );
        apply_policy(plane, &good, &namespace, json!({"precedence": 1})).await;
        apply(plane, &deployment(&namespace, "web", false)).await;
        wait_for_report(&client, &namespace, "deployment-web", |report| {
            report.spec.policy == good
        })
        .await;
    })
    .await;
}

#[tokio::test]
async fn a_policy_that_is_broken_by_an_edit_stays_in_force_in_its_last_good_form() {
    in_installation("broken", async |installation, client, namespace| {
        let plane = installation.plane;
        apply_policy(plane, &namespace, &namespace, json!({})).await;
        let edit = r#"{"spec": {"checks": [{"id": "minimum-replicas", "parameters": [{"name": "min", "value": "three"}]}]}}"#;
        let patch = ["patch", "prp", &namespace, "--type=merge", "-p", edit];
        kubectl(plane, &patch).await.expect_success();
        let told = wait("the mistake is told", LIMIT, async || {
            let conditions = conditions(&policy(&client, &namespace).await);
            (conditions[0][1] == "False").then_some(conditions)
        })
        .await;
        let message = told[0][4].as_str().unwrap();
        assert!(message.ends_with("; its last good form stays in force"), "{message}");
        apply(plane, &deployment(&namespace, "web", false)).await;
        wait_for_report(&client, &namespace, "deployment-web", |report| {
            report.spec.policy == namespace
        })
        .await;
    })
    .await;
}

#[tokio::test]
async fn the_example_policies_are_accepted() {
    shared_installation().await;
    let client = shared().client();
    let directory = concat!(env!("CARGO_MANIFEST_DIR"), "/manifests/policies");
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        let written = std::fs::read_to_string(&path).unwrap();
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        // Under another name, for no namespace at all: other tests must not feel them.
        let tried = format!("example-{name}");
        let read = kubectl_with_input(
            shared(),
            &["create", "--dry-run=client", "-o", "json", "-f", "-"],
            &written,
        );
        let mut policy: Value = serde_json::from_str(&read.await.expect_success()).unwrap();
        policy["metadata"] = json!({"name": tried});
        policy["spec"]["precedence"] = json!(-1000);
        policy["spec"]["namespaceSelector"] = json!({"matchLabels": {"selects": "nothing"}});
        apply(shared(), &policy).await;
        accepted(&client, &tried).await;
    }
}

async fn policy(client: &Client, name: &str) -> ProductionReadinessPolicy {
    let policies: Api<ProductionReadinessPolicy> = Api::all(client.clone());
    policies.get(name).await.unwrap()
}

/// The conditions that say what becomes of the policy; the others are tested where they come from.
fn of_the_policy(policy: &ProductionReadinessPolicy) -> Value {
    let all = conditions(policy);
    let mut told = all.as_array().cloned().unwrap_or_default();
    told.retain(|each| each[0] == "Accepted" || each[0] == "Enforcing");
    json!(told)
}

/// Type, status, observed generation, reason and message of each condition.
fn conditions(policy: &ProductionReadinessPolicy) -> Value {
    let conditions = policy.status.iter().flat_map(|status| &status.conditions);
    let told = conditions.map(|each| {
        json!([
            each.type_,
            each.status,
            each.observed_generation,
            each.reason,
            each.message
        ])
    });
    told.collect()
}
