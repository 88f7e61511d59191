//! Baselines: what they keep, for how long, and what of them is paid.

use jiff::Timestamp;
use prodready_engine::{
    api::vocabulary::WorkloadKind,
    baseline::{Baseline, Extent, Note, Wish, baseline},
    exception::judge,
    gate::{Case, Decision, Reach, decide, objections},
    object::{Workload, exception::ReadinessException},
    policy::{Policy, Ratchet},
};
use serde_json::{Value, json};

use super::support::{
    END, IN_FORCE, agent, at, cluster, container, decided, denial, deployment, named, policy,
    privileged, strict,
};

const WISH: Wish<'_> = Wish {
    extent: Extent::Denying,
    expires: None,
    reason: None,
    ticket: None,
    requested_by: Some("tina"),
    approved_by: None,
    now: Timestamp::UNIX_EPOCH,
};

fn made_at(
    workload: &Workload,
    stored: &[ReadinessException],
    policy: &Policy,
    wish: Wish<'_>,
    now: &str,
) -> Baseline {
    let cluster = cluster(stored);
    let wish = Wish {
        now: at(now),
        ..wish
    };
    baseline(workload, cluster.around("shop"), policy, &wish)
}

fn made(workload: &Workload, stored: &[ReadinessException]) -> Vec<Value> {
    let made = made_at(workload, stored, &strict(), WISH, IN_FORCE);
    assert_eq!(made.notes, []);
    let objects = made.exceptions.iter();
    objects
        .map(|object| serde_json::to_value(object).unwrap())
        .collect()
}

/// As the API server holds it, approved by olga.
fn stored(object: &Value, created: &str) -> ReadinessException {
    let mut object = object.clone();
    object["metadata"]["creationTimestamp"] = json!(created);
    object["spec"]["approvedBy"] = json!("olga");
    serde_json::from_value(object).unwrap()
}

fn two_containers(web_privileged: bool, web_tag: &str) -> Workload {
    let image = format!("registry.example.com:5000/shop/cart{web_tag}");
    deployment(json!([
        container("web", &image, web_privileged),
        container("proxy", "mesh/proxy:1.2", true),
    ]))
}

/// Like an approved exception, with the label of baselines.
fn labelled(fields: Value) -> ReadinessException {
    let mut exception = agent(fields);
    let label = ("prodready.dev/baseline".to_owned(), "true".to_owned());
    exception.metadata.labels.extend([label]);
    exception
}

#[test]
fn it_keeps_what_denies_for_each_container_by_name_and_image() {
    let exceptions = made(&two_containers(true, ":latest"), &[]);
    let of = |name: &str, container: Value, checks: Value| {
        json!({
            "apiVersion": "prodready.dev/v1alpha1",
            "kind": "ReadinessException",
            "metadata": {
                "name": name,
                "namespace": "shop",
                "labels": {"prodready.dev/baseline": "true"},
            },
            "spec": {
                "workloads": [{"kind": "Deployment", "name": "cart"}],
                "checks": checks,
                "containers": [container],
                "reason": "it was there before policy house was enforced",
                "expirationTime": "2027-04-10T00:00:00Z",
                "requestedBy": "tina",
            },
        })
    };
    let web = json!({"name": "web", "image": "registry.example.com:5000/shop/cart"});
    let proxy = json!({"name": "proxy", "image": "mesh/proxy"});
    assert_eq!(
        exceptions,
        [
            of(
                "baseline-proxy.deployment-cart",
                proxy,
                json!(["privileged-container"])
            ),
            of(
                "baseline-web.deployment-cart",
                web,
                json!(["image-tag", "privileged-container"])
            ),
        ]
    );
}

#[test]
fn with_it_the_workload_may_be_made_again_and_a_new_fault_may_not() {
    let before = two_containers(true, ":1.4.2");
    let exceptions: Vec<_> = made(&before, &[])
        .iter()
        .map(|object| stored(object, IN_FORCE))
        .collect();
    assert!(matches!(
        decided(&before, None, &exceptions, IN_FORCE),
        Decision::Allowed { .. }
    ));
    let worse = two_containers(true, ":latest");
    let told = denial(decided(&worse, None, &exceptions, IN_FORCE));
    assert!(told.contains("image-tag"), "{told}");
    assert!(!told.contains("privileged-container"), "{told}");
}

