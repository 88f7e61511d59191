//! What the gate fills in, and what it leaves alone.
#![expect(
    clippy::unwrap_used,
    clippy::needless_pass_by_value,
    reason = "helpers of tests are brief and end their test"
)]

mod support;

use prodready_engine::{
    api::vocabulary::{Profile, WorkloadKind},
    checks,
    fix::apply_patch,
    gate::{Case, Filled, MARK, Reach, fill_in, fills_in, made_now, objections_if_made},
    judge::judge,
    object::{Resource, Workload},
    policy::Policy,
    surroundings::{Cluster, Completeness},
};
use serde_json::{Value, json};

const NOW: &str = "2027-01-10T12:00:00Z";

fn compiled(checks: &[&str]) -> Result<Policy, Vec<String>> {
    let written = json!({
        "apiVersion": "prodready.dev/v1alpha1",
        "kind": "ProductionReadinessPolicy",
        "metadata": {"name": "house"},
        "spec": {
            "profile": "production",
            "checks": [{"id": "privileged-container", "enabled": false}, {"id": "startup-probe", "enabled": false}],
            "enforcement": {"mode": "Enforce", "denyChecks": ["seccomp-profile"]},
            "defaults": {"checks": checks},
        },
    });
    let compiled = Policy::compile(&serde_json::from_value(written).unwrap());
    compiled.map_err(|mistakes| mistakes.iter().map(ToString::to_string).collect())
}

fn policy(checks: &[&str]) -> Policy {
    compiled(checks).unwrap()
}

fn deployment(pod: Value) -> Value {
    json!({
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "cart", "namespace": "shop"},
        "spec": {
            "selector": {"matchLabels": {"app": "cart"}},
            "template": {"metadata": {"labels": {"app": "cart"}}, "spec": pod},
        },
    })
}

fn filled_among(
    cluster: &Cluster,
    policy: &Policy,
    reach: Reach,
    object: &Value,
) -> Option<Filled> {
    let workload = Workload::read(WorkloadKind::Deployment, object).unwrap();
    let case = Case {
        workload: &workload,
        surroundings: cluster.around("shop"),
        policy,
        reach,
        now: NOW.parse().unwrap(),
    };
    fill_in(&case, object.clone())
}

fn filled(policy: &Policy, object: &Value) -> Option<Filled> {
    let cluster = Cluster::new(Completeness::complete());
    filled_among(&cluster, policy, Reach::Policy, object)
}

#[test]
fn what_is_left_out_is_added_marked_and_told_and_another_time_nothing_is() {
    let written = deployment(json!({"containers": [
        {"name": "web", "image": "shop/web:1.4.2"},
        {"name": "proxy", "image": "shop/proxy:2.0.1", "securityContext": {"runAsUser": 1000}},
    ]}));
    let policy = policy(&["seccomp-profile", "privilege-escalation"]);
    let filled_in = filled(&policy, &written).unwrap();

    let mut wanted = written.clone();
    wanted["metadata"]["annotations"] = json!({MARK: "privilege-escalation, seccomp-profile"});
    let pod = &mut wanted["spec"]["template"]["spec"];
    pod["securityContext"] = json!({"seccompProfile": {"type": "RuntimeDefault"}});
    pod["containers"][0]["securityContext"] = json!({"allowPrivilegeEscalation": false});
    pod["containers"][1]["securityContext"] =
        json!({"runAsUser": 1000, "allowPrivilegeEscalation": false});
    assert_eq!(filled_in.object, wanted);
    let mut patched = written;
    apply_patch(&mut patched, &filled_in.patch).unwrap();
    assert_eq!(patched, wanted);
    assert_eq!(
        filled_in.warnings("house"),
        [
            "policy house filled in 3 fields that were left out:",
            "privilege-escalation: spec.template.spec.containers[0].securityContext: {\"allowPrivilegeEscalation\":false}",
            "privilege-escalation: spec.template.spec.containers[1].securityContext.allowPrivilegeEscalation: false",
            "seccomp-profile: spec.template.spec.securityContext: {\"seccompProfile\":{\"type\":\"RuntimeDefault\"}}",
        ]
    );
    assert_eq!(filled(&policy, &wanted), None);
}

/// Both want to be in a list that is not there: the first makes it, the second goes on with it.
#[test]
fn two_checks_may_fill_one_list_that_is_missing_and_none_adds_to_one_that_is_written() {
    let mut written =
        deployment(json!({"containers": [{"name": "web", "image": "shop/web:1.4.2"}]}));
    written["spec"]["replicas"] = json!(3);
    let policy = policy(&["node-spread", "zone-spread"]);
    let filled_in = filled(&policy, &written).unwrap().object;
    let spreads = &filled_in["spec"]["template"]["spec"]["topologySpreadConstraints"];
    let keys: Vec<&Value> = spreads
        .as_array()
        .unwrap()
        .iter()
        .map(|each| &each["topologyKey"])
        .collect();
    assert_eq!(
        keys,
        ["kubernetes.io/hostname", "topology.kubernetes.io/zone"]
    );
    assert_eq!(filled(&policy, &filled_in), None);

    let own = json!([{"maxSkew": 1, "topologyKey": "rack", "whenUnsatisfiable": "DoNotSchedule", "labelSelector": {"matchLabels": {"app": "cart"}}}]);
    written["spec"]["template"]["spec"]["topologySpreadConstraints"] = own;
    assert_eq!(filled(&policy, &written), None);
}

