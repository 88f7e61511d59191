//! prodready as its chart installs it.

use std::{path::PathBuf, sync::Arc};

use jiff::Timestamp;
use k8s_openapi::api::{apps::v1::Deployment, core::v1::Pod};
use kube::{Api, api::ListParams};
use prodready_testkit::{ControlPlane, free_port, helm, kubectl, wait};
use serde_json::{Value, json};

use super::{
    LIMIT, apply,
    operator::{Launch, Operator},
};

/// Where the chart is installed.
pub(crate) const NAMESPACE: &str = "prodready-system";

/// The chart.
pub(crate) const CHART: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/charts/prodready");

/// One release of the chart, named `prodready`, in [`NAMESPACE`], and its operator.
///
/// KWOK's nodes run no containers, so the operator is a process on this machine: with the arguments that
/// the chart rendered and the rights of the chart's own ServiceAccount, behind the chart's Service, to
/// which the pod on the host's network gives its address.
pub(crate) struct Installation<'a> {
    /// The control plane in which it is installed.
    pub(crate) plane: &'a ControlPlane,
    /// The operator behind the Service. It ends when this is dropped, and with the tests' process.
    pub(crate) operator: Operator,
    kubeconfig: PathBuf,
    arguments: Vec<String>,
}

impl<'a> Installation<'a> {
    /// Installs the chart, with further values such as `webhook.timeoutSeconds=5`, and returns when the
    /// operator is ready. A control plane holds one installation.
    pub(crate) async fn start(plane: &'a ControlPlane, values: &[&str]) -> Self {
        let (gate_port, admin_port) = (free_port(), free_port());
        let ports = format!(
            "replicaCount=1,hostNetwork=true,webhook.port={gate_port},admin.port={admin_port}"
        );
        helm_install(plane, &[&[ports.as_str()], values].concat()).await;
        let pod = running_pod(plane).await;
        let arguments = rendered_arguments(plane, &pod).await;
        let account = plane.kubeconfig_for_service_account(NAMESPACE, "prodready");
        let kubeconfig = account.await.unwrap();
        let log = plane.directory().join("operator.log");
        let launch = Launch {
            arguments: arguments.clone(),
            kubeconfig: kubeconfig.clone(),
            environment: Vec::new(),
            log,
            gate_port,
            admin_port,
        };
        let operator = Operator::start(Arc::new(launch)).await;
        Self {
            plane,
            operator,
            kubeconfig,
            arguments,
        }
    }

    /// The requests of a namespace that came by the entry of what is enforced since the gate answered there, as
    /// `CREATE Deployment web`. What was answered is among them.
    pub(crate) fn reviewed(&self, namespace: &str) -> Vec<String> {
        let reviews = self.operator.reviews(namespace);
        let canary = reviews.iter().rposition(|review| review.name == "canary");
        let since = reviews.iter().skip(canary.map_or(0, |last| last + 1));
        since
            .filter(|review| review.entry == "enforce")
            .map(|review| format!("{} {} {}", review.operation, review.kind, review.name))
            .collect()
    }

    /// Starts a further operator of the same release, ready when this returns. It listens on ports of its
    /// own, to which the Service does not lead: both would need the same port of this one machine.
    pub(crate) async fn further_operator(&self, identity: &str) -> Operator {
        self.operator_with(identity, Vec::new()).await
    }

    /// The same with a clock that is ahead by `offset`, such as `+20h`: `faketime` is the path of libfaketime.
    pub(crate) async fn operator_by_another_clock(
        &self,
        identity: &str,
        faketime: &str,
        offset: &str,
    ) -> Operator {
        let environment = [
            ("LD_PRELOAD", faketime),
            ("FAKETIME", offset),
            // What is waited for lasts as long as ever.
            ("FAKETIME_DONT_FAKE_MONOTONIC", "1"),
        ];
        let owned = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
        let operator = self
            .operator_with(identity, environment.map(owned).to_vec())
            .await;
        let line = operator
            .log()
            .lines()
            .next()
            .map(serde_json::from_str::<Value>);
        let told: Timestamp = line.unwrap().unwrap()["timestamp"]
            .as_str()
            .unwrap()
            .parse()
            .unwrap();
        let off = told.duration_since(Timestamp::now());
        assert!(
            off.as_hours().abs() > 0,
            "{faketime} does not move the clock: {told}"
        );
        operator
    }

    async fn operator_with(&self, identity: &str, environment: Vec<(String, String)>) -> Operator {
        let (gate_port, admin_port) = (free_port(), free_port());
        let arguments = self.arguments.iter().map(|argument| {
            match argument.split_once('=').map_or("", |(name, _)| name) {
                "--identity" => format!("--identity={identity}"),
                "--gate-port" => format!("--gate-port={gate_port}"),
                "--admin-port" => format!("--admin-port={admin_port}"),
                _ => argument.clone(),
            }
        });
        let launch = Launch {
            arguments: arguments.collect(),
            kubeconfig: self.kubeconfig.clone(),
            environment,
            log: self.plane.directory().join(format!("{identity}.log")),
            gate_port,
            admin_port,
        };
        Operator::start(Arc::new(launch)).await
    }
}

/// Installs the chart with these values and starts no operator.
async fn helm_install(plane: &ControlPlane, values: &[&str]) {
    let namespace =
        json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}});
    apply(plane, &namespace).await;
    let privileged = "pod-security.kubernetes.io/enforce=privileged";
    kubectl(plane, &["label", "namespace", NAMESPACE, privileged])
        .await
        .expect_success();
    let mut command = vec!["install", "prodready", CHART, "--namespace", NAMESPACE];
    for value in values {
        command.extend(["--set", value]);
    }
    helm(plane, &command).await.expect_success();
}

/// The name of the chart's pod, once the Service leads to it.
async fn running_pod(plane: &ControlPlane) -> String {
    let pods: Api<Pod> = Api::namespaced(plane.client(), NAMESPACE);
    let ours = ListParams::default().labels("app.kubernetes.io/component=operator");
    wait("the chart's pod is ready", LIMIT, async || {
        let listed = pods.list(&ours).await.ok()?;
        let is_ready = |pod: &&Pod| {
            let conditions = pod
                .status
                .iter()
                .flat_map(|status| status.conditions.iter().flatten());
            conditions
                .into_iter()
                .any(|each| each.type_ == "Ready" && each.status == "True")
        };
        listed.iter().find(is_ready)?.metadata.name.clone()
    })
    .await
}

/// The arguments of the chart's container, with the environment variables of the pod put in.
async fn rendered_arguments(plane: &ControlPlane, pod: &str) -> Vec<String> {
    let deployments: Api<Deployment> = Api::namespaced(plane.client(), NAMESPACE);
    let deployment = deployments.get("prodready").await.unwrap();
    let template = deployment.spec.template.spec.unwrap();
    let arguments = template.containers[0].args.clone().unwrap();
    let put_in = |argument: String| {
        argument
            .replace("$(POD_NAMESPACE)", NAMESPACE)
            .replace("$(POD_NAME)", pod)
    };
    arguments.into_iter().map(put_in).collect()
}
