//! Fields that expressions ask for: what is one, or may be one, is taken; what is none is told.

use serde_json::{Value, json};

use super::{around, deployment, mistake, policy, rule, said, unknown, with, workload};
use crate::{
    api::policy::ProductionReadinessPolicy,
    judge::{CheckResult, judge},
    policy::Policy,
    surroundings::Completeness,
};

/// The specs of all kinds, as a message names them.
const SPECS: &str = "one of DaemonSetSpec, DeploymentSpec, ReplicaSetSpec, StatefulSetSpec, CronJobSpec, JobSpec, PodSpec";

fn of_kinds(expression: &str, kinds: &[&str]) -> Value {
    with(rule(expression), json!({"kinds": kinds}))
}

fn of_containers(expression: &str) -> Value {
    with(rule(expression), json!({"forEach": "containers"}))
}

fn is_taken(rule: Value) {
    let told = rule.to_string();
    assert_eq!(policy(&json!([rule])).err(), None, "{told}");
}

#[test]
fn fields_of_any_kind_that_may_be_asked_are_taken() {
    for expression in [
        "object.spec.replicas > 1",
        "object.spec.serviceName != ''",
        "object.spec.jobTemplate.spec.backoffLimit < 3",
        "object.spec.containers.all(c, c.imagePullPolicy == 'Always')",
        "object.spec.template.spec.containers.all(c, c.livenessProbe.httpGet.port != 80)",
        "object.kind == 'CronJob' ? object.spec.schedule != '' : object.spec.template.spec.hostNetwork",
        "(object.kind == 'CronJob' ? object.spec.jobTemplate.spec.template : object.spec.template).spec.hostPID",
        "object.status.readyReplicas > 0 || object.status.phase == 'Running'",
        "object.metadata.uid != '' && object.metadata.managedFields[0].fieldsV1['f:spec']['f:replicas'] == {}",
        "object.metadata.ownerReferences[0].controller",
        "oldObject == null || oldObject.spec.paused == object.spec.paused",
        "object.spec.volumeClaimTemplates[0].spec.resources.requests.storage == '1Gi'",
        "object.spec.podFailurePolicy.rules[0].onExitCodes.values.exists(code, code == 42)",
    ] {
        is_taken(rule(expression));
    }
}

#[test]
fn keys_that_people_choose_are_taken() {
    for expression in [
        "object.metadata.labels.anything == 'x' && object.metadata.annotations['acme.example/any'] == 'y'",
        "object.spec.selector.matchLabels.anything == 'x'",
        "object.spec.template.spec.nodeSelector['acme.example/pool'] == 'pci'",
        "object.spec.template.spec.containers[0].resources.limits['vendor.example/gpu'] == 1",
        "object.spec.template.spec.containers.all(c, c.resources.requests.memory == c.resources.limits.memory)",
        "object.metadata.?labels[?'any'].orValue('') == '' && object.metadata.?labels.orValue({}).any == ''",
        "'any' in object.metadata.labels && object.metadata.labels.exists(key, key.startsWith('any'))",
        "related.configMaps.all(map, map.data.anything == 'x' && map.data['any.yaml'] != '')",
        "related.resourceQuotas.all(quota, quota.spec.hard['requests.cpu'] != '')",
        "namespaceObject.metadata.labels['any'] == 'gold' && namespaceObject.status.phase == 'Active'",
    ] {
        is_taken(rule(expression));
    }
}

#[test]
fn fields_of_what_is_related_are_taken_and_of_what_others_define_all() {
    for expression in [
        "related.services.all(s, s.spec.ports.all(p, p.targetPort == 8080 && p.nodePort == 0))",
        "related.ingresses.all(i, i.spec.rules[0].http.paths[0].backend.service.port.number == 80)",
        "related.horizontalPodAutoscalers.all(h, h.spec.behavior.scaleDown.policies[0].type == 'Percent')",
        // A file may still have one of autoscaling/v1.
        "related.horizontalPodAutoscalers.all(h, h.spec.targetCPUUtilizationPercentage < 90)",
        "related.podDisruptionBudgets.all(b, b.spec.unhealthyPodEvictionPolicy == 'AlwaysAllow')",
        "related.networkPolicies.all(n, n.spec.egress[0].to[0].ipBlock.cidr != '0.0.0.0/0')",
        "related.serviceAccounts.all(a, a.automountServiceAccountToken == false)",
        "related.persistentVolumeClaims.all(c, c.spec.storageClassName == 'fast')",
        "related.limitRanges.all(l, l.spec.limits[0].defaultRequest.cpu == '1')",
        "related.scaledObjects.all(s, s.spec.anything.at.all == 1)",
        "related.verticalPodAutoscalers.all(s, s.spec.anything.at.all == 1)",
        "related.httpRoutes.all(s, s.spec.anything.at.all == 1)",
    ] {
        is_taken(rule(expression));
    }
}

