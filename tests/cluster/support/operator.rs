//! The operator's process.

use std::{
    fs::{File, OpenOptions},
    path::PathBuf,
    process::{Child, Command, ExitStatus, Stdio},
    sync::Arc,
};

use prodready_testkit::wait;
use serde_json::Value;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use super::LIMIT;

/// Every request that reaches the gate is a log line, also one that is allowed.
const LOG_LEVEL: &str = "--log-level=info,prodready=debug";

/// How many lines of the log are shown where a test fails.
const SHOWN: usize = 40;

/// How an operator is started.
pub(super) struct Launch {
    pub(super) arguments: Vec<String>,
    pub(super) kubeconfig: PathBuf,
    pub(super) environment: Vec<(String, String)>,
    pub(super) log: PathBuf,
    pub(super) gate_port: u16,
    pub(super) admin_port: u16,
}

/// An operator's process. It ends when this is dropped, and when the tests' process does, however that
/// ends. Where the test fails, the end of its log is shown.
pub(crate) struct Operator {
    launch: Arc<Launch>,
    running: Option<Running>,
}

/// A process and what ends it: a shell that waits for the end of a pipe that this process holds open.
struct Running {
    child: Child,
    guard: Child,
}

/// A request that reached the gate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Review {
    /// The entry of the gate's configuration by which it came: `enforce` or `warn`.
    pub(crate) entry: String,
    /// `CREATE` or `UPDATE`.
    pub(crate) operation: String,
    /// The kind where a policy governed, else `other`.
    pub(crate) kind: String,
    /// The object's name; empty for one that is to get a generated name.
    pub(crate) name: String,
    /// `allowed`, `warned` or `denied`.
    pub(crate) decision: String,
}

impl Operator {
    /// Starts it, and returns when it is ready.
    pub(super) async fn start(launch: Arc<Launch>) -> Self {
        let mut operator = Self {
            launch,
            running: None,
        };
        operator.start_again().await;
        operator
    }

    /// Starts an operator that was ended, and returns when it is ready.
    pub(crate) async fn start_again(&mut self) {
        self.spawn();
        self.wait_until_ready().await;
    }

    /// Starts an operator that was ended, without waiting for anything.
    pub(crate) fn spawn(&mut self) {
        assert!(self.running.is_none(), "the operator runs already");
        self.running = Some(Running::start(&self.launch));
    }

    /// Ends it without warning and starts it again; returns when it is ready.
    pub(crate) async fn restart(&mut self) {
        self.kill();
        self.start_again().await;
    }

    /// Ends it without warning, as a node that loses its power does.
    pub(crate) fn kill(&mut self) {
        if let Some(running) = self.running.take() {
            running.kill();
        }
    }

    /// Sends SIGTERM, as the kubelet does, and waits for the end, which must be an orderly one.
    pub(crate) async fn stop(&mut self) {
        self.terminate();
        let ended = self.wait_for_end().await;
        assert_eq!(ended.code(), Some(0), "{}", self.tail());
    }

    /// Sends SIGTERM and returns at once.
    pub(crate) fn terminate(&self) {
        let id = self.id().to_string();
        let sent = Command::new("kill").args(["-TERM", &id]).status().unwrap();
        assert!(
            sent.success(),
            "the operator is gone already: {}",
            self.tail()
        );
    }

    /// Waits until the process has ended by itself or by a signal.
    pub(crate) async fn wait_for_end(&mut self) -> ExitStatus {
        let running = self.running.as_mut().unwrap();
        let ended = wait("the operator ends", LIMIT, async || {
            running.child.try_wait().unwrap()
        })
        .await;
        self.kill();
        ended
    }

    /// The process's id.
    pub(crate) fn id(&self) -> u32 {
        self.running.as_ref().unwrap().child.id()
    }

    /// The port of health and metrics.
    pub(crate) fn admin_port(&self) -> u16 {
        self.launch.admin_port
    }

    /// The gate's port.
    pub(crate) fn gate_port(&self) -> u16 {
        self.launch.gate_port
    }

    /// Waits until `/readyz` says so. Fails at once where the process has ended.
    pub(crate) async fn wait_until_ready(&mut self) {
        let running = self.running.as_mut().unwrap();
        let port = self.launch.admin_port;
        let ended = wait("the operator is ready", LIMIT, async || {
            if let Some(status) = running.child.try_wait().unwrap() {
                return Ok(Some(status));
            }
            match get(port, "/readyz").await {
                Ok((200, _)) => Ok(None),
                Ok((code, body)) => Err(format!("{code}: {body}")),
                Err(err) => Err(err.to_string()),
            }
        })
        .await;
        assert!(ended.is_none(), "ended: {ended:?}\n{}", self.tail());
    }

