//! The gate's one route over HTTP.

use std::sync::Arc;

use axum::{
    Router,
    body::Bytes,
    extract::{DefaultBodyLimit, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::post,
};
use tracing::{info, warn};

use super::review::{Record, answer};
use crate::{snapshot::Shared, telemetry::metrics::AdmissionMetrics};

/// The API server sends objects of at most 3 MiB; an UPDATE carries two of them.
pub const BODY_LIMIT: usize = 7 * 1024 * 1024;

/// The path that the webhook configuration names.
pub const PATH: &str = "/validate";

/// What the gate needs to answer.
#[derive(Clone, Debug)]
pub struct Gate {
    /// The newest snapshot.
    pub snapshot: Shared,
    /// Counts and durations.
    pub metrics: Arc<AdmissionMetrics>,
}

/// The gate's routes.
pub fn router(gate: Gate) -> Router {
    Router::new()
        .route(PATH, post(validate))
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .with_state(gate)
}

async fn validate(State(gate): State<Gate>, body: Bytes) -> Response {
    let _in_flight = gate.metrics.in_flight();
    let snapshot = gate.snapshot.load();
    if !snapshot.synced {
        gate.metrics.rejected("not_synced");
        return (
            StatusCode::SERVICE_UNAVAILABLE,
            "the first lists are not in yet; try again",
        )
            .into_response();
    }
    match answer(&body, &snapshot) {
        Ok(answered) => {
            log(&answered.record);
            gate.metrics.decided(&answered.record);
            ([(header::CONTENT_TYPE, "application/json")], answered.body).into_response()
        }
        Err(err) => {
            warn!(error = %err, bytes = body.len(), "malformed AdmissionReview");
            gate.metrics.rejected("malformed");
            (StatusCode::BAD_REQUEST, err.to_string()).into_response()
        }
    }
}

/// One line per decision that somebody notices.
fn log(record: &Record) {
    let Record {
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
