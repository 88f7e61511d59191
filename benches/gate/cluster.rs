//! A control plane with a namespace for each thing that may stand between.

use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
    process::{Child, Command, Stdio},
    time::Duration,
};

use base64::Engine as _;
use kube::Client;
use prodready_engine::checks;
use prodready_testkit::{ControlPlane, free_port, kubectl, kubectl_with_input, wait};
use serde_json::{Value, json};

use crate::{Between, bare, corpus, load::Sent};

/// The namespace of the Services.
const NAMESPACE: &str = "prodready-system";

/// The seed of the corpus.
const SEED: u64 = 7;

const LIMIT: Duration = Duration::from_secs(60);

/// The label by which a webhook or policy selects its namespace.
const NAME: &str = "kubernetes.io/metadata.name";

/// The control plane and what serves in it.
pub(crate) struct Cluster<'a> {
    plane: &'a ControlPlane,
    object: Value,
    bare: Running,
    replicas: Vec<Running>,
}

/// Ends its process when it goes.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl<'a> Cluster<'a> {
    /// Puts everything there, with one replica of the gate.
    pub(crate) async fn furnish(plane: &'a ControlPlane) -> Self {
        let definitions = Command::new(env!("CARGO_BIN_EXE_prodready"))
            .arg("crd")
            .output()
            .unwrap();
        let definitions = String::from_utf8(definitions.stdout).unwrap();
        let apply = ["apply", "--server-side", "-f", "-"];
        kubectl_with_input(plane, &apply, &definitions)
            .await
            .expect_success();
        let established = ["wait", "--for=condition=Established", "crd", "--all"];
        kubectl(plane, &established).await.expect_success();
        let namespaces = Between::ALL.map(Between::namespace);
        for name in [&namespaces[..], &[NAMESPACE]].concat() {
            apply_object(
                plane,
                &json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}),
            )
            .await;
        }
        for service in ["prodready", "bare"] {
            apply_object(plane, &service_named(service)).await;
        }
        for object in rules() {
            apply_object(plane, &object).await;
        }
        let bare = serve_bare(plane).await;
        let mut cluster = Self {
            plane,
            object: well_built(),
            bare,
            replicas: Vec::new(),
        };
        cluster.add_replica().await;
        apply_object(plane, &policy()).await;
        cluster.wait_until_the_gate_denies().await;
        cluster
    }

    /// Starts an operator and leads the Service to it too.
    pub(crate) async fn add_replica(&mut self) {
        let number = self.replicas.len();
        let (gate_port, admin_port) = (free_port(), free_port());
        let child = Command::new(env!("CARGO_BIN_EXE_prodready"))
            .args(["operator", &format!("--namespace={NAMESPACE}")])
            .arg(format!("--identity=replica-{number}"))
            .arg(format!("--gate-port={gate_port}"))
            .arg(format!("--admin-port={admin_port}"))
            .env("KUBECONFIG", self.plane.kubeconfig())
            // As in the chart.
            .env("MALLOC_ARENA_MAX", "1")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        self.replicas.push(Running(child));
        wait("the operator is ready", LIMIT, async || {
            is_ready(admin_port)
        })
        .await;
        apply_object(
            self.plane,
            &slice(self.plane, "prodready", number, gate_port),
        )
        .await;
    }

    pub(crate) fn client(&self) -> Client {
        self.plane.client()
    }

    /// The processes that answer for a namespace.
    pub(crate) fn processes(&self, between: Between) -> Vec<u32> {
        let ids = |running: &[Running]| running.iter().map(|each| each.0.id()).collect();
        match between {
            Between::Nothing | Between::Policy => Vec::new(),
            Between::Bare => vec![self.bare.0.id()],
            Between::OneReplica | Between::TwoReplicas => ids(&self.replicas),
        }
    }

    pub(crate) fn api_server(&self) -> Vec<u32> {
        let ids = self.plane.process_ids();
        ids.into_iter()
            .filter(|(name, _)| name.contains("apiserver"))
            .map(|(_, id)| id)
            .collect()
    }

    /// The Deployment in a namespace, not to be stored.
    pub(crate) fn request(&self, namespace: &str) -> Sent {
        let mut object = self.object.clone();
        object["metadata"]["namespace"] = json!(namespace);
        Sent {
            path: format!("/apis/apps/v1/namespaces/{namespace}/deployments?dryRun=All"),
            object: serde_json::to_vec(&object).unwrap(),
        }
    }

    async fn wait_until_the_gate_denies(&self) {
        let mut poor = self.object.clone();
        poor["metadata"]["namespace"] = json!(Between::OneReplica.namespace());
        let container = &mut poor["spec"]["template"]["spec"]["containers"][0];
        container["securityContext"] = json!({"privileged": true});
        let poor = poor.to_string();
        wait("the gate denies", LIMIT, async || {
            let create = ["create", "--dry-run=server", "-f", "-"];
            let answer = kubectl_with_input(self.plane, &create, &poor).await;
            if answer.stderr.contains("is not ready by policy") {
                Ok(())
            } else {
                Err(answer.to_string())
            }
        })
        .await;
    }
}

async fn apply_object(plane: &ControlPlane, object: &Value) {
    let apply = ["apply", "--server-side", "-f", "-"];
    kubectl_with_input(plane, &apply, &object.to_string())
        .await
        .expect_success();
}

/// A well-built Deployment, which most requests are about.
fn well_built() -> Value {
    let mut applications = corpus::applications(1_000, SEED);
    let good = applications.find(|application| {
        application.kind == "Deployment" && application.quality == corpus::Quality::Good
    });
    serde_saphyr::from_str(good.unwrap().workload.trim_start_matches("---\n")).unwrap()
}

