//! More than the gate can take: ordinary requests keep their share; once that is gone as well it says so at once, the API
//! server does as each entry's failure policy says, and once it is over everything is as before.

use std::time::{Duration, Instant};

use kube::Client;
use prodready_testkit::{ControlPlane, wait};
use serde_json::json;

use crate::support::{
    Installation, LIMIT, Operator, apply, enforce,
    flood::{Flood, LARGE, LARGE_CROWD, SMALL, SMALL_CROWD, TOO_SLOW, Told, UNAVAILABLE},
    objects::pod,
    own_control_plane,
    request::{Answer, Sent},
    warn,
};

/// How long slow clients say that they wait.
const SAID: Duration = Duration::from_secs(30);

/// Within this they are answered whatever they say, on a busy machine.
const LET_GO: Duration = Duration::from_secs(15);

/// What is decided at once is decided within this, on a busy machine; the API server itself would wait for 3 seconds.
const AT_ONCE: Duration = Duration::from_millis(1500);

/// The metric that counts what is not answered.
const REJECTED: &str = "prodready_admission_rejected_total";

/// How many found no room so far.
async fn overloaded(operator: &Operator) -> u64 {
    operator.metric(REJECTED, &[r#"reason="overloaded""#]).await
}

/// Creates a Pod in a namespace, as a dry run; the answer, and how long it took.
async fn create(client: &Client, namespace: &str, is_bad: bool) -> (Answer, Duration) {
    let path = format!("/api/v1/namespaces/{namespace}/pods");
    let sent = Sent::create(&path, pod(namespace, "web", is_bad)).in_dry_run();
    let begun = Instant::now();
    let answer = sent.send(client).await;
    (answer, begun.elapsed())
}

/// Two namespaces, in one of which no privileged Pod is let in, while the other warns about it.
async fn set_up(plane: &ControlPlane) {
    let no_privileged = json!({"denySeverities": [], "denyChecks": ["privileged-container"]});
    for name in ["enforced", "warned"] {
        let namespace =
            json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}});
        apply(plane, &namespace).await;
    }
    enforce(plane, "enforced", no_privileged.clone()).await;
    warn(plane, "warned", no_privileged).await;
}

fn assert_is_denied_by_its_policy(answer: &Answer) {
    let told = answer.message();
    assert_eq!(answer.status, 403, "{told}");
    assert!(
        told.contains("Pod/web is not ready by policy enforced"),
        "{told}"
    );
    assert!(told.contains("privileged-container"), "{told}");
}

/// How many were refused at once, and how many were let go for being slow; nobody is told anything else.
fn refused_and_let_go(told: &[Told]) -> (u64, u64) {
    let of = |line: &str| told.iter().filter(|told| told.line == line).count();
    let (refused, let_go) = (of(UNAVAILABLE), of(TOO_SLOW));
    assert_eq!(refused + let_go, told.len(), "{told:?}");
    let longest = told.iter().map(|told| told.after).max().unwrap();
    assert!(
        longest < LET_GO,
        "who said {SAID:?} was waited for as long as {longest:?}"
    );
    (refused as u64, let_go as u64)
}

#[tokio::test]
async fn a_crowd_of_large_slow_bodies_shuts_no_ordinary_request_out() {
    let Some(plane) = own_control_plane().await else {
        return;
    };
    let client = plane.client();
    let installation = Installation::start(&plane, &[]).await;
    set_up(&plane).await;
    let operator = &installation.operator;
    let clients = Flood::of(&client, operator, SAID).await;

    let crowd = clients.crowd(LARGE_CROWD, LARGE);
    for _ in 0..5 {
        let before = overloaded(operator).await;
        wait("large ones find no room", LIMIT, async || {
            overloaded(operator).await > before
        })
        .await;
        let (bad, _) = create(&client, "enforced", true).await;
        assert_is_denied_by_its_policy(&bad);
        let (good, _) = create(&client, "enforced", false).await;
        assert!(good.is_success(), "{good:?}");
    }

    let (refused, let_go) = refused_and_let_go(&crowd.end().await);
    assert!(refused >= 5 && let_go >= 12, "{refused}, {let_go}");
}

#[tokio::test]
async fn a_flood_of_slow_bodies_of_every_size_is_refused_at_once_decided_as_configured_and_gone_by_itself()
 {
    let Some(plane) = own_control_plane().await else {
        return;
    };
    let client = plane.client();
    let installation = Installation::start(&plane, &[]).await;
    let operator = &installation.operator;
    set_up(&plane).await;
    let clients = Flood::of(&client, operator, SAID).await;
    assert_eq!(clients.ask().await, "HTTP/1.1 400 Bad Request");

    let crowds = [
        clients.crowd(LARGE_CROWD, LARGE),
        clients.crowd(SMALL_CROWD, SMALL),
    ];
    // Who is let go leaves a place until the next one comes: what finds it is decided as ever.
    for _ in 0..5 {
        wait("what is enforced finds no room", LIMIT, async || {
            let (answer, took) = create(&client, "enforced", true).await;
            let told = answer.message().to_owned();
            if answer.status == 403 {
                return Err(told);
            }
            assert_eq!(answer.status, 500, "{told}");
            let (failed, unavailable) = (
                "failed calling webhook \"enforce.prodready.dev\"",
                "currently unable to handle the request",
            );
            assert!(
                told.contains(failed) && told.contains(unavailable),
                "{told}"
            );
            assert!(took < AT_ONCE, "what is enforced waited for {took:?}");
            Ok(())
        })
        .await;
        wait("what is warned about finds no room", LIMIT, async || {
            let (answer, took) = create(&client, "warned", true).await;
            assert!(answer.is_success(), "{answer:?}");
            if !answer.warnings.is_empty() {
                return Err(answer.warnings.join("\n"));
            }
            assert!(took < AT_ONCE, "what is warned about waited for {took:?}");
            Ok(())
        })
        .await;
        let (answer, _) = create(&client, "default", true).await;
        assert!(answer.is_success(), "{answer:?}");
    }
    let (ready, _) = operator.get("/readyz").await;
    assert_eq!(
        ready, 200,
        "too much to do is no reason to send everything to the other replica"
    );

    // Nobody ends those who wait, and nothing is restarted.
    let mut all = (0, 0);
    for crowd in crowds {
        let (refused, let_go) = refused_and_let_go(&crowd.end().await);
        assert!(refused > 0, "{let_go} of one size, and all found room");
        all = (all.0 + refused, all.1 + let_go);
    }
    let refused = overloaded(operator).await;
    assert!(refused >= all.0 + 10, "{refused} of {all:?}");
    let too_slow = operator.metric(REJECTED, &[r#"reason="too_slow""#]).await;
    assert_eq!(too_slow, all.1);
    let (answer, _) = create(&client, "enforced", true).await;
    assert_is_denied_by_its_policy(&answer);
    let (answer, _) = create(&client, "warned", true).await;
    assert!(
        answer.is_success() && !answer.warnings.is_empty(),
        "{answer:?}"
    );
}
