//! What exceptions say of themselves.

use prodready_engine::{
    exception::mistakes,
    object::{Kind, resource::Known},
};
use serde_json::json;

use super::support::{END, IN_FORCE, agent, condition, status, strict};

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
