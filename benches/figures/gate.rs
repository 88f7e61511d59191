//! The gate's handler, against one that parses the same AdmissionReview and allows.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use arc_swap::ArcSwap;
use axum::{Json, Router, body::Body, body::Bytes, http::Request, routing::post};
use http_body_util::{BodyExt as _, Full};
use hyper_util::rt::TokioIo;
use kube::core::{
    DynamicObject,
    admission::{AdmissionRequest, AdmissionResponse, AdmissionReview},
};
use prodready::{
    snapshot::{Shared, Snapshot},
    stop,
    telemetry::metrics::AdmissionMetrics,
    webhook::{
        entry::Entry,
        limits::InFlight,
        router::{self, Gate},
        server,
        tls::{self, Serving},
    },
};
use prodready_engine::{
    api::vocabulary::{Mode, Profile},
    checks,
    object::{Resource, resource::Known, selector::LabelSelector},
    policy::Policy,
    surroundings::{Cluster, Completeness},
};
use prometheus_client::registry::Registry;
use rustls::{ClientConfig, RootCertStore, pki_types::ServerName};
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsConnector;
use tower::ServiceExt as _;

use crate::{
    SEED, corpus,
    measure::{Figures, median, micros, quantile},
};

/// Requests of one measurement inside the process.
const INSIDE: usize = 4_000;

/// Seconds of one measurement over TLS.
const OVER_TLS: Duration = Duration::from_secs(5);

pub(crate) fn measure(figures: &mut Figures) {
    let (cluster, objects) = cluster();
    let (filling, ours, bare) = (gate_that_fills_in(cluster.clone()), gate(cluster), bare());
    for (name, object) in objects {
        let review = review(&object);
        let size = review.len();
        let what = format!("gate: one {name} Deployment of {size} bytes, inside the process");
        inside(figures, what, Entry::Enforce, &review, [&ours, &bare]);
        let what = format!("gate: defaults, one {name} Deployment, inside the process");
        inside(figures, what, Entry::Defaults, &review, [&filling, &bare]);
    }
    among_policies(figures);
    let object = deployment_like(&corpus::applications(1_000, SEED).collect::<Vec<_>>());
    let review = review(&object);
    for connections in [1, 16] {
        over_tls(figures, connections, &review, &ours, &bare);
    }
}

/// A cluster of a thousand workloads, and a Deployment of each quality.
fn cluster() -> (Cluster, Vec<(String, Value)>) {
    let mut cluster = Cluster::new(Completeness::complete());
    let mut objects: Vec<(String, Value)> = Vec::new();
    for application in corpus::applications(1_000, SEED) {
        let name = format!("{:?}", application.quality).to_lowercase();
        let is_new = !objects.iter().any(|(known, _)| *known == name);
        if application.kind == "Deployment" && is_new {
            objects.push((name, value(&application.workload)));
        }
        for document in application.documents() {
            let value = value(&document);
            let known = Known::find(
                value["apiVersion"].as_str().unwrap_or_default(),
                value["kind"].as_str().unwrap_or_default(),
            );
            if let Some(known) = known {
                cluster.insert(Resource::read(known, value).unwrap());
            }
        }
    }
    (cluster, objects)
}

fn value(document: &str) -> Value {
    serde_saphyr::from_str(document.trim_start_matches("---\n")).unwrap()
}

/// A well-built Deployment, which most requests are about.
fn deployment_like(applications: &[corpus::Application]) -> Value {
    let good = applications.iter().find(|application| {
        application.kind == "Deployment" && application.quality == corpus::Quality::Good
    });
    value(&good.unwrap().workload)
}

fn review(object: &Value) -> Vec<u8> {
    let namespace = &object["metadata"]["namespace"];
    let name = &object["metadata"]["name"];
    let gvk = json!({"group": "apps", "version": "v1", "kind": "Deployment"});
    let gvr = json!({"group": "apps", "version": "v1", "resource": "deployments"});
    let review = json!({
        "apiVersion": "admission.k8s.io/v1",
        "kind": "AdmissionReview",
        "request": {
            "uid": "705ab4f5-6393-11e8-b7cc-42010a800002",
            "kind": gvk, "resource": gvr, "requestKind": gvk, "requestResource": gvr,
            "name": name, "namespace": namespace, "operation": "CREATE",
            "userInfo": {"username": "alice", "groups": ["developers", "system:authenticated"]},
            "object": object, "oldObject": null, "dryRun": false,
            "options": {"kind": "CreateOptions", "apiVersion": "meta.k8s.io/v1", "fieldManager": "kubectl"},
        },
    });
    serde_json::to_vec(&review).unwrap()
}