#[test]
fn made_again_it_is_the_same_and_keeps_what_people_wrote() {
    let before = two_containers(true, ":latest");
    let first = made(&before, &[]);
    let mut kept: Vec<_> = first
        .iter()
        .map(|object| stored(object, "2027-01-10T12:00:01Z"))
        .collect();
    kept[0].spec.ticket = Some("SHOP-112".to_owned());
    kept[0].spec.requested_by = Some("udo".to_owned());
    let second = made_at(&before, &kept, &strict(), WISH, "2027-01-20T09:00:00Z");
    let second: Vec<_> = second.exceptions.iter().map(|each| &each.spec).collect();
    assert_eq!(second.len(), 2);
    assert_eq!(second[0].ticket.as_deref(), Some("SHOP-112"));
    assert_eq!(second[0].requested_by.as_deref(), Some("udo"));
    for (spec, stored) in second.iter().zip(&kept) {
        assert_eq!(spec.expiration_time.0, stored.spec.expiration_time);
        assert_eq!(spec.checks, stored.spec.checks);
        assert_eq!(spec.approved_by.as_deref(), Some("olga"));
    }

    let mended = made(&two_containers(false, ":latest"), &kept);
    assert_eq!(mended[1]["spec"]["checks"], json!(["image-tag"]));
    assert_eq!(mended[1]["spec"]["approvedBy"], Value::Null, "it changed");
    assert_eq!(made(&two_containers(false, ":1.4.2"), &kept).len(), 1);
}

#[test]
fn what_other_exceptions_forgive_needs_no_baseline_unless_they_are_over() {
    let cart = privileged();
    assert_eq!(made(&cart, &[agent(json!({}))]).len(), 0);
    assert_eq!(made(&cart, &[agent(json!({"approvedBy": null}))]).len(), 1);
    let over = made_at(&cart, &[agent(json!({}))], &strict(), WISH, END);
    assert_eq!(over.exceptions.len(), 1);
}

#[test]
fn its_end_is_within_what_the_policy_allows() {
    let end = |policy: &Policy, wish: Wish<'_>, stored: &[ReadinessException], now: &str| {
        let made = made_at(&privileged(), stored, policy, wish, now);
        let ends: Vec<String> = made
            .exceptions
            .iter()
            .map(|each| each.spec.expiration_time.0.to_string())
            .collect();
        (ends.concat(), made.notes)
    };
    let asked = |text: &str| Wish {
        expires: Some(at(text)),
        ..WISH
    };
    let days = |days: u16| policy(json!({"maxDays": days}));
    let midnight = "2027-01-17T00:00:00Z";
    assert_eq!(
        end(&days(7), WISH, &[], IN_FORCE),
        (midnight.to_owned(), vec![])
    );
    let sooner = "2027-01-12T08:30:00Z";
    assert_eq!(
        end(&days(7), asked(sooner), &[], IN_FORCE),
        (sooner.to_owned(), vec![])
    );
    let capped = Note::Capped {
        max_days: 7,
        end: at(midnight),
    };
    let later = asked("2027-01-17T12:00:00Z");
    assert_eq!(
        end(&days(7), later, &[], IN_FORCE),
        (midnight.to_owned(), vec![capped])
    );
    let none = Note::NoExceptions {
        policy: "house".to_owned(),
    };
    assert_eq!(
        end(&days(0), WISH, &[], IN_FORCE),
        (String::new(), vec![none])
    );

    let mut until = days(90);
    until.enforcement.ratchet = Ratchet::Until(at(sooner));
    assert_eq!(
        end(&until, WISH, &[], IN_FORCE),
        (sooner.to_owned(), vec![])
    );

    // Ten days old, of ninety: the cap counts from its creation.
    let first = stored(&made(&privileged(), &[])[0], "2027-01-01T00:00:00Z");
    let name = first.metadata.name.clone();
    let longest = asked("2028-01-01T00:00:00Z");
    let (kept, _) = end(&days(90), longest, std::slice::from_ref(&first), IN_FORCE);
    assert_eq!(kept, "2027-04-01T00:00:00Z");
    let (renewed, notes) = end(&days(90), WISH, &[first], "2027-05-01T06:00:00Z");
    assert_eq!(renewed, "2027-07-30T00:00:00Z");
    let namespace = "shop".to_owned();
    assert_eq!(notes, [Note::Outlived { namespace, name }]);
}

