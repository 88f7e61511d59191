//! Health and metrics over plain HTTP, on a port of their own.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use axum::{Router, extract::State, http::StatusCode, response::IntoResponse, routing::get};
use prometheus_client::registry::Registry;

/// What must hold before traffic may come. Each is set once and stays, but for `stopping`.
#[derive(Debug, Default)]
pub struct Readiness {
    /// The first lists of every watch are in.
    pub synced: AtomicBool,
    /// There is a certificate to serve.
    pub certificate: AtomicBool,
    /// The gate's listener is bound.
    pub listening: AtomicBool,
    /// The process was told to end.
    pub stopping: AtomicBool,
}

impl Readiness {
    fn conditions(&self) -> [(&'static str, bool); 4] {
        let is = |flag: &AtomicBool| flag.load(Ordering::Acquire);
        [
            ("synced", is(&self.synced)),
            ("certificate", is(&self.certificate)),
            ("listening", is(&self.listening)),
            ("running", !is(&self.stopping)),
        ]
    }
}

/// What the admin port serves from.
#[derive(Clone, Debug)]
pub struct Admin {
    /// What must hold before traffic may come.
    pub readiness: Arc<Readiness>,
    /// All metrics.
    pub registry: Arc<Registry>,
}

/// `/livez`, `/readyz`, `/startupz`, `/healthz` and `/metrics`.
pub fn router(admin: Admin) -> Router {
    Router::new()
        .route("/livez", get(live))
        .route("/healthz", get(live))
        .route("/readyz", get(ready))
        .route("/startupz", get(ready))
        .route("/metrics", get(metrics))
        .with_state(admin)
}

/// Alive means that the process answers. It never depends on the API server or on leadership.
async fn live() -> &'static str {
    "ok\n"
}

async fn ready(State(admin): State<Admin>) -> impl IntoResponse {
    let conditions = admin.readiness.conditions();
    let lines: String = conditions
        .iter()
        .map(|(name, holds)| {
            if *holds {
                format!("[+] {name}\n")
            } else {
                format!("[-] {name}\n")
            }
        })
        .collect();
    let status = if conditions.iter().all(|(_, holds)| *holds) {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    (status, lines)
}

async fn metrics(State(admin): State<Admin>) -> impl IntoResponse {
    let mut text = String::new();
    match prometheus_client::encoding::text::encode(&mut text, &admin.registry) {
        Ok(()) => {
            let content_type = "application/openmetrics-text; version=1.0.0; charset=utf-8";
            ([(axum::http::header::CONTENT_TYPE, content_type)], text).into_response()
        }
        Err(err) => (StatusCode::INTERNAL_SERVER_ERROR, err.to_string()).into_response(),
    }
}
