//! `prodready doctor`: what is wrong with prodready in a cluster, and what to do.

use std::io;

use anyhow::Context as _;
use clap::{Args, ValueEnum};
use serde::Serialize;

use super::{CommandError, Outcome, cluster::ClusterArguments, operator};
use crate::doctor::{self, Diagnosis, Installed, State};

#[derive(Debug, Args)]
#[command(
    after_help = "It looks with your rights, changes nothing, and tries with a dry run whether the API server reaches the gate. Exit codes: 0 nothing is wrong, 1 something is, 2 an error of usage, or the cluster cannot be asked."
)]
pub(super) struct DoctorArguments {
    /// The operator's namespace [default: where it is found]
    #[arg(short, long)]
    namespace: Option<String>,
    #[command(flatten)]
    cluster: ClusterArguments,
    /// The format
    #[arg(short, long, value_enum, default_value_t = Format::Text)]
    output: Format,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    /// A line for each thing looked at, and what to do under each that is wrong
    Text,
    Json,
}

/// Where the chart installs itself by default.
const USUAL: &str = "prodready-system";

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Examined<'a> {
    diagnoses: &'a [Diagnosis],
}

pub(super) fn run(
    arguments: &DoctorArguments,
    out: &mut dyn io::Write,
) -> Result<Outcome, CommandError> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let diagnoses = runtime.block_on(arguments.examine())?;
    match arguments.output {
        Format::Text => text(&diagnoses, out)?,
        Format::Json => {
            let examined = Examined {
                diagnoses: &diagnoses,
            };
            serde_json::to_writer_pretty(&mut *out, &examined)?;
            writeln!(out)?;
        }
    }
    let wrong = diagnoses.iter().any(|each| each.state == State::Wrong);
    Ok(if wrong {
        Outcome::Findings
    } else {
        Outcome::Good
    })
}

impl DoctorArguments {
    async fn examine(&self) -> Result<Vec<Diagnosis>, CommandError> {
        let client = self.cluster.connect("to look at").await?;
        client
            .apiserver_version()
            .await
            .context("the cluster's API server cannot be asked")?;
        let (found, told) = match doctor::installed(&client, self.namespace.as_deref()).await {
            Ok(Some(found)) => (Some(found), None),
            Ok(None) => (
                None,
                Some(Diagnosis::no_operator(self.namespace.as_deref())),
            ),
            Err(err) => (None, Some(Diagnosis::operator_not_seen(&err))),
        };
        let (settings, misread) = self.settings(found.as_ref());
        let account = found.as_ref().map(|found| found.account.as_str());
        let mut diagnoses: Vec<Diagnosis> = told.into_iter().chain(misread).collect();
        diagnoses.extend(doctor::examine(&client, &settings, account).await);
        Ok(diagnoses)
    }

    /// What the operator is told, or the usual where it is not found or told what this prodready does not know.
    fn settings(
        &self,
        found: Option<&Installed>,
    ) -> (crate::operator::Settings, Option<Diagnosis>) {
        let namespace = found.map(|found| found.namespace.as_str());
        let namespace = namespace.or(self.namespace.as_deref()).unwrap_or(USUAL);
        let Some(found) = found else {
            return (operator::usual_settings(namespace), None);
        };
        match operator::settings_of(&found.arguments) {
            Ok(settings) => (settings, None),
            Err(err) => (
                operator::usual_settings(namespace),
                Some(Diagnosis::other_version(&err)),
            ),
        }
    }
}

fn text(diagnoses: &[Diagnosis], out: &mut dyn io::Write) -> io::Result<()> {
    for diagnosis in diagnoses {
        let Diagnosis {
            subject,
            state,
            reason,
            message,
            remedy,
        } = diagnosis;
        match state {
            State::Good => writeln!(out, "ok       {subject}: {message}")?,
            State::Remark => writeln!(out, "remark   {subject} ({reason}): {message}")?,
            State::Wrong => writeln!(out, "wrong    {subject} ({reason}): {message}")?,
            State::Unknown => writeln!(out, "unknown  {subject}: {message}")?,
        }
        if let Some(remedy) = remedy {
            writeln!(out, "         do: {remedy}")?;
        }
    }
    let wrong = diagnoses
        .iter()
        .filter(|each| each.state == State::Wrong)
        .count();
    match wrong {
        0 => writeln!(out, "\nNothing is wrong."),
        1 => writeln!(out, "\n1 thing is wrong."),
        many => writeln!(out, "\n{many} things are wrong."),
    }
}
