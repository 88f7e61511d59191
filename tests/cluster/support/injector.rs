//! Another mutating webhook, as meshes and agents have one: it puts a container into what comes.

use std::sync::Arc;

use axum::{Json, Router, routing::post};
use base64::Engine as _;
use k8s_openapi::api::admissionregistration::v1::MutatingWebhookConfiguration;
use kube::{
    Api, Client,
    api::{DeleteParams, PostParams},
};
use prodready::{
    stop::{self, StopSender},
    webhook::{
        server,
        tls::{self, Serving},
    },
};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::stranger::Authority;

/// Answers until it is ended.
pub(crate) struct Injector {
    name: String,
    _stop: StopSender,
}

impl Injector {
    /// Has Deployments of a namespace get a container `injected`. Its name sorts after ours, so it is asked later.
    pub(crate) async fn start(client: &Client, namespace: &str) -> Self {
        let authority = Authority::new();
        let (certificate, key) = authority.certificate("localhost", 10);
        let serving = Arc::new(Serving::default());
        serving.set(&certificate, &key).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (stop, stopped) = stop::channel();
        let router = Router::new().route("/", post(answer));
        let tls = Arc::new(tls::config(serving).unwrap());
        tokio::spawn(server::serve(listener, tls, router, stopped));

        let name = format!("zz-injector-{namespace}");
        let configuration = json!({
            "metadata": {"name": name},
            "webhooks": [{
                "name": "injector.example.com",
                "admissionReviewVersions": ["v1"],
                "sideEffects": "None",
                "failurePolicy": "Fail",
                "clientConfig": {"url": format!("https://localhost:{port}/"), "caBundle": authority.bundle()},
                "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": namespace}},
                "rules": [{"apiGroups": ["apps"], "apiVersions": ["v1"], "operations": ["CREATE", "UPDATE"], "resources": ["deployments"]}],
            }],
        });
        let configurations: Api<MutatingWebhookConfiguration> = Api::all(client.clone());
        let configuration = serde_json::from_value(configuration).unwrap();
        configurations
            .create(&PostParams::default(), &configuration)
            .await
            .unwrap();
        Self { name, _stop: stop }
    }

    /// Takes its configuration away.
    pub(crate) async fn end(self, client: &Client) {
        let configurations: Api<MutatingWebhookConfiguration> = Api::all(client.clone());
        let delete = DeleteParams::default();
        configurations.delete(&self.name, &delete).await.unwrap();
    }
}

async fn answer(Json(review): Json<Value>) -> Json<Value> {
    let containers = "/spec/template/spec/containers";
    let there = review["request"]["object"].pointer(containers);
    let there = there.and_then(Value::as_array).unwrap();
    let mut response = json!({"uid": review["request"]["uid"], "allowed": true});
    if !there.iter().any(|one| one["name"] == "injected") {
        let container = json!({"name": "injected", "image": "shop/injected:1.0.0"});
        let patch = json!([{"op": "add", "path": format!("{containers}/-"), "value": container}]);
        let patch = base64::engine::general_purpose::STANDARD.encode(patch.to_string());
        response["patchType"] = json!("JSONPatch");
        response["patch"] = json!(patch);
    }
    Json(
        json!({"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "response": response}),
    )
}
