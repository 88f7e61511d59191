//! `prodready operator`: watches, reports and the gate.

use std::{collections::BTreeSet, net::IpAddr};

use anyhow::Context as _;
use clap::Args;

use super::{CommandError, Outcome};
use crate::{
    operator::{self, Settings},
    telemetry::logs::{self, LogFormat},
};

/// Accounts that make pods, ReplicaSets and Jobs for workloads, where the controller manager gives each
/// of its controllers an account of its own, and where it does not.
const WORKLOAD_CONTROLLERS: [&str; 7] = [
    "system:serviceaccount:kube-system:deployment-controller",
    "system:serviceaccount:kube-system:replicaset-controller",
    "system:serviceaccount:kube-system:statefulset-controller",
    "system:serviceaccount:kube-system:daemon-set-controller",
    "system:serviceaccount:kube-system:job-controller",
    "system:serviceaccount:kube-system:cronjob-controller",
    "system:kube-controller-manager",
];

#[derive(Debug, Args)]
pub(super) struct OperatorArguments {
    /// The operator's own namespace
    #[arg(long, env = "POD_NAMESPACE")]
    namespace: String,
    /// The name of this replica
    #[arg(long, env = "POD_NAME")]
    identity: String,
    /// The Service in front of the gate
    #[arg(long, default_value = "prodready")]
    service: String,
    /// Where to listen
    #[arg(long, default_value = "0.0.0.0")]
    bind_address: IpAddr,
    /// The gate's port
    #[arg(long, default_value_t = 10250)]
    gate_port: u16,
    /// The port of health and metrics
    #[arg(long, default_value_t = 8080)]
    admin_port: u16,
    /// The ValidatingWebhookConfiguration's name
    #[arg(long, default_value = "prodready")]
    webhook_configuration: String,
    /// The Secret with the serving certificate
    #[arg(long, default_value = "prodready-certificate")]
    certificate_secret: String,
    /// The Lease of the leader
    #[arg(long, default_value = "prodready")]
    lease: String,
    /// The ClusterRole that the operator's objects go with
    #[arg(long)]
    owner_cluster_role: Option<String>,
    /// Seconds that the API server waits for the gate
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(i32).range(1..=30))]
    webhook_timeout_seconds: i32,
    /// A namespace out of the gate's reach; may be given more than once
    #[arg(long = "protected-namespace", value_name = "NAMESPACE")]
    protected_namespaces: Vec<String>,
    /// An account whose objects for workloads never reach the gate; may be given more than once
    #[arg(long = "workload-controller", value_name = "USERNAME")]
    workload_controllers: Vec<String>,
    /// How log lines look
    #[arg(long, value_enum, default_value_t = LogFormat::Json)]
    log_format: LogFormat,
    /// The least level of log lines, or a filter such as info,prodready=debug
    #[arg(long, default_value = "info")]
    log_level: String,
}

pub(super) fn run(arguments: OperatorArguments) -> Result<Outcome, CommandError> {
    logs::start(arguments.log_format, &arguments.log_level).map_err(|err| {
        CommandError::Usage(format!("--log-level {}: {err}", arguments.log_level))
    })?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let client = kube::Client::try_default()
            .await
            .context("cannot find the cluster")?;
        operator::run(client, arguments.settings())
            .await
            .context("the operator ended")?;
        Ok(Outcome::Good)
    })
}

impl OperatorArguments {
    fn settings(self) -> Settings {
        let mut protected: BTreeSet<String> = self.protected_namespaces.into_iter().collect();
        protected.extend(["kube-system".to_owned(), self.namespace.clone()]);
        let workload_controllers = if self.workload_controllers.is_empty() {
            WORKLOAD_CONTROLLERS.map(str::to_owned).to_vec()
        } else {
            self.workload_controllers
        };
        Settings {
            namespace: self.namespace,
            identity: self.identity,
            service: self.service,
            bind_address: self.bind_address,
            gate_port: self.gate_port,
            admin_port: self.admin_port,
            webhook_configuration: self.webhook_configuration,
            certificate_secret: self.certificate_secret,
            lease: self.lease,
            owner_cluster_role: self.owner_cluster_role,
            webhook_timeout_seconds: self.webhook_timeout_seconds,
            protected_namespaces: protected,
            workload_controllers,
        }
    }
}
