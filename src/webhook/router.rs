//! The gate's routes over HTTP: one for each entry.

use std::sync::Arc;

use axum::{
    Router,
    body::Bytes,
    extract::{DefaultBodyLimit, FromRequest as _, Request, State, rejection::BytesRejection},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::post,
};
use tokio::{
    sync::mpsc,
    time::{Instant, timeout_at},
};
use tracing::{debug, info, warn};

use super::{
    defaults::{self, FILLED},
    entry::Entry,
    limits::{InFlight, patience},
    probe,
    review::{Answered, Passage, Record, answer},
};
use crate::{snapshot::Shared, telemetry::metrics::AdmissionMetrics};

/// The API server sends objects of at most 3 MiB; an UPDATE carries two of them.
pub const BODY_LIMIT: usize = 7 * 1024 * 1024;

/// What the gate needs to answer.
#[derive(Clone, Debug)]
pub struct Gate {
    /// The newest snapshot.
    pub snapshot: Shared,
    /// Counts and durations.
    pub metrics: Arc<AdmissionMetrics>,
    /// Where it is noted who was let past.
    pub passages: mpsc::Sender<Passage>,
    /// The name of this replica, as a probe is told.
    pub replica: Arc<str>,
    /// Where the checks are explained, for links in denials.
    pub docs_base_url: Option<Arc<str>>,
    /// What is under way.
    pub limits: InFlight,
}

/// The gate's routes.
pub fn router(gate: Gate) -> Router {
    let of = |entry: Entry| {
        post(async move |State(gate): State<Gate>, request: Request| {
            receive(entry, &gate, request).await
        })
    };
    Entry::ALL
        .into_iter()
        .fold(Router::new(), |router, entry| {
            router.route(&entry.path(), of(entry))
        })
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .with_state(gate)
}

/// Takes a request in, unless too much is under way, and reads it unless it is slower than the API server ever is.
/// What is not answered is decided by the entry's failure policy, at once.
async fn receive(entry: Entry, gate: &Gate, request: Request) -> Response {
    let _in_flight = gate.metrics.in_flight();
    let until = Instant::now() + patience(request.uri());
    let Some(_admitted) = gate.limits.admit(request.headers(), BODY_LIMIT) else {
        gate.metrics.rejected("overloaded");
        return unavailable("too many requests are under way");
    };
    if let Ok(body) = timeout_at(until, Bytes::from_request(request, &())).await {
        return validate(entry, gate, body);
    }
    gate.metrics.rejected("too_slow");
    let told = "the AdmissionReview took too long to arrive";
    (StatusCode::REQUEST_TIMEOUT, told).into_response()
}

fn unavailable(told: &'static str) -> Response {
    (StatusCode::SERVICE_UNAVAILABLE, told).into_response()
}

fn validate(entry: Entry, gate: &Gate, body: Result<Bytes, BytesRejection>) -> Response {
    let body = match body {
        Ok(body) => body,
        Err(rejection) => return refused(gate, &rejection),
    };
    let snapshot = gate.snapshot.load();
    if !snapshot.synced {
        gate.metrics.rejected("not_synced");
        return unavailable("the first lists are not in yet; try again");
    }
    let answered = match entry {
        // Neither logged nor counted: nobody's object is spoken of.
        Entry::Probe => probe::answer(&body, &gate.replica),
        Entry::Defaults => defaults::answer(&body, &snapshot).map(|answered| told(gate, answered)),
        Entry::Enforce | Entry::Warn | Entry::Breakglass => {
            let docs = gate.docs_base_url.as_deref();
            answer(&body, entry, &snapshot, docs).map(|answered| told(gate, answered))
        }
    };
    match answered {
        Ok(body) => ([(header::CONTENT_TYPE, "application/json")], body).into_response(),
        Err(err) => {
            warn!(error = %err, bytes = body.len(), "malformed AdmissionReview");
            gate.metrics.rejected("malformed");
            (StatusCode::BAD_REQUEST, err.to_string()).into_response()
        }
    }
}

/// Logs and counts a decision, and passes its body on.
fn told(gate: &Gate, answered: Answered) -> Vec<u8> {
    log(&answered.record);
    // What was left as it is comes by another entry as well, which counts it.
    if answered.record.entry != Entry::Defaults.word() || answered.record.decision == FILLED {
        gate.metrics.decided(&answered.record);
    }
    if let Some(passage) = answered.passage {
        note(gate, passage);
    }
    answered.body
}