#[test]
fn where_a_type_cannot_be_known_every_field_is_taken() {
    for expression in [
        "dyn(object.spec).replcas == 2 && has(dyn(object).spec.replcas)",
        "object.spec[params.field].anything == 2",
        "{'a': object.spec}.a.anything == 2",
        "[object.spec, {'replcas': 2}].exists(s, s.replcas == 2)",
        "params.lists.exists(object, object.spec.replcas == 2)",
        "[{'spec': {'replcas': 2}}].all(object, object.spec.replcas == 2)",
        "[1].all(related, related.anything == 2)",
        "object.spec.?strategy.orValue({'anything': 1}).anything == 1",
        "optional.none().orValue(params.lists).anything == 1",
        "object.spec.exists(key, key == 'anything')",
    ] {
        let params = json!({"params": [{"name": "lists", "values": ["a"]}, {"name": "field", "value": "b"}]});
        is_taken(with(rule(expression), params));
    }
    is_taken(of_containers(
        "container.restartPolicy == 'Always' && object.spec.template.spec.containers.exists(c, c.name == container.name)",
    ));
}

#[test]
fn what_tells_kinds_apart_may_ask_for_fields_of_those_that_it_does_not_meet() {
    for expression in [
        "has(object.spec.jobTemplate) ? object.spec.jobTemplate.spec.suspend : object.spec.paused",
        "object.kind != 'StatefulSet' || object.spec.serviceName != ''",
        "object.spec.?serviceName.orValue('') == ''",
    ] {
        is_taken(of_kinds(expression, &["Deployment"]));
    }
    is_taken(with(
        of_kinds("object.spec.serviceName != ''", &["Deployment"]),
        json!({"appliesTo": "object.kind == 'StatefulSet'"}),
    ));
}

#[test]
fn what_was_written_for_other_kinds_as_well_may_ask_for_any_field() {
    let others = "['Deployment', 'PodTemplate'].all(kind, object.kind != kind) || object.template.spec.hostNetwork";
    for expression in [
        "object.kind != 'PodTemplate' || !object.template.spec.?volumes.orValue([]).exists(v, has(v.gitRepo))",
        "\"Rollout\" == object['kind'] ? object.spec.strategy.canary.steps.size() > 0 : true",
        "object.kind in ['Rollout', 'Deployment'] && object.spec.workloadRef.name != ''",
        others,
    ] {
        is_taken(rule(expression));
    }
    is_taken(with(
        rule("object.spec.strategy.canary.steps.size() > 0"),
        json!({"appliesTo": "object.kind == 'Rollout'"}),
    ));
    let told = "1:71: c (Container) has no field imagePullPolcy; did you mean imagePullPolicy?";
    let found = mistake(rule(
        "object.kind == 'Pod' || object.spec.template.spec.containers.all(c, c.imagePullPolcy == 'Always')",
    ));
    assert_eq!(
        found,
        format!("spec.rules[0].expression: rule acme.rule: {told}")
    );
}

