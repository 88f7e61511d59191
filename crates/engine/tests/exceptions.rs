//! What exceptions forgive, for whom, and until when, at the gate and in reports.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::needless_pass_by_value,
    reason = "helpers of tests are brief and end their test"
)]

use jiff::Timestamp;
use prodready_engine::{
    api::{
        condition::ConditionStatus, exception::ReadinessExceptionStatus,
        report::ReadinessReportStatus, vocabulary::WorkloadKind,
    },
    exception::{self, judge, mistakes},
    gate::{Case, Decision, Reach, decide, decide_scale},
    object::{Kind, Resource, Workload, exception::ReadinessException, resource::Known},
    policy::Policy,
    report::{self, Extent},
    score::score,
    surroundings::{Cluster, Completeness},
};
use serde_json::{Value, json};

const CREATED: &str = "2027-01-01T00:00:00Z";
const END: &str = "2027-03-01T00:00:00Z";
const JUST_BEFORE: &str = "2027-02-28T23:59:59.999999999Z";
const IN_FORCE: &str = "2027-01-10T12:00:00Z";

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// A policy that asks two checks: `privileged-container` weighs 10, `image-tag` 5.
fn policy(exceptions: Value) -> Policy {
    let written = json!({
        "apiVersion": "prodready.dev/v1alpha1",
        "kind": "ProductionReadinessPolicy",
        "metadata": {"name": "house"},
        "spec": {
            "profile": "baseline",
            "exceptions": exceptions,
            "enforcement": {"mode": "Enforce", "denySeverities": ["critical", "high"]},
        },
    });
    let policy = Policy::compile(&serde_json::from_value(written).unwrap()).unwrap();
    policy.narrowed_to(
        &["privileged-container", "image-tag"]
            .map(|id| prodready_engine::checks::find(id).unwrap()),
    )
}

fn strict() -> Policy {
    policy(json!({"maxDays": 90}))
}

fn container(name: &str, image: &str, privileged: bool) -> Value {
    json!({"name": name, "image": image, "securityContext": {"privileged": privileged}})
}

fn deployment(containers: Value) -> Workload {
    let object = json!({
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "cart", "namespace": "shop", "labels": {"app": "cart"}},
        "spec": {
            "replicas": 2,
            "selector": {"matchLabels": {"app": "cart"}},
            "template": {"metadata": {"labels": {"app": "cart"}}, "spec": {"containers": containers}},
        },
    });
    Workload::read(WorkloadKind::Deployment, object).unwrap()
}

fn privileged() -> Workload {
    deployment(json!([container("web", "shop/cart:1.4.2", true)]))
}

/// An approved exception of `privileged-container` for Deployment/cart, with fields of the spec replaced or, by
/// `null`, taken away.
fn named(name: &str, fields: Value) -> ReadinessException {
    let mut spec = json!({
        "workloads": [{"kind": "Deployment", "name": "cart"}],
        "checks": ["privileged-container"],
        "reason": "the vendor's agent needs it until release 4.2",
        "expirationTime": END,
        "requestedBy": "tina",
        "approvedBy": "olga",
    });
    for (field, value) in fields.as_object().unwrap() {
        spec[field] = value.clone();
    }
    serde_json::from_value(json!({
        "apiVersion": "prodready.dev/v1alpha1",
        "kind": "ReadinessException",
        "metadata": {"name": name, "namespace": "shop", "creationTimestamp": CREATED},
        "spec": spec,
    }))
    .unwrap()
}

fn agent(fields: Value) -> ReadinessException {
    named("agent", fields)
}

fn cluster(exceptions: &[ReadinessException]) -> Cluster {
    let mut cluster = Cluster::new(Completeness::complete());
    for exception in exceptions {
        cluster.insert(Resource::ReadinessException(exception.clone()));
    }
    cluster
}

fn reported(
    workload: &Workload,
    exceptions: &[ReadinessException],
    policy: &Policy,
    now: &str,
) -> ReadinessReportStatus {
    let cluster = cluster(exceptions);
    let judgement = judge(workload, cluster.around("shop"), policy, at(now));
    let scored = score(&judgement, policy.thresholds);
    report::status(workload, policy, &judgement, &scored, Extent::Full)
}