#[test]
fn below_the_least_score_every_finding_that_may_speak_is_kept() {
    let mut scored = strict();
    scored.enforcement.deny_severities.clear();
    let moving = deployment(json!([container("web", "shop/cart:latest", false)]));
    let checks = |policy: &Policy, wish: Wish<'_>| -> Vec<String> {
        let made = made_at(&moving, &[], policy, wish, IN_FORCE);
        made.exceptions
            .into_iter()
            .flat_map(|each| each.spec.checks)
            .collect()
    };
    assert_eq!(checks(&scored, WISH), Vec::<String>::new());
    let all = Wish {
        extent: Extent::All,
        ..WISH
    };
    assert_eq!(checks(&scored, all), ["image-tag"]);
    scored.enforcement.minimum_score = Some(90);
    assert_eq!(checks(&scored, WISH), ["image-tag"]);
}

#[test]
fn a_check_of_the_whole_workload_is_kept_without_a_container_and_a_nameless_one_is_told() {
    let asks = prodready_engine::checks::find("host-path").unwrap();
    let policy = strict().narrowed_to(&[asks]);
    let pod = |metadata: Value| {
        let object = json!({
            "metadata": metadata,
            "spec": {
                "containers": [{"name": "web", "image": "shop/cart:1.4.2", "volumeMounts": [{"name": "run", "mountPath": "/run"}]}],
                "volumes": [{"name": "run", "hostPath": {"path": "/var/run"}}],
            },
        });
        Workload::read(WorkloadKind::Pod, object).unwrap()
    };
    let named = pod(json!({"name": "tool", "namespace": "shop"}));
    let whole = made_at(&named, &[], &policy, WISH, IN_FORCE).exceptions;
    assert_eq!(whole.len(), 1);
    assert_eq!(whole[0].metadata.name.as_deref(), Some("baseline.pod-tool"));
    assert_eq!(whole[0].spec.containers, []);
    let nameless = pod(json!({"generateName": "tool-", "namespace": "shop"}));
    let nameless = made_at(&nameless, &[], &policy, WISH, IN_FORCE);
    assert!(nameless.exceptions.is_empty());
    assert!(matches!(nameless.notes[..], [Note::Nameless { .. }]));
}

/// What is paid of an exception.
fn paid(exception: &ReadinessException, workload: &Workload, policy: &Policy) -> Vec<String> {
    let cluster = cluster(std::slice::from_ref(exception));
    let judgement = judge(workload, cluster.around("shop"), policy, at(IN_FORCE));
    let effects = judgement.exceptions.effects.into_iter();
    effects.flat_map(|effect| effect.paid.to_vec()).collect()
}

#[test]
fn what_fails_no_more_is_paid() {
    let both = json!(["image-tag", "privileged-container", "host-path"]);
    for (containers, web_privileged, tag, wanted) in [
        (json!([{"name": "web"}]), true, ":latest", vec![]),
        (json!([{"name": "web"}]), true, ":1.4.2", vec!["image-tag"]),
        (
            json!([{"name": "web"}]),
            false,
            ":latest",
            vec!["privileged-container"],
        ),
        // Of the other container it is not paid.
        (
            json!([{"name": "proxy"}]),
            false,
            ":1.4.2",
            vec!["image-tag"],
        ),
        (json!([]), false, ":1.4.2", vec!["image-tag"]),
        // Another image under that name is another container.
        (
            json!([{"name": "proxy", "image": "mesh/other"}]),
            false,
            ":1.4.2",
            vec!["image-tag", "privileged-container"],
        ),
    ] {
        // The policy does not ask host-path, so that nobody knows.
        let exception = labelled(json!({"checks": both, "containers": containers}));
        let workload = two_containers(web_privileged, tag);
        let found = paid(&exception, &workload, &strict());
        assert_eq!(found, wanted, "{containers} {web_privileged} {tag}");
    }
    let well = two_containers(false, ":1.4.2");
    assert_eq!(
        paid(&agent(json!({"checks": ["image-tag"]})), &well, &strict()),
        [""; 0]
    );
    let mut going = well.clone();
    going.metadata.deletion_timestamp = Some(IN_FORCE.to_owned());
    let exception = labelled(json!({"checks": ["image-tag"]}));
    assert_eq!(paid(&exception, &well, &strict()), ["image-tag"]);
    assert_eq!(paid(&exception, &going, &strict()), [""; 0]);
}

