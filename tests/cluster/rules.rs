//! A policy's own rules: what the gate, the reports and the policy's status say of them.

use kube::{Api, Client};
use prodready_engine::api::policy::ProductionReadinessPolicy;
use prodready_testkit::{kubectl, kubectl_with_input, shared, wait};
use serde_json::{Value, json};

use crate::support::{
    LIMIT, apply, apply_policy, enforce, in_installation, objects::deployment, shared_installation,
    wait_for_report,
};

/// A rule about a field that no check reads.
fn local_dns() -> Value {
    json!({
        "id": "acme.cluster-dns",
        "title": "Pod does not use the cluster's DNS",
        "severity": "high",
        "expression": "object.spec.template.spec.?dnsPolicy.orValue('ClusterFirst') == 'ClusterFirst'",
        "messageExpression": "'resolves names by ' + object.spec.template.spec.dnsPolicy",
        "message": "resolves names elsewhere",
        "fix": "Leave out dnsPolicy.",
        "fieldPath": "spec.template.spec.dnsPolicy",
        "kinds": ["Deployment"],
        "deny": true,
    })
}

fn with_dns(namespace: &str, name: &str, policy: &str) -> Value {
    let mut object = deployment(namespace, name, false);
    object["spec"]["template"]["spec"]["dnsPolicy"] = json!(policy);
    object
}

/// What an enforcing policy of these rules alone wants.
fn of_rules(rules: &Value) -> Value {
    json!({
        "precedence": 1000,
        "rules": rules,
        "enforcement": {"mode": "Enforce", "denySeverities": []},
    })
}

#[tokio::test]
async fn the_gate_refuses_by_a_rule_and_lets_an_old_fault_stay() {
    in_installation("ruled", async |installation, client, namespace| {
        let plane = installation.plane;
        // The object is there before the rule.
        apply(plane, &with_dns(&namespace, "old", "Default")).await;
        enforce(plane, &namespace, json!({})).await;
        apply_policy(plane, &namespace, &namespace, of_rules(&json!([local_dns()]))).await;

        let manifest = with_dns(&namespace, "new", "Default").to_string();
        let refused = wait("the rule is in force", LIMIT, async || {
            let create = ["create", "--dry-run=server", "-f", "-"];
            let answer = kubectl_with_input(plane, &create, &manifest).await;
            if answer.stderr.contains("acme.cluster-dns") { Ok(answer.stderr) } else { Err(answer.to_string()) }
        })
        .await;
        let told = "- [high] acme.cluster-dns: resolves names by Default\n  field: spec.template.spec.dnsPolicy\n  fix: Leave out dnsPolicy.";
        assert!(refused.contains(told), "{refused}");
        let deployments: Api<k8s_openapi::api::apps::v1::Deployment> = Api::namespaced(client.clone(), &namespace);
        let object = serde_json::from_str(&manifest).unwrap();
        let Err(kube::Error::Api(status)) = deployments.create(&kube::api::PostParams::default(), &object).await else {
            panic!("created");
        };
        let cause = &status.details.as_ref().unwrap().causes[0];
        assert_eq!(
            (cause.reason.as_str(), cause.field.as_str(), cause.message.as_str()),
            ("acme.cluster-dns", "spec.template.spec.dnsPolicy", "resolves names by Default")
        );

        // What it had before it may keep; what is well may not become worse.
        let replicas = r#"{"spec": {"replicas": 3}}"#;
        let kept = kubectl(plane, &["patch", "deployment", "old", "-n", &namespace, "-p", replicas]).await;
        assert!(kept.stderr.contains("may keep 1 finding of before this change"), "{kept}");
        kept.expect_success();
        apply(plane, &with_dns(&namespace, "well", "ClusterFirst")).await;
        let worse = r#"{"spec": {"template": {"spec": {"dnsPolicy": "None", "dnsConfig": {"nameservers": ["10.0.0.1"]}}}}}"#;
        let refused = kubectl(plane, &["patch", "deployment", "well", "-n", &namespace, "-p", worse]).await;
        assert!(refused.expect_failure().contains("acme.cluster-dns: resolves names by None"));
    })
    .await;
}

