//! `prodready gate`: the gate's configuration by hand.

use std::io;

use anyhow::Context as _;
use clap::{Args, Subcommand};
use k8s_openapi::api::admissionregistration::v1::ValidatingWebhookConfiguration;
use kube::{Api, api::DeleteParams};

use super::{CommandError, Outcome};
use crate::operator;

#[derive(Debug, Args)]
pub(super) struct GateArguments {
    #[command(subcommand)]
    command: GateCommand,
}

#[derive(Debug, Subcommand)]
enum GateCommand {
    /// Remove the webhook configuration, so that nothing is asked or denied any more
    Remove {
        /// The ValidatingWebhookConfiguration's name
        #[arg(long, default_value = "prodready")]
        webhook_configuration: String,
    },
    /// Have the operator write a configuration again that somebody deleted or changed
    On {
        /// The operator's namespace
        #[arg(long, env = "POD_NAMESPACE", default_value = "prodready-system")]
        namespace: String,
        /// The Lease of the operator that leads
        #[arg(long, default_value = "prodready")]
        lease: String,
        /// The ValidatingWebhookConfiguration's name
        #[arg(long, default_value = "prodready")]
        webhook_configuration: String,
    },
}

pub(super) fn run(
    arguments: &GateArguments,
    out: &mut dyn io::Write,
) -> Result<Outcome, CommandError> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    match &arguments.command {
        GateCommand::Remove {
            webhook_configuration: name,
        } => {
            let removed = runtime.block_on(remove(name))?;
            let told = if removed { "removed" } else { "not there" };
            writeln!(out, "validatingwebhookconfiguration {name} {told}")?;
        }
        GateCommand::On {
            namespace,
            lease,
            webhook_configuration,
        } => {
            runtime.block_on(on(namespace, lease, webhook_configuration))?;
            writeln!(out, "the operator writes the gate's configuration again")?;
        }
    }
    Ok(Outcome::Good)
}

async fn on(namespace: &str, lease: &str, configuration: &str) -> anyhow::Result<()> {
    let client = kube::Client::try_default()
        .await
        .context("cannot find the cluster")?;
    operator::rearm(&client, namespace, lease, configuration)
        .await
        .with_context(|| {
            format!(
                "cannot change lease {lease} in namespace {namespace} and webhook configuration {configuration}"
            )
        })
}

async fn remove(name: &str) -> anyhow::Result<bool> {
    let client = kube::Client::try_default()
        .await
        .context("cannot find the cluster")?;
    let api: Api<ValidatingWebhookConfiguration> = Api::all(client);
    match api.delete(name, &DeleteParams::default()).await {
        Ok(_) => Ok(true),
        Err(kube::Error::Api(status)) if status.code == 404 => Ok(false),
        Err(err) => Err(err).context("cannot remove the gate's configuration"),
    }
}