    /// Asks the admin port, such as for `/readyz`: the status and the body.
    pub(crate) async fn get(&self, path: &str) -> (u16, String) {
        get(self.launch.admin_port, path).await.unwrap()
    }

    /// Its metrics as Prometheus reads them.
    pub(crate) async fn metrics(&self) -> String {
        let (status, body) = self.get("/metrics").await;
        assert_eq!(status, 200, "{body}");
        body
    }

    /// The sum of a metric's samples that have all of these labels, each written as `result="written"`;
    /// 0 where there is none.
    pub(crate) async fn metric(&self, name: &str, labels: &[&str]) -> u64 {
        let metrics = self.metrics().await;
        let value = |line: &str| -> Option<u64> {
            let (sample, value) = line.rsplit_once(' ')?;
            let (found, of) = sample.split_once('{').unwrap_or((sample, ""));
            let is_meant = found == name && labels.iter().all(|label| of.contains(label));
            is_meant.then(|| value.parse().unwrap())
        };
        metrics.lines().filter_map(value).sum()
    }

    /// Waits until it writes reports. An operator whose predecessor was killed waits for its Lease to run out.
    pub(crate) async fn wait_until_leading(&self) {
        wait("the operator leads", LIMIT, async || {
            self.metric("prodready_leader", &[]).await == 1
        })
        .await;
    }

    /// The requests from one namespace that reached the gate, in order. What has been answered is among them.
    pub(crate) fn reviews(&self, namespace: &str) -> Vec<Review> {
        let log = self.log();
        let events = log
            .lines()
            .filter_map(|line| serde_json::from_str::<Value>(line).ok());
        let review = |event: Value| {
            let fields = if event["fields"].is_object() {
                &event["fields"]
            } else {
                &event
            };
            let text = |name: &str| fields[name].as_str().unwrap_or_default().to_owned();
            (text("message") == "reviewed" && text("namespace") == namespace).then(|| Review {
                entry: text("entry"),
                operation: text("operation"),
                kind: text("kind"),
                name: text("name"),
                decision: text("decision"),
            })
        };
        events.filter_map(review).collect()
    }

    /// How often it began to serve another certificate, restarts aside.
    pub(crate) fn certificates_served(&self) -> usize {
        self.log().matches("serving a new certificate").count()
    }

    /// All that it logged, also before a restart.
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(&self.launch.log).unwrap_or_default()
    }

    /// The end of its log.
    pub(crate) fn tail(&self) -> String {
        let log = self.log();
        let lines: Vec<&str> = log
            .lines()
            .filter(|line| !line.contains(r#""reviewed""#))
            .collect();
        lines[lines.len().saturating_sub(SHOWN)..].join("\n")
    }
}

impl Drop for Operator {
    fn drop(&mut self) {
        self.kill();
        if std::thread::panicking() {
            eprintln!("the operator's log ends so:\n{}", self.tail());
        }
    }
}

impl Running {
    fn start(launch: &Launch) -> Self {
        let log = log_file(launch);
        let arguments = launch.arguments.iter().map(|argument| {
            if argument.starts_with("--log-level=") {
                LOG_LEVEL
            } else {
                argument.as_str()
            }
        });
        let child = Command::new(env!("CARGO_BIN_EXE_prodready"))
            .args(arguments)
            .env("KUBECONFIG", &launch.kubeconfig)
            .envs(launch.environment.iter().cloned())
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .unwrap();
        let end = format!("read -r _; kill -KILL {}", child.id());
        let guard = Command::new("sh")
            .args(["-c", &end])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        Self { child, guard }
    }

    /// The guard first: once the child is waited for, its id may belong to somebody else.
    fn kill(mut self) {
        for process in [&mut self.guard, &mut self.child] {
            // It may have ended by itself.
            let _ = process.kill();
            let _ = process.wait();
        }
    }
}

fn log_file(launch: &Launch) -> File {
    let mut options = OpenOptions::new();
    options.create(true).append(true).open(&launch.log).unwrap()
}

/// Asks a server on this machine over plain HTTP: the status and the body.
async fn get(port: u16, path: &str) -> std::io::Result<(u16, String)> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await?;
    let request = format!("GET {path} HTTP/1.0\r\nHost: localhost\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    let (head, body) = answer
        .split_once("\r\n\r\n")
        .unwrap_or((answer.as_str(), ""));
    let status = head.split(' ').nth(1).and_then(|code| code.parse().ok());
    Ok((status.unwrap_or(0), body.to_owned()))
}
