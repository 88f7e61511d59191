//! Until when exceptions count, and by whose leave.

use serde_json::json;

use super::support::{
    END, IN_FORCE, JUST_BEFORE, agent, allowed, condition, container, decided, denial, deployment,
    policy, privileged, reported, status, strict, told,
};

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