#[test]
fn nothing_is_filled_in_that_no_policy_lists() {
    let written = deployment(json!({"containers": [{"name": "web", "image": "shop/web:1.4.2"}]}));
    assert_eq!(filled(&Policy::of_profile(Profile::Scale), &written), None);
}

#[test]
fn what_is_written_stays_whatever_it_says() {
    let written = deployment(json!({
        "securityContext": {"seccompProfile": {"type": "Unconfined"}},
        "containers": [{"name": "web", "image": "shop/web:1.4.2", "securityContext": {
            "allowPrivilegeEscalation": true, "runAsNonRoot": false, "capabilities": {"drop": ["NET_RAW"]},
        }}],
    }));
    let policy = policy(&[
        "seccomp-profile",
        "privilege-escalation",
        "run-as-non-root",
        "drop-all-capabilities",
    ]);
    assert_eq!(filled(&policy, &written), None);
}

/// As the API server asks again when another webhook changed the object after us.
#[test]
fn what_another_webhook_adds_is_filled_in_when_asked_again_and_the_mark_tells_both() {
    let written = deployment(json!({"containers": [{"name": "web", "image": "shop/web:1.4.2"}]}));
    let first = filled(&policy(&["seccomp-profile"]), &written).unwrap();
    let mut injected = first.object;
    injected["metadata"]["annotations"]["example.com/injected"] = json!("yes");
    let sidecar = json!({"name": "proxy", "image": "shop/proxy:2.0.1", "securityContext": {"allowPrivilegeEscalation": false}});
    let containers = &mut injected["spec"]["template"]["spec"]["containers"];
    containers.as_array_mut().unwrap().push(sidecar);
    let policy = policy(&["seccomp-profile", "privilege-escalation"]);
    let second = filled(&policy, &injected).unwrap();
    assert_eq!(
        second.object["metadata"]["annotations"],
        json!({MARK: "privilege-escalation, seccomp-profile", "example.com/injected": "yes"})
    );
    assert_eq!(filled(&policy, &second.object), None);
}

#[test]
fn an_exception_in_force_keeps_its_finding_from_being_mended() {
    let written = deployment(json!({"containers": [
        {"name": "web", "image": "shop/web:1.4.2"}, {"name": "sudo", "image": "shop/sudo:1.0.0"},
    ]}));
    let exception = |expiration: &str| {
        json!({
            "metadata": {"name": "sudo", "namespace": "shop", "creationTimestamp": "2027-01-01T00:00:00Z"},
            "spec": {
                "workloads": [{"kind": "Deployment", "name": "cart"}],
                "checks": ["privilege-escalation"],
                "containers": [{"name": "sudo"}],
                "reason": "it is sudo",
                "expirationTime": expiration,
                "approvedBy": "olga",
            },
        })
    };
    for (expiration, fields) in [("2027-02-01T00:00:00Z", 1), ("2027-01-05T00:00:00Z", 2)] {
        let mut cluster = Cluster::new(Completeness::complete());
        let exception = serde_json::from_value(exception(expiration)).unwrap();
        cluster.insert(Resource::ReadinessException(exception));
        let policy = policy(&["privilege-escalation"]);
        let filled_in = filled_among(&cluster, &policy, Reach::Policy, &written).unwrap();
        assert_eq!(filled_in.added.len(), fields, "until {expiration}");
    }
}

#[test]
fn what_a_controller_of_an_unknown_kind_makes_is_left_to_it() {
    let written = deployment(json!({"containers": [{"name": "web", "image": "shop/web:1.4.2"}]}));
    let cluster = Cluster::new(Completeness::complete());
    let policy = policy(&["seccomp-profile"]);
    let left = filled_among(&cluster, &policy, Reach::WarnAtMost, &written);
    assert_eq!(left, None);
}

