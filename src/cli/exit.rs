//! How commands end.

use std::{io, process::ExitCode};

/// How a command ended that did what it was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Nothing to object to.
    Good,
    /// There are findings that fail.
    Findings,
    /// Something of the input could not be read; what could be read was judged.
    InputErrors,
}

/// Why a command could not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// The words of the command are off.
    #[error("{0}")]
    Usage(String),
    /// Writing or reading failed.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// Something could not be written as JSON.
    #[error("cannot write JSON: {0}")]
    Json(#[from] serde_json::Error),
    /// Something could not be written as YAML.
    #[error("cannot write YAML: {0}")]
    Yaml(String),
    /// What went wrong is told by its own chain of causes.
    #[error("{0:#}")]
    Other(#[from] anyhow::Error),
}

/// The exit code. A reader that went away, as `head` does, is no error.
#[expect(
    clippy::print_stderr,
    reason = "the one place that tells people why a command failed"
)]
pub(super) fn code(outcome: Result<Outcome, CommandError>) -> ExitCode {
    match outcome {
        Ok(Outcome::Good) => ExitCode::SUCCESS,
        Ok(Outcome::Findings) => ExitCode::from(1),
        Ok(Outcome::InputErrors) => ExitCode::from(2),
        Err(CommandError::Io(err)) if err.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(err) => {
            eprintln!("error: {err}");
            ExitCode::from(2)
        }
    }
}