#[test]
fn what_cannot_be_told_or_is_turned_off_is_not_paid() {
    let policy = |expression: &str| {
        let written = json!({
            "apiVersion": "prodready.dev/v1alpha1",
            "kind": "ProductionReadinessPolicy",
            "metadata": {"name": "house"},
            "spec": {
                "profile": "baseline",
                "checks": [{"id": "privileged-container", "enabled": false}],
                "rules": [{
                    "id": "acme.rule",
                    "title": "Wrong",
                    "severity": "critical",
                    "expression": expression,
                    "message": "is wrong",
                    "fix": "Mend it.",
                }],
            },
        });
        Policy::compile(&serde_json::from_value(written).unwrap()).unwrap()
    };
    let rule = labelled(json!({"checks": ["acme.rule"]}));
    assert_eq!(paid(&rule, &privileged(), &policy("true")), ["acme.rule"]);
    assert_eq!(paid(&rule, &privileged(), &policy("false")), [""; 0]);
    let unknown = policy("object.spec.minReadySeconds == 1");
    assert_eq!(paid(&rule, &privileged(), &unknown), [""; 0]);
    let off = labelled(json!({}));
    assert_eq!(paid(&off, &privileged(), &policy("true")), [""; 0]);
}

#[test]
fn an_update_is_never_denied_for_having_had_a_baseline() {
    let (old, mut new) = (privileged(), privileged());
    new.metadata.labels.insert("touched".into(), "yes".into());
    let kept = |decision: Decision| matches!(decision, Decision::Allowed { .. });
    let baseline = [labelled(json!({}))];
    assert!(kept(decided(&new, Some(&old), &baseline, IN_FORCE)));
    assert!(
        kept(decided(&new, Some(&old), &baseline, END)),
        "it is over"
    );
    denial(decided(&new, None, &baseline, END));

    // From another registry, the container is no longer the one that it means; it had the fault before.
    let scoped = [labelled(
        json!({"containers": [{"name": "web", "image": "shop/cart"}]}),
    )];
    let moved = deployment(json!([container(
        "web",
        "mirror.example.com/shop/cart:1.4.2",
        true
    )]));
    assert!(kept(decided(&moved, Some(&old), &scoped, IN_FORCE)));
    denial(decided(&moved, None, &scoped, IN_FORCE));

    // What was paid and comes back is new.
    let well = deployment(json!([container("web", "shop/cart:1.4.2", false)]));
    denial(decided(&privileged(), Some(&well), &[], IN_FORCE));
}

#[test]
fn whoever_writes_the_label_without_an_approval_gains_nothing() {
    let lenient = policy(
        json!({"maxDays": 90, "withoutApproval": {"maxSeverity": "critical", "maxDays": 90}}),
    );
    let own = json!({"approvedBy": null});
    let (old, mut new) = (privileged(), privileged());
    new.metadata.labels.insert("touched".into(), "yes".into());
    for exception in [agent(own.clone()), labelled(own)] {
        let cluster = cluster(&[exception]);
        let case = Case {
            workload: &new,
            surroundings: cluster.around("shop"),
            policy: &lenient,
            reach: Reach::Policy,
            now: at(END),
        };
        let decision = decide(&case, || Some(old.clone())).decision;
        denial(decision);
    }
}

#[test]
fn a_baseline_of_another_s_exception_leaves_nothing_that_denies() {
    let cart = two_containers(true, ":latest");
    let other = named("other", json!({"containers": [{"name": "proxy"}]}));
    let mut exceptions = vec![other.clone()];
    let objects = made(&cart, std::slice::from_ref(&other));
    exceptions.extend(objects.iter().map(|object| stored(object, IN_FORCE)));
    assert_eq!(exceptions.len(), 2);
    let cluster = cluster(&exceptions);
    let policy = strict();
    let judgement = judge(&cart, cluster.around("shop"), &policy, at(IN_FORCE));
    assert!(objections(&judgement, &policy).is_empty());
}
