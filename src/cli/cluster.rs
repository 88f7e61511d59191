//! Which cluster a command asks that looks at nothing else.

use std::path::PathBuf;

use anyhow::Context as _;
use clap::Args;
use kube::Client;

use super::CommandError;
use crate::input::{self, Connection};

/// A cluster, named as kubectl names it.
#[derive(Debug, Args)]
pub(super) struct ClusterArguments {
    /// The kubeconfig file
    #[arg(long, value_name = "FILE")]
    kubeconfig: Option<PathBuf>,
    /// The context of the kubeconfig file
    #[arg(long)]
    context: Option<String>,
}

impl ClusterArguments {
    /// A client of the cluster, or an error that says what there is no cluster for, such as `to ask`.
    pub(super) async fn connect(&self, purpose: &str) -> Result<Client, CommandError> {
        let connection = Connection {
            kubeconfig: self.kubeconfig.clone(),
            context: self.context.clone(),
        };
        let client = input::connect(&connection).await.with_context(|| {
            format!("no cluster {purpose}: name one with --kubeconfig and --context")
        })?;
        Ok(client)
    }
}