/// The findings that are left, and those forgiven, each as `check/container` and the latter with the exception.
fn told(status: &ReadinessReportStatus) -> (Vec<String>, Vec<String>) {
    let container = |name: &Option<String>| name.clone().unwrap_or_default();
    let left = status.findings.iter();
    let left = left.map(|finding| format!("{}/{}", finding.check, container(&finding.container)));
    let forgiven = status.exceptions.iter();
    let forgiven = forgiven.map(|each| {
        format!(
            "{}/{} by {}",
            each.check,
            container(&each.container),
            each.name
        )
    });
    (left.collect(), forgiven.collect())
}

fn decided(
    workload: &Workload,
    old: Option<&Workload>,
    exceptions: &[ReadinessException],
    now: &str,
) -> Decision {
    let cluster = cluster(exceptions);
    let policy = strict();
    let case = Case {
        workload,
        surroundings: cluster.around("shop"),
        policy: &policy,
        reach: Reach::Policy,
        now: at(now),
    };
    decide(&case, || old.cloned()).decision
}

#[track_caller]
fn denial(decision: Decision) -> String {
    match decision {
        Decision::Denied(denial) => denial.message,
        Decision::Allowed { warnings } => panic!("allowed: {warnings:?}"),
    }
}

fn allowed(warnings: &[&str]) -> Decision {
    Decision::Allowed {
        warnings: warnings.iter().map(ToString::to_string).collect(),
    }
}

fn status(exception: &ReadinessException, policy: &Policy, now: &str) -> ReadinessExceptionStatus {
    let cluster = cluster(std::slice::from_ref(exception));
    let workload = privileged();
    let judgement = judge(&workload, cluster.around("shop"), policy, at(now));
    let effects: Vec<_> = judgement
        .exceptions
        .effects
        .into_iter()
        .map(|effect| (workload.display_name(), effect))
        .collect();
    exception::status(exception, &effects, at(now))
}

/// Status, reason and message of a condition.
fn condition(status: &ReadinessExceptionStatus, type_: &str) -> (bool, String, String) {
    let found = status
        .conditions
        .iter()
        .find(|each| each.type_ == type_)
        .unwrap();
    let holds = found.status == ConditionStatus::True;
    (holds, found.reason.clone(), found.message.clone())
}

#[test]
fn it_forgives_until_its_very_end_and_nothing_from_then_on() {
    let exceptions = [agent(json!({}))];
    let before = reported(&privileged(), &exceptions, &strict(), JUST_BEFORE);
    assert_eq!(
        told(&before),
        (vec![], vec!["privileged-container/web by agent".to_owned()])
    );
    assert_eq!(
        decided(&privileged(), None, &exceptions, "2027-01-10T00:00:00Z"),
        allowed(&[])
    );

    let after = reported(&privileged(), &exceptions, &strict(), END);
    assert_eq!(
        told(&after),
        (vec!["privileged-container/web".to_owned()], vec![])
    );
    let denial = denial(decided(&privileged(), None, &exceptions, END));
    assert!(
        denial.contains("\nexception agent is not in force: it has expired."),
        "{denial}"
    );
}

#[test]
fn what_is_forgiven_is_in_no_sum_and_what_it_would_cost_is_told() {
    // `image-tag` passes: 5 of 15 are 33, the rest is what the finding costs.
    let status = reported(&privileged(), &[agent(json!({}))], &strict(), IN_FORCE);
    assert_eq!(status.score, Some(100));
    assert_eq!(status.score_without_exceptions, Some(33));
    assert_eq!(status.forgiven, Some(1));
    assert_eq!(status.points_forgiven.map(|points| points.0), Some(6700));
    assert_eq!(status.exceptions[0].expiration_time.0, at(END));
    assert_eq!(status.summary.critical, 0);

    let none = reported(&privileged(), &[], &strict(), IN_FORCE);
    assert_eq!((none.score, none.forgiven), (Some(33), None));
    assert_eq!(none.score_without_exceptions, None);
}

