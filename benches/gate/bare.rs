//! The least that a webhook can be: it parses the request and allows. Behind the gate's own server, in a
//! process of its own.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::Arc,
};

use axum::{Json, Router, body::Bytes, routing::post};
use kube::core::{
    DynamicObject,
    admission::{AdmissionRequest, AdmissionResponse, AdmissionReview},
};
use prodready::{
    stop,
    webhook::{
        server,
        tls::{self, Serving},
    },
};
use tokio::net::TcpListener;

/// The first argument by which this program is told to be one.
pub(crate) const WORD: &str = "serve-bare";

/// The path that it answers.
pub(crate) const PATH: &str = "/allow";

/// A certificate for a Service, in two files.
pub(crate) struct Certificate {
    pub(crate) pem: String,
    files: (PathBuf, PathBuf),
}

impl Certificate {
    pub(crate) fn make(name: &str, directory: &Path) -> Self {
        let made = rcgen::generate_simple_self_signed([name.to_owned()]).unwrap();
        let files = (directory.join("bare.crt"), directory.join("bare.key"));
        fs::write(&files.0, made.cert.pem()).unwrap();
        fs::write(&files.1, made.signing_key.serialize_pem()).unwrap();
        Self {
            pem: made.cert.pem(),
            files,
        }
    }

    /// Starts this program again, to serve with it.
    pub(crate) fn served(&self, port: u16) -> Child {
        Command::new(std::env::current_exe().unwrap())
            .args([WORD, &format!("0.0.0.0:{port}")])
            .args([&self.files.0, &self.files.1])
            .stdout(Stdio::null())
            .spawn()
            .unwrap()
    }
}

/// Serves until it is killed.
pub(crate) fn serve(address: &str, certificate: &str, key: &str) {
    let serving = Arc::new(Serving::default());
    let read = |path: &str| fs::read_to_string(path).unwrap();
    serving.set(&read(certificate), &read(key)).unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let listener = TcpListener::bind(address).await.unwrap();
        let config = Arc::new(tls::config(serving).unwrap());
        let (_stop, told) = stop::channel();
        let router = Router::new().route(PATH, post(allow));
        server::serve(listener, config, router, told).await.unwrap();
    });
}

async fn allow(body: Bytes) -> Json<AdmissionReview<DynamicObject>> {
    let review: AdmissionReview<DynamicObject> = serde_json::from_slice(&body).unwrap();
    let request: AdmissionRequest<DynamicObject> = review.try_into().unwrap();
    Json(AdmissionResponse::from(&request).into_review())
}