#[tokio::test]
async fn a_rule_compares_with_the_stored_object_and_reads_the_namespace() {
    in_installation("compared", async |installation, client, namespace| {
        let plane = installation.plane;
        let rules = json!([
            {
                "id": "acme.gentle-scaling", "title": "Too many at once", "severity": "critical", "deny": true,
                "expression": "oldObject == null || object.spec.replicas * 2 >= oldObject.spec.replicas",
                "message": "loses more than half of its replicas", "fix": "Scale down in steps.",
                "kinds": ["Deployment"],
            },
            {
                "id": "acme.own-namespace", "title": "Elsewhere", "severity": "low", "weight": 3,
                "expression": "namespaceObject.metadata.name == object.metadata.namespace && size(related.services) == 1",
                "message": "has no Service", "fix": "Add a Service.", "kinds": ["Deployment"],
            },
        ]);
        apply_policy(plane, &namespace, &namespace, of_rules(&rules)).await;
        let mut object = deployment(&namespace, "web", false);
        object["spec"]["replicas"] = json!(8);
        apply(plane, &object).await;
        let report = wait_for_report(&client, &namespace, "deployment-web", |report| {
            let status = report.status.as_ref().unwrap();
            status.findings.iter().any(|finding| finding.check == "acme.own-namespace")
                || status.further.iter().any(|id| id == "acme.own-namespace")
        })
        .await;
        assert_eq!(report.spec.policy, namespace);
        wait("the gate knows the object", LIMIT, async || {
            let scale = ["scale", "deployment", "web", "-n", &namespace, "--replicas=3"];
            let answer = kubectl(plane, &scale).await;
            answer.stderr.contains("acme.gentle-scaling: loses more than half").then_some(())
        })
        .await;
        let patch = |replicas: i32| format!(r#"{{"spec": {{"replicas": {replicas}}}}}"#);
        let refused = kubectl(plane, &["patch", "deployment", "web", "-n", &namespace, "-p", &patch(3)]).await;
        assert!(refused.expect_failure().contains("acme.gentle-scaling"));
        let kept = kubectl(plane, &["patch", "deployment", "web", "-n", &namespace, "-p", &patch(4)]).await;
        kept.expect_success();

        let service = json!({
            "apiVersion": "v1", "kind": "Service", "metadata": {"name": "web", "namespace": namespace},
            "spec": {"selector": {"app": "web"}, "ports": [{"port": 80}]},
        });
        apply(plane, &service).await;
        wait_for_report(&client, &namespace, "deployment-web", |report| {
            let status = report.status.as_ref().unwrap();
            status.findings.iter().all(|finding| finding.check != "acme.own-namespace")
                && !status.further.iter().any(|id| id == "acme.own-namespace")
                && !status.unknown.iter().any(|unknown| unknown.check == "acme.own-namespace")
        })
        .await;
    })
    .await;
}

#[tokio::test]
async fn a_rule_with_a_mistake_is_told_with_its_place_and_stops_no_other_policy() {
    in_installation("misruled", async |installation, client, namespace| {
        let plane = installation.plane;
        let (good, bad) = (format!("{namespace}-good"), format!("{namespace}-bad"));
        let mut rule = local_dns();
        rule["expression"] = json!("object.spec.replicas > 1 &&\n  objct.spec.paused");
        let mistaken = json!({
            "apiVersion": "prodready.dev/v1alpha1",
            "kind": "ProductionReadinessPolicy",
            "metadata": {"name": bad},
            "spec": {
                "precedence": 1000,
                "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": namespace}},
                "rules": [rule],
            },
        });
        apply(plane, &mistaken).await;
        let told = wait("the mistake is told", LIMIT, async || {
            let policies: Api<ProductionReadinessPolicy> = Api::all(client.clone());
            let policy = policies.get(&bad).await.map_err(|err| err.to_string())?;
            let conditions = policy.status.iter().flat_map(|status| &status.conditions);
            let mut accepted = conditions.filter(|each| each.type_ == "Accepted");
            let accepted = accepted.next().ok_or("no condition")?;
            serde_json::to_value(accepted).map_err(|err| err.to_string())
        })
        .await;
        assert_eq!(
            (&told["status"], &told["reason"]),
            (&json!("False"), &json!("Invalid"))
        );
        assert_eq!(
            told["message"],
            "spec.rules[0].expression: rule acme.cluster-dns: 2:3: there is no variable objct; \
             there are object, oldObject, namespaceObject, params, related"
        );

        // A report in the cluster spells out the gravest findings first.
        let mut rule = local_dns();
        rule["severity"] = json!("critical");
        let spec = json!({"precedence": 1, "rules": [rule]});
        apply_policy(plane, &good, &namespace, spec).await;
        apply(plane, &with_dns(&namespace, "web", "Default")).await;
        let report = wait_for_report(&client, &namespace, "deployment-web", |report| {
            let status = report.status.as_ref().unwrap();
            status
                .findings
                .iter()
                .any(|finding| finding.check == "acme.cluster-dns")
        })
        .await;
        assert_eq!(report.spec.policy, good);
        let status = report.status.unwrap();
        let finding = status
            .findings
            .iter()
            .find(|finding| finding.check == "acme.cluster-dns")
            .unwrap();
        assert_eq!(
            json!([
                finding.severity,
                finding.category,
                finding.pointer,
                finding.message,
                finding.why,
                finding.fix
            ]),
            json!([
                "critical",
                "Compliance",
                "/spec/template/spec/dnsPolicy",
                "resolves names by Default",
                "Pod does not use the cluster's DNS",
                "Leave out dnsPolicy.",
            ])
        );
    })
    .await;
}

/// What the condition `Accepted` of a policy says of its newest form, where it says so.
async fn told_of(client: &Client, name: &str, status: &str) -> Result<String, String> {
    let policies: Api<ProductionReadinessPolicy> = Api::all(client.clone());
    let policy = policies.get(name).await.map_err(|err| err.to_string())?;
    let generation = policy.metadata.generation;
    let conditions = policy
        .status
        .into_iter()
        .flat_map(|status| status.conditions);
    let mut accepted = conditions.filter(|each| each.type_ == "Accepted");
    let accepted = accepted.next().ok_or("no condition")?;
    if accepted.observed_generation == generation && json!(accepted.status) == status {
        Ok(accepted.message)
    } else {
        Err(accepted.message)
    }
}