#[test]
fn one_that_lasts_longer_than_the_policy_allows_forgives_nothing() {
    for (end, days, forgives) in [
        ("2027-04-01T00:00:00Z", 90, true),
        ("2027-04-01T00:00:01Z", 90, false),
        ("2027-01-10T12:00:01Z", 0, false),
    ] {
        let policy = policy(json!({"maxDays": days}));
        let exception = agent(json!({"expirationTime": end}));
        let status = reported(&privileged(), &[exception], &policy, IN_FORCE);
        assert_eq!(status.findings.is_empty(), forgives, "{end} {days}");
    }
    let long = agent(json!({"expirationTime": "2028-01-01T00:00:00Z"}));
    let told = condition(&status(&long, &strict(), IN_FORCE), "InForce");
    let why = "it lasts longer than the 90 days that the policy allows";
    assert_eq!(told, (false, "TooLong".to_owned(), why.to_owned()));
}

#[test]
fn nothing_counts_without_approval_but_what_the_policy_lets() {
    let lenient = json!({"maxDays": 90, "withoutApproval": {"maxSeverity": "high", "maxDays": 14}});
    let moving = deployment(json!([container("web", "shop/cart:latest", false)]));
    for (exceptions, checks, end, forgives) in [
        (
            json!({"maxDays": 90}),
            json!(["image-tag"]),
            "2027-01-15T00:00:00Z",
            false,
        ),
        (
            lenient.clone(),
            json!(["image-tag"]),
            "2027-01-15T00:00:00Z",
            true,
        ),
        (
            lenient.clone(),
            json!(["image-tag"]),
            "2027-01-15T00:00:01Z",
            false,
        ),
        // It names a critical check too.
        (
            lenient,
            json!(["image-tag", "privileged-container"]),
            "2027-01-15T00:00:00Z",
            false,
        ),
    ] {
        let asked = agent(json!({"checks": checks, "approvedBy": null, "expirationTime": end}));
        let status = reported(&moving, &[asked], &policy(exceptions), IN_FORCE);
        assert_eq!(status.findings.is_empty(), forgives, "{checks} {end}");
    }
    let told = condition(
        &status(&agent(json!({"approvedBy": null})), &strict(), IN_FORCE),
        "InForce",
    );
    let why = "nobody has approved it (spec.approvedBy)";
    assert_eq!(told, (false, "NotApproved".to_owned(), why.to_owned()));
}

#[test]
fn containers_are_told_by_name_by_image_or_by_both() {
    let pods = deployment(json!([
        container("web", "shop/cart:1.4.2", true),
        container("proxy", "mesh/proxy:1.2", true),
    ]));
    for (containers, left) in [
        (json!([{"name": "proxy"}]), vec!["privileged-container/web"]),
        (
            json!([{"image": "mesh/proxy"}]),
            vec!["privileged-container/web"],
        ),
        (
            json!([{"image": "docker.io/mesh/proxy:1.2"}]),
            vec!["privileged-container/web"],
        ),
        (
            json!([{"name": "proxy", "image": "mesh/proxy"}]),
            vec!["privileged-container/web"],
        ),
        (json!([{"name": "web"}, {"image": "mesh/proxy"}]), vec![]),
        // The name alone is anybody's: with another image it is not the one that is meant.
        (
            json!([{"name": "web", "image": "mesh/proxy"}]),
            vec!["privileged-container/web", "privileged-container/proxy"],
        ),
        (
            json!([{"image": "mesh/proxy:1.3"}, {"image": "mesh/prox"}, {"name": "prox"}]),
            vec!["privileged-container/web", "privileged-container/proxy"],
        ),
    ] {
        let scoped = agent(json!({"containers": containers}));
        let status = reported(&pods, &[scoped], &strict(), IN_FORCE);
        assert_eq!(told(&status).0, left, "{containers}");
    }
}

