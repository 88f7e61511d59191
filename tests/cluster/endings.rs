//! What exceptions tell before and at their end, and what they count.

use jiff::{Timestamp, ToSpan as _};
use k8s_openapi::api::events::v1::Event;
use kube::{Api, Client, api::ListParams};
use prodready_testkit::wait;
use serde_json::json;

use crate::{
    support::exceptions::{ASKS, approve, create_as, exception, give_roles, wait_for_status},
    support::{
        Installation, LIMIT, Operator, apply, apply_policy, objects::deployment, own_control_plane,
    },
};

/// Reason and name of the exception of each Event about one, in order.
async fn told(client: &Client) -> Vec<(String, String)> {
    let events: Api<Event> = Api::namespaced(client.clone(), "default");
    let listed = events.list(&ListParams::default()).await.unwrap();
    let mut told: Vec<_> = listed
        .items
        .into_iter()
        .filter_map(|event| {
            let about = event.regarding?;
            let is_meant = about.kind.as_deref() == Some("ReadinessException");
            is_meant.then(|| (event.reason.unwrap(), about.name.unwrap()))
        })
        .collect();
    told.sort();
    told
}

async fn wait_until_told(client: &Client, wanted: &[(&str, &str)]) {
    wait(&format!("the Events are {wanted:?}"), LIMIT, async || {
        let told = told(client).await;
        let same = told
            .iter()
            .map(|(reason, name)| (reason.as_str(), name.as_str()))
            .eq(wanted.iter().copied());
        if same {
            Ok(())
        } else {
            Err(format!("{told:?}"))
        }
    })
    .await;
}

async fn wait_for_samples(operator: &Operator, wanted: &[(&str, u64)]) {
    wait(&format!("the metrics tell {wanted:?}"), LIMIT, async || {
        let metrics = operator.metrics().await;
        let is_told = |(sample, value): &(&str, u64)| {
            let line = format!("prodready_{sample} {value}");
            metrics.lines().any(|told| told == line)
        };
        if wanted.iter().all(is_told) {
            Ok(())
        } else {
            let ours = |line: &&str| line.starts_with("prodready_exceptions");
            Err(metrics.lines().filter(ours).collect::<Vec<_>>().join("\n"))
        }
    })
    .await;
}

#[tokio::test]
async fn an_exception_tells_that_it_ends_soon_and_that_it_ended_each_once() {
    let Some(plane) = own_control_plane().await else {
        return;
    };
    let plane = &*plane;
    let mut installation = Installation::start(plane, &[]).await;
    let client = plane.client();
    give_roles(plane, "default").await;
    apply_policy(plane, "everything", "default", json!({})).await;
    apply(plane, &deployment("default", "payments", true)).await;

    // One that comes near its end while we look, one that was to end soon from the start, one that fits nothing.
    let now = Timestamp::now();
    let near = exception("default", "agent", now + (14 * 24).hours() + 15.seconds());
    create_as(plane, ASKS, &near).await.expect_success();
    approve(plane, "default").await;
    let mut idle = exception("default", "idle", now + (30 * 24).hours());
    idle["spec"]["workloads"][0]["name"] = json!("gone");
    create_as(plane, ASKS, &idle).await.expect_success();
    let short = exception("default", "short", Timestamp::now() + 8.seconds());
    create_as(plane, ASKS, &short).await.expect_success();
    wait_for_status(&client, "default", "agent", |status| status.in_force).await;
    assert_eq!(told(&client).await, []);
    assert!(
        Timestamp::now() < now + 8.seconds(),
        "the machine is too slow for this test"
    );

    let ended = ("ExceptionEnded", "short");
    wait_until_told(&client, &[ended]).await;
    let all = [ended, ("ExceptionEndsSoon", "agent")];
    wait_until_told(&client, &all).await;
    assert!(Timestamp::now() >= now + 14.seconds());
    let samples = [
        (
            r#"exceptions{resource_namespace="default",state="in_force"}"#,
            1,
        ),
        (
            r#"exceptions{resource_namespace="default",state="not_in_force"}"#,
            1,
        ),
        (
            r#"exceptions{resource_namespace="default",state="expired"}"#,
            1,
        ),
        (r#"exceptions_ending_soon{resource_namespace="default"}"#, 1),
        (
            r#"exceptions_fitting_nothing{resource_namespace="default"}"#,
            1,
        ),
    ];
    wait_for_samples(&installation.operator, &samples).await;
    let points = r#"prodready_exceptions_forgiven_points{resource_namespace="default",policy="everything"} "#;
    let metrics = installation.operator.metrics().await;
    let forgiven = metrics.lines().find_map(|line| line.strip_prefix(points));
    let forgiven: f64 = forgiven.unwrap().parse().unwrap();
    assert!(forgiven > 0.0 && forgiven < 100.0, "{forgiven}");

    // A replica that begins anew says the same of them and tells nothing again.
    installation.operator.restart().await;
    installation.operator.wait_until_leading().await;
    wait_for_samples(&installation.operator, &samples).await;
    wait_until_told(&client, &all).await;
}
