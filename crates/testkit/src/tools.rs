//! Runners of kubectl and helm.

use std::fmt;
use std::process::Stdio;

use tokio::io::AsyncWriteExt;
use tokio::process::Command;

use crate::control_plane::ControlPlane;
use crate::supervisor::program;

/// A command that has ended.
#[derive(Debug, Clone)]
#[must_use = "a command may have failed: look at `success()` or call `expect_success()`"]
pub struct Ran {
    /// The command line.
    pub command: String,
    /// The exit code; none when a signal ended it.
    pub code: Option<i32>,
    /// What it printed.
    pub stdout: String,
    /// What it complained of.
    pub stderr: String,
}

impl Ran {
    /// Whether the exit code is 0.
    pub fn success(&self) -> bool {
        self.code == Some(0)
    }

    /// What it printed, where it succeeded.
    ///
    /// # Panics
    /// Where it failed; the message has all that it said.
    #[track_caller]
    pub fn expect_success(self) -> String {
        assert!(self.success(), "failed: {self}");
        self.stdout
    }

    /// What it complained of, where it failed.
    ///
    /// # Panics
    /// Where it succeeded.
    #[track_caller]
    pub fn expect_failure(self) -> String {
        assert!(!self.success(), "must fail: {self}");
        self.stderr
    }
}

impl fmt::Display for Ran {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            command,
            code,
            stdout,
            stderr,
        } = self;
        write!(
            f,
            "{command} (exit code {code:?})\n--- stdout\n{stdout}\n--- stderr\n{stderr}"
        )
    }
}

/// Runs kubectl as administrator, or as another with `--kubeconfig`.
///
/// # Panics
/// Where kubectl is not there.
pub async fn kubectl(plane: &ControlPlane, arguments: &[&str]) -> Ran {
    run(plane, "kubectl", arguments, "").await
}

/// Runs kubectl with something on its standard input, such as objects for `apply -f -`.
///
/// # Panics
/// Where kubectl is not there.
pub async fn kubectl_with_input(plane: &ControlPlane, arguments: &[&str], input: &str) -> Ran {
    run(plane, "kubectl", arguments, input).await
}

/// Runs helm as administrator, or as another with `--kubeconfig`, without any of the user's own
/// settings and repositories.
///
/// # Panics
/// Where helm is not there.
pub async fn helm(plane: &ControlPlane, arguments: &[&str]) -> Ran {
    run(plane, "helm", arguments, "").await
}

async fn run(plane: &ControlPlane, name: &str, arguments: &[&str], input: &str) -> Ran {
    let path = program(name);
    let private = plane.directory().join(name);
    let spawned = Command::new(&path)
        .args(arguments)
        .env("KUBECONFIG", plane.kubeconfig())
        .env("KUBECACHEDIR", &private)
        .env("KUBERC", "off")
        .envs(
            ["HELM_CACHE_HOME", "HELM_CONFIG_HOME", "HELM_DATA_HOME"]
                .map(|variable| (variable, &private)),
        )
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn();
    let mut child = match spawned {
        Ok(child) => child,
        Err(err) => panic!(
            "{}: {err}; build it with: make controlplane",
            path.display()
        ),
    };
    let stdin = child.stdin.take();
    let feed = async {
        if let Some(mut stdin) = stdin {
            // A command that does not read all of its input says why by its exit code.
            let _ = stdin.write_all(input.as_bytes()).await;
        }
    };
    let (ended, ()) = tokio::join!(child.wait_with_output(), feed);
    let output = ended.expect("a started command can be waited for");
    Ran {
        command: format!("{name} {}", arguments.join(" ")),
        code: output.status.code(),
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}