#[test]
fn a_change_is_filled_in_only_where_it_makes_new_pods_all_the_same() {
    let old = deployment(json!({"containers": [{"name": "web", "image": "shop/web:1.4.2"}]}));
    let mut scaled = old.clone();
    scaled["spec"]["replicas"] = json!(3);
    let mut labelled = old.clone();
    labelled["metadata"]["labels"] = json!({"team": "shop"});
    let mut restarted = old.clone();
    restarted["spec"]["template"]["metadata"]["annotations"] = json!({"restarted": "now"});
    let schedule = json!({"spec": {"schedule": "0 1 * * *"}});
    for (kind, object, old, expected) in [
        (WorkloadKind::Deployment, &old, None, true),
        (WorkloadKind::Deployment, &scaled, Some(&old), false),
        (WorkloadKind::Deployment, &labelled, Some(&old), false),
        (WorkloadKind::Deployment, &restarted, Some(&old), true),
        (
            WorkloadKind::CronJob,
            &schedule,
            Some(&json!({"spec": {"schedule": "0 2 * * *"}})),
            true,
        ),
        (WorkloadKind::Pod, &json!({"spec": {}}), None, true),
        (
            WorkloadKind::Pod,
            &json!({"spec": {"a": 1}}),
            Some(&json!({"spec": {}})),
            false,
        ),
        (
            WorkloadKind::Job,
            &json!({"spec": {"a": 1}}),
            Some(&json!({"spec": {}})),
            false,
        ),
    ] {
        assert_eq!(
            fills_in(kind, object, old),
            expected,
            "{kind} {object} {old:?}"
        );
    }
}

#[test]
fn a_check_that_is_filled_in_is_asked_also_where_the_profile_lacks_it() {
    let written = deployment(json!({"containers": [{"name": "web", "image": "shop/web:1.4.2"}]}));
    let filled_in = filled(&policy(&["service-links"]), &written).unwrap();
    assert_eq!(
        filled_in.object["spec"]["template"]["spec"]["enableServiceLinks"],
        false
    );
}

#[test]
fn a_check_that_can_fill_in_nothing_is_a_mistake_with_its_field() {
    let mistakes = compiled(&[
        "no-such-check",
        "image-tag",
        "service-links",
        "startup-probe",
        "seccomp-profile",
    ]);
    assert_eq!(
        mistakes.unwrap_err(),
        [
            "spec.defaults.checks[0]: there is no check `no-such-check`; `prodready checks` lists them",
            "spec.defaults.checks[1]: nothing can be filled in for `image-tag`; `prodready checks --fillable` lists the checks for which it can",
            "spec.defaults.checks[3]: `startup-probe` is switched off in spec.checks; switch it on there, or remove it here",
        ]
    );
}

#[test]
fn what_would_be_filled_in_denies_nothing() {
    let written = deployment(json!({"containers": [{"name": "web", "image": "shop/web:1.4.2"}]}));
    let workload = Workload::read(WorkloadKind::Deployment, &written).unwrap();
    let cluster = Cluster::new(Completeness::complete());
    for (checks, denied) in [
        (&["seccomp-profile"], false),
        (&["privilege-escalation"], true),
    ] {
        let policy = policy(checks);
        let case = Case {
            workload: &workload,
            surroundings: cluster.around("shop"),
            policy: &policy,
            reach: Reach::Policy,
            now: NOW.parse().unwrap(),
        };
        let judgement = judge(&workload, case.surroundings, &policy);
        let objections = objections_if_made(&case, &judgement);
        assert_eq!(!objections.is_empty(), denied, "{checks:?}: {objections:?}");
    }
}

/// The API server sets enableServiceLinks of Pods, but not of templates, before it asks anybody.
#[test]
fn what_the_api_server_fills_in_first_is_not_filled_in() {
    let mut policy = Policy::of_profile(Profile::Scale);
    policy.defaults = checks::fillable()
        .filter(|check| check.id == "service-links")
        .collect();
    let pod = json!({"metadata": {"name": "web"}, "spec": {"containers": [{"name": "web", "image": "web:1"}]}});
    for (kind, object, is_filled_in) in [
        (WorkloadKind::Pod, &pod, false),
        (
            WorkloadKind::Deployment,
            &deployment(pod["spec"].clone()),
            true,
        ),
    ] {
        let workload = Workload::read(kind, object).unwrap();
        let cluster = Cluster::new(Completeness::complete());
        let case = Case {
            workload: &workload,
            surroundings: cluster.around("shop"),
            policy: &policy,
            reach: Reach::Policy,
            now: NOW.parse().unwrap(),
        };
        assert_eq!(made_now(&case).is_some(), is_filled_in, "{kind}");
    }
}

/// Each check that may be listed fills in something in one of its own examples.
#[test]
fn every_check_that_can_be_listed_has_an_example_that_is_filled_in() {
    for check in checks::fillable() {
        let some = support::of_check(check).iter().any(|example| {
            let mut policy = example.policy();
            policy.defaults = vec![check];
            let (cluster, subjects) = example.load(false);
            subjects.iter().any(|subject| {
                let case = Case {
                    workload: &subject.workload,
                    surroundings: cluster.around(&subject.workload.metadata.namespace),
                    policy: &policy,
                    reach: Reach::Policy,
                    now: NOW.parse().unwrap(),
                };
                made_now(&case).is_some()
            })
        });
        assert!(some, "no example of {} is filled in", check.id);
        assert!(
            !check.needs_surroundings(),
            "{}: what it misses may come a moment later",
            check.id
        );
    }
}
