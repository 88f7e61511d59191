//! Whom and what exceptions are for, and what that does to the score.

use prodready_engine::exception::mistakes;
use serde_json::json;

use super::support::{
    END, IN_FORCE, agent, at, container, deployment, named, privileged, reported, strict, told,
};

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