#[test]
fn a_field_that_is_none_is_told_with_its_place_and_what_may_be_meant() {
    for (expression, told) in [
        (
            "object.spec.replcas == 2",
            format!("1:13: object.spec ({SPECS}) has no field replcas; did you mean replicas?"),
        ),
        (
            "object.spec.replicas == 1 ||\n  has(object.spec.replcas)",
            format!("2:19: object.spec ({SPECS}) has no field replcas; did you mean replicas?"),
        ),
        (
            "object.spce.replicas == 2",
            "1:8: object (one of DaemonSet, Deployment, ReplicaSet, StatefulSet, CronJob, Job, Pod) has no field spce; did you mean spec?".to_owned(),
        ),
        (
            "object.metadata.label.app == 'x'",
            "1:17: object.metadata (ObjectMeta) has no field label; did you mean labels?".to_owned(),
        ),
        (
            "object.spec.template.spec.containers.all(c, c.imagePullPolcy == 'Always')",
            "1:47: c (Container) has no field imagePullPolcy; did you mean imagePullPolicy?".to_owned(),
        ),
        (
            "object.spec.template.spec.containers[0].resource.limits.cpu == '1'",
            "1:41: object.spec.template.spec.containers[0] (Container) has no field resource; did you mean resources?".to_owned(),
        ),
        (
            "object.spec.template.spec.containers.filter(c, c.name != 'x').map(c, c.resources).exists(r, has(r.limit))",
            "1:99: r (ResourceRequirements) has no field limit; did you mean limits?".to_owned(),
        ),
        (
            "object.spec.template.spec.containers.exists_one(c, c.ports.exists(p, p.containrPort == 80))",
            "1:72: p (ContainerPort) has no field containrPort; did you mean containerPort?".to_owned(),
        ),
        (
            "object.spec.template.spec.containers.image == 'x'",
            "1:38: object.spec.template.spec.containers is a list, which has no field image".to_owned(),
        ),
        (
            "object.spec.replicas.min == 1",
            "1:22: object.spec.replicas is a whole number, which has no field min".to_owned(),
        ),
        (
            "object['spec']['replcas'] == 2",
            format!("1:16: object['spec'] ({SPECS}) has no field replcas; did you mean replicas?"),
        ),
        (
            "'ä' == 'ä' && 'replcas' in object.spec",
            format!("1:15: object.spec ({SPECS}) has no field replcas; did you mean replicas?"),
        ),
        (
            "object.spec.template.spec.?securityContxt.?runAsNonRoot.orValue(false)",
            "1:28: object.spec.template.spec (PodSpec) has no field securityContxt; did you mean securityContext?".to_owned(),
        ),
        (
            "object.spec.template.spec.?securityContext.?runAsNonRot.orValue(false)",
            "1:45: object.spec.template.spec.?securityContext (PodSecurityContext) has no field runAsNonRot; did you mean runAsNonRoot?".to_owned(),
        ),
        (
            "object.spec.?strategy.orValue({}).tipe == 'Recreate'",
            "1:35: object.spec.?strategy.orValue(…) (DeploymentStrategy) has no field tipe; did you mean type?".to_owned(),
        ),
        (
            "(oldObject == null ? object : oldObject).spec.paussed",
            format!("1:47: this ({SPECS}) has no field paussed; did you mean paused?"),
        ),
        (
            "object.spec.template.spec.zebra == 1",
            "1:27: object.spec.template.spec (PodSpec) has no field zebra; if Kubernetes has it by now, write dyn(object.spec.template.spec).zebra".to_owned(),
        ),
        (
            "related.services.all(service, service.spec.typ == 'ClusterIP')",
            "1:44: service.spec (ServiceSpec) has no field typ; did you mean type?".to_owned(),
        ),
        (
            "related.services[0].spec.port == 80",
            "1:26: related.services[0].spec (ServiceSpec) has no field port; did you mean ports?".to_owned(),
        ),
        (
            "namespaceObject.metadata.lables.tier == 'gold'",
            "1:26: namespaceObject.metadata (ObjectMeta) has no field lables; did you mean labels?".to_owned(),
        ),
    ] {
        let told = format!("spec.rules[0].expression: rule acme.rule: {told}");
        assert_eq!(mistake(rule(expression)), told, "{expression}");
    }
    assert_eq!(
        mistake(of_containers("container.imagePullPolcy == 'Always'")),
        "spec.rules[0].expression: rule acme.rule: 1:11: container (Container) has no field imagePullPolcy; did you mean imagePullPolicy?"
    );
}

#[test]
fn whom_a_rule_asks_and_whom_its_policy_selects_decide_which_fields_there_are() {
    let told = "spec.rules[0].expression: rule acme.rule: 1:13: object.spec (DeploymentSpec) has no field serviceName; \
                if Kubernetes has it by now, write dyn(object.spec).serviceName";
    let asked = || of_kinds("object.spec.serviceName != ''", &["Deployment"]);
    assert_eq!(mistake(asked()), told);
    // One that tells kinds apart is told with its own kinds.
    let optional = of_kinds("object.spec.?replcas.orValue(1) == 2", &["Deployment"]);
    assert_eq!(
        mistake(optional),
        "spec.rules[0].expression: rule acme.rule: 1:14: object.spec (DeploymentSpec) has no field replcas; \
         did you mean replicas?"
    );
    let of_policy = |kinds: Value, rule: Value| {
        let written =
            json!({"metadata": {"name": "house"}, "spec": {"kinds": kinds, "rules": [rule]}});
        let written: ProductionReadinessPolicy = serde_json::from_value(written).unwrap();
        Policy::compile(&written)
            .err()
            .map(|errors| errors[0].to_string())
    };
    let plain = || rule("object.spec.serviceName != ''");
    assert_eq!(
        of_policy(json!(["Deployment"]), plain()).as_deref(),
        Some(told)
    );
    assert_eq!(
        of_policy(json!(["Deployment", "StatefulSet"]), plain()),
        None
    );
    // It is never asked.
    assert_eq!(of_policy(json!(["StatefulSet"]), asked()), None);
}

