//! `prodready operator`: watches, reports and the gate.

use std::{collections::BTreeSet, net::IpAddr, time::Duration};

use anyhow::Context as _;
use clap::{Args, Parser, Subcommand};

use super::{CommandError, Outcome};
use crate::{
    operator::{self, Settings},
    telemetry::logs::{self, LogFormat},
    webhook::certificate::Maker,
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
    /// The name of the ValidatingWebhookConfiguration and of the MutatingWebhookConfiguration
    #[arg(long, default_value = "prodready")]
    webhook_configuration: String,
    /// The Secret with the serving certificate
    #[arg(long, default_value = "prodready-certificate")]
    certificate_secret: String,
    /// Who makes the certificate in that Secret
    #[arg(long, value_enum, default_value_t = Maker::Operator)]
    certificate_maker: Maker,
    /// The cert-manager Certificate whose authority cert-manager writes into the webhook configurations
    #[arg(long, value_name = "NAMESPACE/NAME")]
    inject_ca_from: Option<String>,
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
    /// Whether namespaces are found and left alone in which the cluster's network, storage, webhooks or API services
    /// run
    #[arg(long, default_value_t = true, action = clap::ArgAction::Set, value_name = "BOOLEAN")]
    find_protected_namespaces: bool,
    /// Seconds between two probes whether the API server reaches the gate
    #[arg(long, default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..=3600))]
    probe_seconds: u64,
    /// Where the checks are explained, for links in denials; the check's id follows after a slash
    #[arg(long, value_name = "URL")]
    docs_base_url: Option<String>,
    /// An account whose objects for workloads never reach the gate; may be given more than once
    #[arg(long = "workload-controller", value_name = "USERNAME")]
    workload_controllers: Vec<String>,
    /// Whether the names of Secrets are listed, for checks that ask whether one is there; it needs the right to list
    /// Secrets
    #[arg(long, default_value_t = false, action = clap::ArgAction::Set, value_name = "BOOLEAN")]
    list_secret_names: bool,
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

/// Reads the arguments of an operator that runs elsewhere.
#[derive(Debug, Parser)]
struct Elsewhere {
    #[command(subcommand)]
    command: ElsewhereCommand,
}

#[derive(Debug, Subcommand)]
enum ElsewhereCommand {
    Operator(Box<OperatorArguments>),
}

/// What an operator is told by these arguments.
pub(super) fn settings_of(arguments: &[String]) -> Result<Settings, String> {
    let program = std::iter::once("prodready");
    let arguments = program.chain(arguments.iter().map(String::as_str));
    let read = Elsewhere::try_parse_from(arguments).map_err(|err| err.to_string())?;
    let ElsewhereCommand::Operator(arguments) = read.command;
    Ok(arguments.settings())
}

/// What the operator in a namespace is told by the chart with its defaults.
pub(super) fn usual_settings(namespace: &str) -> Settings {
    OperatorArguments {
        namespace: namespace.to_owned(),
        identity: String::new(),
        service: "prodready".to_owned(),
        bind_address: IpAddr::from([0, 0, 0, 0]),
        gate_port: 10250,
        admin_port: 8080,
        webhook_configuration: "prodready".to_owned(),
        certificate_secret: "prodready-certificate".to_owned(),
        certificate_maker: Maker::Operator,
        inject_ca_from: None,
        lease: "prodready".to_owned(),
        owner_cluster_role: None,
        webhook_timeout_seconds: 3,
        protected_namespaces: Vec::new(),
        find_protected_namespaces: true,
        probe_seconds: 60,
        docs_base_url: None,
        workload_controllers: Vec::new(),
        list_secret_names: false,
        log_format: LogFormat::Json,
        log_level: "info".to_owned(),
    }
    .settings()
}

impl OperatorArguments {
    fn settings(self) -> Settings {
        let protected: BTreeSet<String> = self.protected_namespaces.into_iter().collect();
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
            certificate_maker: self.certificate_maker,
            inject_ca_from: self.inject_ca_from,
            lease: self.lease,
            owner_cluster_role: self.owner_cluster_role,
            webhook_timeout_seconds: self.webhook_timeout_seconds,
            protected_namespaces: protected,
            find_protected_namespaces: self.find_protected_namespaces,
            docs_base_url: self.docs_base_url,
            probe_every: Duration::from_secs(self.probe_seconds),
            workload_controllers,
            list_secret_names: self.list_secret_names,
        }
    }
}