fn is_ready(admin_port: u16) -> bool {
    let ask = || -> std::io::Result<String> {
        let mut stream = TcpStream::connect(("127.0.0.1", admin_port))?;
        stream.write_all(b"GET /readyz HTTP/1.0\r\nHost: localhost\r\n\r\n")?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok(answer)
    };
    ask().is_ok_and(|answer| answer.contains(" 200 "))
}

/// A Service without a selector: the endpoints are written beside it, each with a port of its own.
fn service_named(name: &str) -> Value {
    json!({
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": name, "namespace": NAMESPACE},
        "spec": {"ports": [{"name": "gate", "port": 443, "targetPort": 443}]},
    })
}

fn slice(plane: &ControlPlane, service: &str, number: usize, port: u16) -> Value {
    json!({
        "apiVersion": "discovery.k8s.io/v1",
        "kind": "EndpointSlice",
        "metadata": {
            "name": format!("{service}-{number}"),
            "namespace": NAMESPACE,
            "labels": {"kubernetes.io/service-name": service},
        },
        "addressType": "IPv4",
        "endpoints": [{"addresses": [plane.node_address().to_string()], "conditions": {"ready": true}}],
        "ports": [{"name": "gate", "port": port, "protocol": "TCP"}],
    })
}

async fn serve_bare(plane: &ControlPlane) -> Running {
    let certificate = bare::Certificate::make(&format!("bare.{NAMESPACE}.svc"), &plane.directory());
    let port = free_port();
    let running = Running(certificate.served(port));
    apply_object(plane, &slice(plane, "bare", 0, port)).await;
    let bundle = base64::engine::general_purpose::STANDARD.encode(&certificate.pem);
    let configuration = json!({
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "ValidatingWebhookConfiguration",
        "metadata": {"name": "bare"},
        "webhooks": [{
            "name": "bare.example.com",
            "admissionReviewVersions": ["v1"],
            "sideEffects": "None",
            "failurePolicy": "Fail",
            "clientConfig": {
                "caBundle": bundle,
                "service": {"name": "bare", "namespace": NAMESPACE, "path": bare::PATH},
            },
            "namespaceSelector": {"matchLabels": {NAME: Between::Bare.namespace()}},
            "rules": [{
                "apiGroups": ["apps"], "apiVersions": ["v1"], "operations": ["CREATE", "UPDATE"],
                "resources": ["deployments"],
            }],
        }],
    });
    wait("the bare handler listens", LIMIT, async || {
        TcpStream::connect(("127.0.0.1", port)).is_ok()
    })
    .await;
    apply_object(plane, &configuration).await;
    running
}

/// Every check of the catalogue is asked: a score below the least one would deny.
fn policy() -> Value {
    let every: Vec<Value> = checks::all()
        .map(|check| json!({"id": check.id, "enabled": true}))
        .collect();
    json!({
        "apiVersion": "prodready.dev/v1alpha1",
        "kind": "ProductionReadinessPolicy",
        "metadata": {"name": "bench"},
        "spec": {
            "profile": "scale",
            "checks": every,
            "namespaceSelector": {"matchLabels": {NAME: Between::OneReplica.namespace()}},
            "enforcement": {"mode": "Enforce", "denySeverities": ["critical"], "minimumScore": 1},
        },
    })
}

/// Ten rules of the kind that people write first, in the API server's own language.
fn rules() -> [Value; 2] {
    let containers = "object.spec.template.spec.containers";
    let of_all = |rule: &str| format!("{containers}.all(c, {rule})");
    let rules = [
        of_all(
            "!has(c.securityContext) || !has(c.securityContext.privileged) || !c.securityContext.privileged",
        ),
        of_all("has(c.resources) && has(c.resources.requests) && 'cpu' in c.resources.requests"),
        of_all("has(c.resources) && has(c.resources.requests) && 'memory' in c.resources.requests"),
        of_all("has(c.resources) && has(c.resources.limits) && 'memory' in c.resources.limits"),
        of_all("has(c.readinessProbe)"),
        of_all("has(c.image) && !c.image.endsWith(':latest')"),
        of_all("has(c.image) && c.image.contains(':')"),
        "!has(object.spec.template.spec.hostNetwork) || !object.spec.template.spec.hostNetwork"
            .to_owned(),
        "!has(object.spec.template.spec.hostPID) || !object.spec.template.spec.hostPID".to_owned(),
        "has(object.spec.replicas) && object.spec.replicas >= 1".to_owned(),
    ];
    let validations: Vec<Value> = rules
        .iter()
        .map(|rule| json!({"expression": rule}))
        .collect();
    let policy = json!({
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "ValidatingAdmissionPolicy",
        "metadata": {"name": "ten-rules"},
        "spec": {
            "failurePolicy": "Fail",
            "matchConstraints": {"resourceRules": [{
                "apiGroups": ["apps"], "apiVersions": ["v1"], "operations": ["CREATE", "UPDATE"],
                "resources": ["deployments"],
            }]},
            "validations": validations,
        },
    });
    let binding = json!({
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "ValidatingAdmissionPolicyBinding",
        "metadata": {"name": "ten-rules"},
        "spec": {
            "policyName": "ten-rules",
            "validationActions": ["Deny"],
            "matchResources": {"namespaceSelector": {"matchLabels": {NAME: Between::Policy.namespace()}}},
        },
    });
    [policy, binding]
}