#[test]
fn a_check_counts_for_the_containers_that_are_left() {
    let pods = deployment(json!([
        container("web", "shop/cart:1.4.2", true),
        container("proxy", "mesh/proxy:1.2", true),
        container("log", "shop/log:2.0", false),
    ]));
    let scoped = agent(json!({"containers": [{"name": "proxy"}]}));
    let status = reported(&pods, &[scoped], &strict(), IN_FORCE);
    // Of web and log one is well: (10 / 2 + 5) of 15. Without the exception one of three: (10 / 3 + 5) of 15.
    assert_eq!(status.score, Some(66));
    assert_eq!(status.score_without_exceptions, Some(55));
}

#[test]
fn checks_are_exact_and_a_file_that_means_otherwise_is_told() {
    let ids = json!([
        "*",
        "privileged",
        "privileged-*",
        "Privileged-Container",
        "privileged-container "
    ]);
    let wild = agent(json!({"checks": ids}));
    let status = reported(
        &privileged(),
        std::slice::from_ref(&wild),
        &strict(),
        IN_FORCE,
    );
    assert_eq!(told(&status).0, vec!["privileged-container/web"]);
    let fields: Vec<String> = mistakes(&wild)
        .into_iter()
        .map(|found| found.field)
        .collect();
    let wanted: Vec<String> = (0..5)
        .map(|index| format!("spec.checks[{index}]"))
        .collect();
    assert_eq!(fields, wanted);
}

#[test]
fn only_those_whom_it_names_have_it() {
    let labels = |app: &str| json!({"workloads": [], "selector": {"matchLabels": {"app": app}}});
    for (fields, forgives) in [
        (json!({}), true),
        (
            json!({"workloads": [{"kind": "StatefulSet", "name": "cart"}]}),
            false,
        ),
        (
            json!({"workloads": [{"kind": "Deployment", "name": "cart-2"}]}),
            false,
        ),
        (
            json!({"workloads": [{"kind": "Namespace", "name": "shop"}]}),
            false,
        ),
        (labels("cart"), true),
        (labels("shop"), false),
        // The schema refuses these; what got in is for nobody.
        (json!({"workloads": []}), false),
        (json!({"workloads": [], "selector": {}}), false),
    ] {
        let exception = agent(fields.clone());
        let status = reported(&privileged(), &[exception], &strict(), IN_FORCE);
        assert_eq!(status.findings.is_empty(), forgives, "{fields}");
    }
    let mut elsewhere = agent(json!({}));
    elsewhere.metadata.namespace = "other".to_owned();
    let status = reported(&privileged(), &[elsewhere], &strict(), IN_FORCE);
    assert_eq!(status.findings.len(), 1);
}

#[test]
fn of_several_one_that_counts_is_enough_and_the_last_to_end_has_the_finding() {
    let moving = deployment(json!([container("web", "shop/cart:latest", true)]));
    let exceptions = [
        named(
            "a-expired",
            json!({"expirationTime": "2027-01-05T00:00:00Z"}),
        ),
        named("b-short", json!({"expirationTime": "2027-01-20T00:00:00Z"})),
        named("c-long", json!({})),
        named("d-tag", json!({"checks": ["image-tag"]})),
        named("e-asked", json!({"approvedBy": null})),
    ];
    let status = reported(&moving, &exceptions, &strict(), IN_FORCE);
    let forgiven = [
        "privileged-container/web by c-long",
        "image-tag/web by d-tag",
    ];
    assert_eq!(
        told(&status),
        (vec![], forgiven.map(str::to_owned).to_vec())
    );
    assert_eq!(
        (status.score, status.score_without_exceptions),
        (None, Some(0))
    );
}

#[test]
fn from_fourteen_days_before_its_end_it_is_warned_about() {
    let exceptions = [agent(json!({}))];
    let decision = |now| decided(&privileged(), None, &exceptions, now);
    assert_eq!(decision("2027-02-14T23:59:59Z"), allowed(&[]));
    let warning =
        "1 finding counts again from 2027-03-01 00:00 UTC (in 14 days), when exception agent ends";
    assert_eq!(decision("2027-02-15T00:00:00Z"), allowed(&[warning]));

    let soon = |now| condition(&status(&exceptions[0], &strict(), now), "EndsSoon").0;
    assert!(!soon("2027-02-14T23:59:59Z"));
    assert!(soon("2027-02-15T00:00:00Z"));
    assert!(!soon(END), "it is over");
}