/// Policies that do not select the namespace must cost nothing: against the same request with none of them.
fn among_policies(figures: &mut Figures) {
    let (cluster, objects) = cluster();
    let (name, object) = &objects[0];
    let alone = gate(cluster.clone());
    for others in [1, 10, 100, 1_000] {
        let among = gate_among(cluster.clone(), others);
        let (among, alone) = medians(Entry::Enforce, &review(object), [&among, &alone]);
        figures.compare(
            format!("gate: one {name} Deployment, among {others} policies for others"),
            micros(among),
            micros(alone),
            "us",
            "1.0 x alone",
        );
    }
}

fn gate(cluster: Cluster) -> Router {
    gate_among(cluster, 0)
}

/// A gate with a policy for every namespace, and others for namespaces with a label that none has.
fn gate_among(cluster: Cluster, others: usize) -> Router {
    let mut policy = Policy::of_profile(Profile::Production);
    policy.enforcement.mode = Mode::Enforce;
    let other = |number: usize| {
        let mut other = policy.clone();
        other.name = format!("other-{number}").into();
        let wanted = BTreeMap::from([("team".to_owned(), format!("team-{number}"))]);
        other.selection.namespaces = Some(LabelSelector {
            match_labels: wanted.into_iter().collect(),
            match_expressions: Vec::new(),
        });
        other
    };
    gate_of(cluster, (0..others).map(other).chain([policy.clone()]))
}

/// A gate with a policy for every namespace by which everything is filled in that can be.
fn gate_that_fills_in(cluster: Cluster) -> Router {
    let listed: Vec<&str> = checks::fillable().map(|check| check.id).collect();
    let written = json!({
        "apiVersion": "prodready.dev/v1alpha1",
        "kind": "ProductionReadinessPolicy",
        "metadata": {"name": "measured"},
        "spec": {
            "profile": "production",
            "enforcement": {"mode": "Enforce"},
            "defaults": {"checks": listed},
        },
    });
    let policy = Policy::compile(&serde_json::from_value(written).unwrap()).unwrap();
    gate_of(cluster, [policy])
}

fn gate_of(cluster: Cluster, policies: impl IntoIterator<Item = Policy>) -> Router {
    let policies = policies.into_iter().map(Arc::new);
    let snapshot = Snapshot {
        cluster,
        policies: Arc::new(policies.collect()),
        synced: true,
    };
    router::router(Gate {
        snapshot: Shared::new(ArcSwap::from_pointee(snapshot)),
        metrics: Arc::new(AdmissionMetrics::register(&mut Registry::default())),
        passages: tokio::sync::mpsc::channel(1).0,
        replica: Arc::from("measured"),
        docs_base_url: None,
        limits: InFlight::default(),
    })
}

/// What every webhook has to do at least: parse the request, and answer it.
fn bare() -> Router {
    async fn allow(body: Bytes) -> Json<AdmissionReview<DynamicObject>> {
        let review: AdmissionReview<DynamicObject> = serde_json::from_slice(&body).unwrap();
        let request: AdmissionRequest<DynamicObject> = review.try_into().unwrap();
        Json(AdmissionResponse::from(&request).into_review())
    }
    Router::new()
        .route(&Entry::Enforce.path(), post(allow))
        .route(&Entry::Defaults.path(), post(allow))
}

/// One request after the other on one core, without a network; the first of two against the second.
fn inside(figures: &mut Figures, what: String, entry: Entry, review: &[u8], two: [&Router; 2]) {
    let (ours, bare) = medians(entry, review, two);
    figures.compare(
        what,
        micros(ours),
        micros(bare),
        "us",
        "<= 100 us, <= 2 x bare",
    );
}

