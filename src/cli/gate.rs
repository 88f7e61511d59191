//! `prodready gate`: the gate's configuration by hand.

use std::io;

use anyhow::Context as _;
use clap::{Args, Subcommand};
use k8s_openapi::api::admissionregistration::v1::{
    MutatingWebhookConfiguration, ValidatingWebhookConfiguration,
};
use kube::{Api, Client, api::DeleteParams};

use super::{CommandError, Outcome};
use crate::{operator, webhook::configuration::Configuration};

#[derive(Debug, Args)]
pub(super) struct GateArguments {
    #[command(subcommand)]
    command: GateCommand,
}

#[derive(Debug, Subcommand)]
enum GateCommand {
    /// Remove the webhook configurations, so that nothing is asked, denied or filled in any more
    Remove {
        /// The webhook configurations' name
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
        /// The webhook configurations' name
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
            runtime.block_on(remove(name, out))?;
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

/// What denies goes first: somebody may be in a hurry.
async fn remove(name: &str, out: &mut dyn io::Write) -> Result<(), CommandError> {
    let client = Client::try_default()
        .await
        .context("cannot find the cluster")?;
    let removed = delete::<ValidatingWebhookConfiguration>(&client, name).await?;
    let told = if removed { "removed" } else { "not there" };
    writeln!(out, "validatingwebhookconfiguration {name} {told}")?;
    if delete::<MutatingWebhookConfiguration>(&client, name).await? {
        writeln!(out, "mutatingwebhookconfiguration {name} removed")?;
    }
    Ok(())
}

async fn delete<K: Configuration>(client: &Client, name: &str) -> anyhow::Result<bool> {
    let api: Api<K> = Api::all(client.clone());
    match api.delete(name, &DeleteParams::default()).await {
        Ok(_) => Ok(true),
        Err(kube::Error::Api(status)) if status.code == 404 => Ok(false),
        Err(err) => {
            let kind = K::kind(&());
            Err(err).with_context(|| format!("cannot remove {kind} {name}"))
        }
    }
}