#[test]
fn what_an_exception_let_in_is_no_fault_of_before_once_it_has_ended() {
    let exceptions = [agent(json!({}))];
    let (old, mut new) = (privileged(), privileged());
    new.metadata.labels.insert("touched".into(), "yes".into());
    assert_eq!(
        decided(&new, Some(&old), &exceptions, IN_FORCE),
        allowed(&[])
    );
    denial(decided(&new, Some(&old), &exceptions, END));
    // Nobody ever excepted it: the ratchet keeps it.
    assert!(matches!(
        decided(&new, Some(&old), &[], END),
        Decision::Allowed { .. }
    ));
    // Another container is not what the exception is for.
    let scoped = [agent(json!({"containers": [{"name": "proxy"}]}))];
    assert!(matches!(
        decided(&new, Some(&old), &scoped, END),
        Decision::Allowed { .. }
    ));
}

#[test]
fn a_scale_goes_through_with_the_parent_s_exception_and_after_it() {
    let policy = strict();
    let (cluster, parent) = (cluster(&[agent(json!({}))]), privileged());
    for now in [IN_FORCE, END] {
        let case = Case {
            workload: &parent,
            surroundings: cluster.around("shop"),
            policy: &policy,
            reach: Reach::Policy,
            now: at(now),
        };
        let decision = decide_scale(&case, 3).decision;
        assert!(
            matches!(decision, Decision::Allowed { .. }),
            "{now}: {decision:?}"
        );
    }
}

#[test]
fn its_status_says_what_it_matches_and_that_it_matches_nothing() {
    let matching = status(&agent(json!({})), &strict(), IN_FORCE);
    assert!(matching.in_force);
    assert_eq!(matching.workloads, ["Deployment/cart"]);
    assert_eq!((matching.workload_count, matching.findings), (1, 1));
    assert_eq!(matching.points_forgiven.0, 6700);
    assert_eq!(condition(&matching, "Matches").1, "Findings");

    let healthy = status(
        &agent(json!({"checks": ["image-tag"]})),
        &strict(),
        IN_FORCE,
    );
    assert_eq!((healthy.in_force, healthy.findings), (true, 0));
    assert_eq!(condition(&healthy, "Matches").1, "NoFinding");

    let nobody = json!({"workloads": [{"kind": "Deployment", "name": "crat"}]});
    let nobody = status(&agent(nobody), &strict(), IN_FORCE);
    assert!(!nobody.in_force);
    let (holds, reason, message) = condition(&nobody, "Matches");
    assert_eq!((holds, reason.as_str()), (false, "NoWorkload"));
    assert!(
        message.contains("no workload of this namespace"),
        "{message}"
    );

    let expired = status(&agent(json!({})), &strict(), END);
    assert_eq!(condition(&expired, "InForce").1, "Expired");
    assert_eq!((expired.in_force, expired.findings), (false, 1));
    assert_eq!(expired.points_forgiven.0, 0);
}

#[test]
fn mistakes_that_the_schema_would_refuse_are_told_by_field() {
    for (fields, field) in [
        (
            json!({"selector": {"matchLabels": {"app": "cart"}}}),
            "spec",
        ),
        (json!({"workloads": []}), "spec"),
        (json!({"workloads": [], "selector": {}}), "spec.selector"),
        (json!({"checks": []}), "spec.checks"),
        (
            json!({"containers": [{"name": "web"}, {}]}),
            "spec.containers[1]",
        ),
        (json!({"reason": "because"}), "spec.reason"),
    ] {
        let found: Vec<String> = mistakes(&agent(fields.clone()))
            .into_iter()
            .map(|one| one.field)
            .collect();
        assert_eq!(found, [field], "{fields}");
    }
    assert_eq!(mistakes(&agent(json!({}))), []);
}

#[test]
fn it_is_read_as_a_kind_that_surrounds_workloads() {
    let known = Known::find("prodready.dev/v1alpha1", "ReadinessException");
    assert_eq!(known, Some(Known::Surrounding(Kind::ReadinessException)));
}
