//! More than the gate can take: it says so at once, the API server does as each entry's failure policy says, and
//! once it is over everything is as before.

use std::time::{Duration, Instant};

use kube::Client;
use prodready_testkit::{ControlPlane, wait};
use serde_json::json;

use crate::support::{
    Installation, LIMIT, apply, enforce,
    flood::{Flood, LARGE, SMALL, TOO_SLOW, UNAVAILABLE},
    objects::pod,
    own_control_plane,
    request::{Answer, Sent},
    warn,
};

/// Large ones, of which the last three find no room.
const CROWD: usize = 12;

/// How long each is waited for, as it says itself.
const PATIENCE: Duration = Duration::from_secs(12);

/// What is decided at once is decided within this, on a busy machine; the API server itself would wait for 3 seconds.
const AT_ONCE: Duration = Duration::from_millis(1500);

/// Creates a bad Pod in a namespace, as a dry run; the answer, and how long it took.
async fn create_bad(client: &Client, namespace: &str) -> (Answer, Duration) {
    let path = format!("/api/v1/namespaces/{namespace}/pods");
    let bad = Sent::create(&path, pod(namespace, "bad", true)).in_dry_run();
    let begun = Instant::now();
    let answer = bad.send(client).await;
    (answer, begun.elapsed())
}

async fn make_namespace(plane: &ControlPlane, name: &str) {
    let namespace = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}});
    apply(plane, &namespace).await;
}

#[tokio::test]
async fn a_flood_of_large_slow_bodies_is_refused_at_once_decided_as_configured_and_gone_by_itself()
{
    let Some(plane) = own_control_plane().await else {
        return;
    };
    let client = plane.client();
    let installation = Installation::start(&plane, &[]).await;
    let operator = &installation.operator;
    let no_privileged = json!({"denySeverities": [], "denyChecks": ["privileged-container"]});
    make_namespace(&plane, "enforced").await;
    make_namespace(&plane, "warned").await;
    enforce(&plane, "enforced", no_privileged.clone()).await;
    warn(&plane, "warned", no_privileged).await;
    let clients = Flood::of(&client, operator, PATIENCE).await;
    assert_eq!(clients.ask().await, "HTTP/1.1 400 Bad Request");

    let begun = Instant::now();
    let mut crowd = Vec::new();
    for _ in 0..CROWD {
        crowd.push(clients.drip(LARGE).await);
    }
    wait("the gate is full", LIMIT, async || {
        crowd.push(clients.drip(SMALL).await);
        let told = clients.ask().await;
        if told == UNAVAILABLE {
            Ok(())
        } else {
            Err(told)
        }
    })
    .await;
    for _ in 0..5 {
        let (answer, took) = create_bad(&client, "enforced").await;
        let told = answer.message();
        assert_eq!(answer.status, 500, "{told}");
        assert!(
            told.contains("failed calling webhook \"enforce.prodready.dev\""),
            "{told}"
        );
        assert!(
            told.contains("currently unable to handle the request"),
            "{told}"
        );
        assert!(took < AT_ONCE, "what is enforced waited for {took:?}");
        let (answer, took) = create_bad(&client, "warned").await;
        assert!(
            answer.is_success() && answer.warnings.is_empty(),
            "{answer:?}"
        );
        assert!(took < AT_ONCE, "what is warned about waited for {took:?}");
        let (answer, _) = create_bad(&client, "default").await;
        assert!(answer.is_success(), "{answer:?}");
    }
    assert!(
        begun.elapsed() < PATIENCE,
        "the machine is too slow for this test"
    );
    let (ready, _) = operator.get("/readyz").await;
    assert_eq!(
        ready, 200,
        "too much to do is no reason to send everything to the other replica"
    );
    let rejected = "prodready_admission_rejected_total";
    let counted = operator.metric(rejected, &[r#"reason="overloaded""#]).await;
    assert!(counted >= 11, "{counted} are counted");

    // Nobody ends the crowd, and nothing is restarted.
    let mut told = Vec::new();
    for each in crowd {
        told.push(each.await.unwrap());
    }
    let refused = told.iter().filter(|told| *told == UNAVAILABLE).count();
    let waited_for = told.iter().filter(|told| *told == TOO_SLOW).count();
    assert!(refused >= 3 && waited_for >= 9, "{told:?}");
    assert_eq!(refused + waited_for, told.len(), "{told:?}");
    let (answer, _) = create_bad(&client, "enforced").await;
    assert!(
        answer
            .message()
            .contains("Pod/bad is not ready by policy enforced"),
        "{answer:?}"
    );
    let (answer, _) = create_bad(&client, "warned").await;
    assert!(
        answer.is_success() && !answer.warnings.is_empty(),
        "{answer:?}"
    );
}
