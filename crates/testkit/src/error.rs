//! What can go wrong with a control plane, and what to do about it.

use std::io;
use std::path::PathBuf;

/// Why a control plane cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The programs have not been built.
    #[error(
        "{}: no control plane; build it once (about five minutes) with: make controlplane; \
         or set PRODREADY_TEST_KUBECONFIG to the kubeconfig of a cluster that tests may use", path.display()
    )]
    NotBuilt {
        /// Where the program should be.
        path: PathBuf,
    },
    /// The program is there but cannot be run.
    #[error("{}: cannot be run; build it anew with: make controlplane", path.display())]
    Unrunnable {
        /// The program.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// It ended before pods could run.
    #[error("the control plane did not start: {said}")]
    NotStarted {
        /// What it said last.
        said: String,
    },
    /// It does not answer any more.
    #[error("the control plane is gone, {asked:?} was not done; it said: {said}")]
    Gone {
        /// What it was asked to do.
        asked: String,
        /// What it said last.
        said: String,
    },
    /// It could not do what it was asked to.
    #[error("the control plane could not do {asked:?}: {said}")]
    NotDone {
        /// What it was asked to do.
        asked: String,
        /// What it answered.
        said: String,
    },
    /// The cluster belongs to somebody else.
    #[error(
        "{asked:?} is not done to the cluster of PRODREADY_TEST_KUBECONFIG; unset that to let tests have their own"
    )]
    NotOurs {
        /// What was asked for.
        asked: String,
    },
    /// A kubeconfig cannot be used.
    #[error("{}: not a usable kubeconfig", path.display())]
    Kubeconfig {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: Box<kube::config::KubeconfigError>,
    },
    /// A file cannot be read or written.
    #[error("{}: cannot be read or written", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The API server refused something.
    #[error("{doing}: {source}")]
    Api {
        /// What was being done.
        doing: String,
        /// What the API server says.
        source: Box<kube::Error>,
    },
}