/// Counts and logs at once; the Event is made after the answer.
fn note(gate: &Gate, passage: Passage) {
    let Passage {
        user,
        kind,
        namespace,
        name,
        why,
        ..
    } = &passage;
    warn!(user, kind, namespace, name, why, "let past by breakglass");
    gate.metrics.passed();
    if gate.passages.try_send(passage).is_err() {
        debug!("too much is let past for an Event each");
    }
}

/// The answer to a body that is too large or broke off.
fn refused(gate: &Gate, rejection: &BytesRejection) -> Response {
    let status = rejection.status();
    if status != StatusCode::PAYLOAD_TOO_LARGE {
        gate.metrics.rejected("incomplete");
        return (status, rejection.body_text()).into_response();
    }
    warn!(limit = BODY_LIMIT, "an AdmissionReview is too large");
    gate.metrics.rejected("body_too_large");
    let told = format!("an AdmissionReview may have {BODY_LIMIT} bytes; this one has more");
    (status, told).into_response()
}

/// One line per decision that somebody notices.
fn log(record: &Record) {
    let Record {
        entry,
        decision,
        kind,
        operation,
        namespace,
        name,
        policy,
        findings,
        dry_run,
    } = record;
    if *decision == "allowed" {
        tracing::debug!(
            entry,
            decision,
            kind,
            operation,
            namespace,
            name,
            policy = policy.as_deref(),
            findings,
            dry_run,
            "reviewed"
        );
    } else {
        info!(
            entry,
            decision,
            kind,
            operation,
            namespace,
            name,
            policy = policy.as_deref(),
            findings,
            dry_run,
            "reviewed"
        );
    }
}

#[cfg(test)]
mod tests {
    use std::{convert::Infallible, sync::Arc};

    use arc_swap::ArcSwap;
    use axum::{body::Body, http::Request};
    use http_body_util::BodyExt as _;
    use prometheus_client::registry::Registry;
    use serde_json::{Value, json};
    use tower::ServiceExt as _;

    use super::{AdmissionMetrics, BODY_LIMIT, Entry, Gate, InFlight, StatusCode, mpsc, router};
    use crate::snapshot::{Shared, Snapshot};

    /// What the gate answers, and what it counts as rejected.
    async fn answer(synced: bool, body: Vec<u8>) -> (StatusCode, String, String) {
        let path = Entry::Enforce.path();
        answer_within(InFlight::default(), synced, &path, Body::from(body)).await
    }

    async fn answer_within(
        limits: InFlight,
        synced: bool,
        path: &str,
        body: Body,
    ) -> (StatusCode, String, String) {
        let snapshot = Snapshot {
            synced,
            ..Snapshot::default()
        };
        let mut registry = Registry::default();
        let gate = Gate {
            snapshot: Shared::new(ArcSwap::from_pointee(snapshot)),
            metrics: Arc::new(AdmissionMetrics::register(&mut registry)),
            passages: mpsc::channel(1).0,
            replica: Arc::from("tried"),
            docs_base_url: None,
            limits,
        };
        let request = Request::post(path).body(body).unwrap();
        let response = router(gate).oneshot(request).await.unwrap();
        let status = response.status();
        let told = response.into_body().collect().await.unwrap().to_bytes();
        let mut metrics = String::new();
        prometheus_client::encoding::text::encode(&mut metrics, &registry).unwrap();
        let rejected = metrics
            .lines()
            .filter(|line| line.contains("rejected_total{"))
            .collect::<Vec<_>>()
            .join("\n");
        (status, String::from_utf8(told.to_vec()).unwrap(), rejected)
    }

    fn review(kind: &str, object: &Value) -> Vec<u8> {
        let group = if kind == "Deployment" {
            "apps"
        } else {
            "example.com"
        };
        let review = json!({
            "apiVersion": "admission.k8s.io/v1",
            "kind": "AdmissionReview",
            "request": {
                "uid": "705ab4f5-6393-11e8-b7cc-42010a800002",
                "kind": {"group": group, "version": "v1", "kind": kind},
                "resource": {"group": group, "version": "v1", "resource": "things"},
                "name": "cart",
                "namespace": "shop",
                "operation": "CREATE",
                "object": object,
            },
        });
        serde_json::to_vec(&review).unwrap()
    }