#[test]
fn every_expression_of_a_rule_is_looked_at() {
    let more = json!({
        "appliesTo": "object.spec.replcas > 1",
        "messageExpression": "'runs ' + string(object.spec.relicas)",
    });
    let found = mistake(with(of_kinds("object.spec.pausd", &["Deployment"]), more));
    let told = [
        "expression: rule acme.rule: 1:13: object.spec (DeploymentSpec) has no field pausd; did you mean paused?",
        "appliesTo: rule acme.rule: 1:13: object.spec (DeploymentSpec) has no field replcas; did you mean replicas?",
        "messageExpression: rule acme.rule: 1:30: object.spec (DeploymentSpec) has no field relicas; did you mean replicas?",
    ];
    assert_eq!(
        found,
        told.map(|told| format!("spec.rules[0].{told}")).join("; ")
    );
}

/// A policy of rules, as it may be stored since before fields were looked at.
fn stored(rules: Value) -> Policy {
    let written =
        json!({"metadata": {"name": "house"}, "spec": {"profile": "baseline", "rules": rules}});
    let written: ProductionReadinessPolicy = serde_json::from_value(written).unwrap();
    Policy::compile_stored(&written).unwrap()
}

#[test]
fn a_stored_rule_with_a_field_that_is_none_is_unknown_and_the_others_answer() {
    let told = "1:17: object.spec (DeploymentSpec) has no field replcas; did you mean replicas?";
    let mut wrong = of_kinds("has(object.spec.replcas)", &["Deployment"]);
    wrong["id"] = json!("acme.wrong");
    wrong["deny"] = json!(true);
    let mut each = of_containers("container.nam != ''");
    each["id"] = json!("acme.each");
    let silent = with(
        rule("object.spec.replicas > 2"),
        json!({"id": "acme.silent", "messageExpression": "object.spec.replcas"}),
    );
    let policy = stored(json!([
        wrong,
        each,
        rule("object.spec.replicas == 2"),
        silent
    ]));
    let fields: Vec<&str> = policy
        .unknown_fields
        .iter()
        .map(|told| told.field.as_str())
        .collect();
    assert_eq!(
        fields,
        [
            "spec.rules[0].expression",
            "spec.rules[1].expression",
            "spec.rules[3].messageExpression"
        ]
    );
    assert_eq!(
        policy.unknown_fields[0].message,
        format!("rule acme.wrong: {told}")
    );

    let cluster = around(&policy, &[], Completeness::complete());
    let workload = workload(deployment());
    let mut outcomes = judge(&workload, cluster.around("shop"), &policy).outcomes;
    let mut results = outcomes
        .split_off(outcomes.len() - 4)
        .into_iter()
        .map(|outcome| outcome.result);
    let mut next = || results.next().unwrap();
    assert_eq!(unknown(next()), format!("expression: {told}"));
    assert_eq!(
        unknown(next()),
        "expression: 1:11: container (Container) has no field nam; did you mean name?"
    );
    assert_eq!(next(), CheckResult::Passed);
    // Only its message cannot be made, and another stands in.
    assert_eq!(super::message(next()), "is wrong");
}

#[test]
fn hostile_expressions_are_read_in_time() {
    let nested = format!("{}object.spec{} == 1", "[".repeat(40), "]".repeat(40));
    let long = format!("object.{} == 1", "a".repeat(4000));
    let chain = format!("object{} == 1", ".spec".repeat(800));
    let sum = format!("{}object.spec == 1", "object.spec + ".repeat(40));
    let loops = format!(
        "{}true{}",
        "object.metadata.labels.all(a, ".repeat(20),
        ")".repeat(20)
    );
    for expression in [nested, long, chain, sum, loops] {
        // Taken or told: it comes to an end.
        drop(policy(&json!([rule(&expression)])));
    }
    assert_eq!(said(rule("object.spec.replicas == 2")), CheckResult::Passed);
}