#[tokio::test]
async fn a_field_that_is_none_is_told_and_makes_its_rule_alone_unknown() {
    in_installation("misspelt", async |installation, client, namespace| {
        let plane = installation.plane;
        enforce(plane, &namespace, json!({})).await;
        let misspelt = |expression: &str| {
            let mut rule = local_dns();
            rule["id"] = json!("acme.replicas");
            rule["expression"] = json!(expression);
            let mut spec = of_rules(&json!([rule, local_dns()]));
            spec["namespaceSelector"] =
                json!({"matchLabels": {"kubernetes.io/metadata.name": namespace}});
            json!({
                "apiVersion": "prodready.dev/v1alpha1",
                "kind": "ProductionReadinessPolicy",
                "metadata": {"name": namespace},
                "spec": spec,
            })
        };
        // Of a policy whose every form had the mistake, as of one from before an upgrade, the rest is in force.
        kubectl(plane, &["delete", "prp", &namespace])
            .await
            .expect_success();
        apply(plane, &misspelt("has(object.spec.replcas)")).await;
        let told = wait("the mistake is told", LIMIT, async || {
            told_of(&client, &namespace, "False").await
        })
        .await;
        let mistake =
            "1:17: object.spec (DeploymentSpec) has no field replcas; did you mean replicas?";
        assert_eq!(
            told,
            format!(
                "spec.rules[0].expression: rule acme.replicas: {mistake}; such a rule is unknown, \
                 and all else of the policy is in force"
            )
        );
        let manifest = with_dns(&namespace, "new", "Default").to_string();
        let refused = wait("the other rule is in force", LIMIT, async || {
            let create = ["create", "--dry-run=server", "-f", "-"];
            let answer = kubectl_with_input(plane, &create, &manifest).await;
            if answer.stderr.contains("acme.cluster-dns") {
                Ok(answer.stderr)
            } else {
                Err(answer.to_string())
            }
        })
        .await;
        assert!(!refused.contains("acme.replicas"), "{refused}");
        apply(plane, &with_dns(&namespace, "web", "ClusterFirst")).await;
        wait_for_report(&client, &namespace, "deployment-web", |report| {
            let unknown = report.status.iter().flat_map(|status| &status.unknown);
            let reason = format!("expression: {mistake}");
            unknown
                .into_iter()
                .any(|one| one.check == "acme.replicas" && one.reason == reason)
        })
        .await;

        // Once a good form is in force, it stays.
        apply(plane, &misspelt("object.spec.replicas > 0")).await;
        let told = wait("it is mended", LIMIT, async || {
            told_of(&client, &namespace, "True").await
        })
        .await;
        assert_eq!(told, "the policy is in force");
        apply(plane, &misspelt("object.spec.replcas > 0")).await;
        let told = wait("the mistake is told", LIMIT, async || {
            told_of(&client, &namespace, "False").await
        })
        .await;
        assert!(
            told.ends_with("did you mean replicas?; its last good form stays in force"),
            "{told}"
        );
        wait_for_report(&client, &namespace, "deployment-web", |report| {
            let unknown = report.status.iter().flat_map(|status| &status.unknown);
            unknown.into_iter().all(|one| one.check != "acme.replicas")
        })
        .await;
    })
    .await;
}

#[tokio::test]
async fn a_rule_of_the_wrong_shape_is_refused_by_the_api_server() {
    shared_installation().await;
    for (change, told) in [
        (json!({"id": "image-tag"}), "spec.rules[0].id"),
        (json!({"severity": "grave"}), "spec.rules[0].severity"),
        (json!({"weight": 500}), "spec.rules[0].weight"),
        (
            json!({"message": null, "messageExpression": null}),
            "must have a `message`",
        ),
        (
            json!({"params": [{"name": "a"}]}),
            "spec.rules[0].params[0]",
        ),
        (
            json!({"expression": "a".repeat(5000)}),
            "spec.rules[0].expression",
        ),
    ] {
        let mut rule = local_dns();
        for (key, value) in change.as_object().unwrap() {
            rule[key] = value.clone();
        }
        let refused = dry_run(&json!({"rules": [rule]})).await.expect_failure();
        assert!(refused.contains(told), "{change}: {refused}");
    }
    dry_run(&of_rules(&json!([local_dns()])))
        .await
        .expect_success();
    let idle = dry_run(&of_rules(&json!([]))).await.expect_failure();
    assert!(idle.contains("must name what falls short"), "{idle}");
}

async fn dry_run(spec: &Value) -> prodready_testkit::Ran {
    let policy = json!({
        "apiVersion": "prodready.dev/v1alpha1",
        "kind": "ProductionReadinessPolicy",
        "metadata": {"name": "tried"},
        "spec": spec,
    });
    let apply = ["create", "--dry-run=server", "-f", "-"];
    kubectl_with_input(shared(), &apply, &policy.to_string()).await
}