    #[tokio::test]
    async fn what_is_no_admission_review_is_told_so_and_counted() {
        let of_version = |version: &str| {
            format!(r#"{{"apiVersion": "{version}", "kind": "AdmissionReview", "request": null}}"#)
        };
        let deep = "[".repeat(200_000);
        for (body, told) in [
            ("", "the body is no AdmissionReview: EOF"),
            ("{\"apiVersion\": ", "the body is no AdmissionReview: EOF"),
            (
                "\u{0}\u{1}",
                "the body is no AdmissionReview: expected value",
            ),
            ("[]", "the body is no AdmissionReview: "),
            (deep.as_str(), "the body is no AdmissionReview: "),
            (
                &of_version("admission.k8s.io/v1beta1"),
                "expected kind AdmissionReview of admission.k8s.io/v1, found AdmissionReview of admission.k8s.io/v1beta1",
            ),
            (
                &of_version("admission.k8s.io/v1"),
                "the AdmissionReview has no request",
            ),
        ] {
            let (status, answered, counted) = answer(true, body.as_bytes().to_vec()).await;
            assert_eq!(status, StatusCode::BAD_REQUEST, "{answered}");
            assert!(answered.starts_with(told), "{answered}");
            assert!(counted.contains(r#"reason="malformed"} 1"#), "{counted}");
        }
        let (status, _, _) = answer(true, vec![0xff, 0xfe, 0x22]).await;
        assert_eq!(status, StatusCode::BAD_REQUEST);
    }

    #[tokio::test]
    async fn a_body_of_10_megabytes_is_refused_and_counted() {
        let (status, told, counted) = answer(true, vec![b' '; 10_000_000]).await;
        assert_eq!(status, StatusCode::PAYLOAD_TOO_LARGE);
        assert_eq!(
            told,
            format!("an AdmissionReview may have {BODY_LIMIT} bytes; this one has more")
        );
        assert!(
            counted.contains(r#"reason="body_too_large"} 1"#),
            "{counted}"
        );
    }

    #[tokio::test]
    async fn an_unknown_kind_is_allowed() {
        let (status, told, _) = answer(true, review("Teapot", &json!({"spec": 7}))).await;
        assert_eq!(status, StatusCode::OK);
        let answer: Value = serde_json::from_str(&told).unwrap();
        assert_eq!(
            answer["response"],
            json!({"uid": "705ab4f5-6393-11e8-b7cc-42010a800002", "allowed": true})
        );
    }

    #[tokio::test]
    async fn before_the_first_lists_it_says_so_and_leaves_the_decision_to_the_failure_policy() {
        let (status, told, counted) = answer(false, review("Deployment", &json!({}))).await;
        assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(told, "the first lists are not in yet; try again");
        assert!(counted.contains(r#"reason="not_synced"} 1"#), "{counted}");
    }

    #[tokio::test]
    async fn more_than_there_is_room_for_is_refused_at_once_and_counted() {
        let body = Body::from(review("Deployment", &json!({})));
        let full = InFlight::kibibytes(10);
        let (status, told, counted) = answer_within(full, true, "/enforce?timeout=3s", body).await;
        assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(told, "too many requests are under way");
        assert!(counted.contains(r#"reason="overloaded"} 1"#), "{counted}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_does_not_end_is_let_go_whatever_its_sender_says() {
        for (path, seconds) in [
            ("/enforce?timeout=1s", 1),
            ("/enforce?timeout=30s", 3),
            ("/enforce", 3),
        ] {
            let begun = tokio::time::Instant::now();
            let endless = futures::stream::pending::<Result<Vec<u8>, Infallible>>();
            let endless = Body::from_stream(endless);
            let limits = InFlight::default();
            let (status, _, counted) = answer_within(limits, true, path, endless).await;
            assert_eq!(status, StatusCode::REQUEST_TIMEOUT);
            assert_eq!(begun.elapsed().as_secs(), seconds, "{path}");
            assert!(counted.contains(r#"reason="too_slow"} 1"#), "{counted}");
        }
    }
}