/// The middle of what each of two takes, asked by turns.
fn medians(entry: Entry, review: &[u8], [ours, other]: [&Router; 2]) -> (Duration, Duration) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap();
    let mut times = (Vec::new(), Vec::new());
    for _ in 0..INSIDE {
        times.0.push(runtime.block_on(one(entry, ours, review)));
        times.1.push(runtime.block_on(one(entry, other, review)));
    }
    let skipped = INSIDE / 10;
    let (ours, other) = (times.0.split_off(skipped), times.1.split_off(skipped));
    (median(ours), median(other))
}

async fn one(entry: Entry, router: &Router, review: &[u8]) -> Duration {
    let request = Request::post(entry.path())
        .header("content-type", "application/json")
        .body(Body::from(review.to_vec()))
        .unwrap();
    let begun = Instant::now();
    let response = router.clone().oneshot(request).await.unwrap();
    assert!(response.status().is_success());
    response.into_body().collect().await.unwrap();
    begun.elapsed()
}

/// The product's own server with TLS, and clients that keep their connections.
fn over_tls(
    figures: &mut Figures,
    connections: usize,
    review: &[u8],
    ours: &Router,
    bare: &Router,
) {
    let (ours_rate, ours_times) = load(connections, review, ours.clone());
    let (bare_rate, bare_times) = load(connections, review, bare.clone());
    figures.compare(
        format!("gate: over TLS, {connections} connections"),
        ours_rate,
        bare_rate,
        "req/s",
        ">= 10000 on a core of its own",
    );
    for (what, part) in [("median", 0.5), ("p99", 0.99)] {
        figures.compare(
            format!("gate: over TLS, {connections} connections, {what}"),
            micros(quantile(&ours_times, part)),
            micros(quantile(&bare_times, part)),
            "us",
            "",
        );
    }
}

/// Requests per second, and how long each took, in order.
fn load(connections: usize, review: &[u8], router: Router) -> (f64, Vec<Duration>) {
    let certified = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let server = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .unwrap();
    let listener = server
        .block_on(TcpListener::bind(("127.0.0.1", 0)))
        .unwrap();
    let address = listener.local_addr().unwrap();
    let serving = Arc::new(Serving::default());
    serving
        .set(
            &certified.cert.pem(),
            &certified.signing_key.serialize_pem(),
        )
        .unwrap();
    let (stop, told) = stop::channel();
    let config = Arc::new(tls::config(serving).unwrap());
    let task = server.spawn(server::serve(listener, config, router, told));

    let mut roots = RootCertStore::empty();
    roots.add(certified.cert.der().clone()).unwrap();
    let config = Arc::new(client_config(roots));
    let clients = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .unwrap();
    let begun = Instant::now();
    let tasks: Vec<_> = (0..connections)
        .map(|_| {
            let review = Bytes::copy_from_slice(review);
            clients.spawn(client(address, Arc::clone(&config), review))
        })
        .collect();
    let mut times: Vec<Duration> = Vec::new();
    for task in tasks {
        times.extend(clients.block_on(task).unwrap());
    }
    let took = begun.elapsed().as_secs_f64();
    stop.stop();
    server.block_on(task).unwrap().unwrap();
    times.sort_unstable();
    #[expect(clippy::cast_precision_loss, reason = "some ten thousand requests")]
    let rate = times.len() as f64 / took;
    (rate, times)
}

fn client_config(roots: RootCertStore) -> ClientConfig {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth()
}

async fn client(address: SocketAddr, config: Arc<ClientConfig>, review: Bytes) -> Vec<Duration> {
    let stream = TcpStream::connect(address).await.unwrap();
    stream.set_nodelay(true).unwrap();
    let host = ServerName::try_from("localhost").unwrap();
    let stream = TlsConnector::from(config)
        .connect(host, stream)
        .await
        .unwrap();
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
        .await
        .unwrap();
    tokio::spawn(connection);
    let begun = Instant::now();
    let mut times = Vec::new();
    while begun.elapsed() < OVER_TLS {
        let request = Request::post(Entry::Enforce.path())
            .header("host", "localhost")
            .header("content-type", "application/json")
            .body(Full::new(review.clone()))
            .unwrap();
        let sent = Instant::now();
        let response = sender.send_request(request).await.unwrap();
        assert!(response.status().is_success());
        response.into_body().collect().await.unwrap();
        times.push(sent.elapsed());
    }
    times
}
