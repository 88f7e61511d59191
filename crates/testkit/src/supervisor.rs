//! The process that runs all components, and the lines by which it is told what to do.
//!
//! It ends when its standard input closes: the kernel does that, however this process ends.

use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crate::error::Error;
use crate::facts::Facts;

/// Longer than the supervisor itself waits for anything.
const ANSWER_LIMIT: Duration = Duration::from_secs(200);
/// How long it may take to end its components and remove its directory.
const END_LIMIT: Duration = Duration::from_secs(20);

/// A running supervisor.
pub(crate) struct Supervisor {
    child: Child,
    dialogue: Mutex<Dialogue>,
    said: Said,
}

/// The two ends of the conversation; `None` for the writing end hangs up.
struct Dialogue {
    input: Option<ChildStdin>,
    answers: Receiver<Answer>,
}

enum Answer {
    Ready(String),
    Done,
    Failed(String),
}

/// What it said besides answers: errors, and which component died.
type Said = Arc<Mutex<Vec<String>>>;

impl Supervisor {
    /// Starts a control plane and waits until pods can run in it.
    pub(crate) fn start(program: &Path) -> Result<(Self, Facts), Error> {
        if !program.exists() {
            return Err(Error::NotBuilt {
                path: program.to_owned(),
            });
        }
        let supervisor = Self::spawn(program).map_err(|source| Error::Unrunnable {
            path: program.to_owned(),
            source,
        })?;
        let answer = supervisor.dialogue().answers.recv_timeout(ANSWER_LIMIT);
        match answer {
            Ok(Answer::Ready(json)) => match serde_json::from_str(&json) {
                Ok(facts) => Ok((supervisor, facts)),
                Err(err) => Err(Error::NotStarted {
                    said: format!("{err} in {json}"),
                }),
            },
            _ => Err(Error::NotStarted {
                said: supervisor.into_last_words(),
            }),
        }
    }

    fn spawn(program: &Path) -> std::io::Result<Self> {
        let mut child = Command::new(program)
            .arg("up")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        let said = Said::default();
        let (sender, answers) = channel();
        let input = child.stdin.take();
        if let Some(output) = child.stdout.take() {
            let said = Arc::clone(&said);
            thread::spawn(move || listen(output, &sender, &said));
        }
        if let Some(errors) = child.stderr.take() {
            let said = Arc::clone(&said);
            thread::spawn(move || take_down(errors, &said));
        }
        Ok(Self {
            child,
            dialogue: Mutex::new(Dialogue { input, answers }),
            said,
        })
    }

    /// Has a line such as `restart kube-apiserver` carried out.
    pub(crate) fn ask(&self, line: &str) -> Result<(), Error> {
        let mut dialogue = self.dialogue();
        let sent = dialogue
            .input
            .as_mut()
            .is_some_and(|input| writeln!(input, "{line}").is_ok());
        if !sent {
            return Err(self.gone(line));
        }
        match dialogue.answers.recv_timeout(ANSWER_LIMIT) {
            Ok(Answer::Done | Answer::Ready(_)) => Ok(()),
            Ok(Answer::Failed(said)) => Err(Error::NotDone {
                asked: line.to_owned(),
                said,
            }),
            Err(RecvTimeoutError::Timeout) => Err(Error::NotDone {
                asked: line.to_owned(),
                said: format!("no answer within {ANSWER_LIMIT:?}"),
            }),
            Err(RecvTimeoutError::Disconnected) => Err(self.gone(line)),
        }
    }

    /// What it said that was no answer.
    pub(crate) fn said(&self) -> String {
        lock(&self.said).join("\n")
    }

    fn gone(&self, asked: &str) -> Error {
        Error::Gone {
            asked: asked.to_owned(),
            said: self.said(),
        }
    }

    fn dialogue(&self) -> MutexGuard<'_, Dialogue> {
        lock(&self.dialogue)
    }

    /// Waits for its end, so that nothing it says is missed.
    fn into_last_words(self) -> String {
        let said = Arc::clone(&self.said);
        drop(self);
        lock(&said).join("\n")
    }
}

impl Drop for Supervisor {
    fn drop(&mut self) {
        self.dialogue().input = None;
        let deadline = Instant::now() + END_LIMIT;
        while matches!(self.child.try_wait(), Ok(None)) && Instant::now() < deadline {
            thread::sleep(Duration::from_millis(10));
        }
        // Kills nothing that has ended in time.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Where `make controlplane` puts a program.
pub fn program(name: &str) -> PathBuf {
    let built = std::env::var_os("PRODREADY_CONTROLPLANE_DIR").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/controlplane"),
        PathBuf::from,
    );
    built.join("bin").join(name)
}

fn listen(output: impl Read, answers: &Sender<Answer>, said: &Said) {
    for line in BufReader::new(output).lines().map_while(Result::ok) {
        let (kind, text) = line.split_once(' ').unwrap_or((&line, ""));
        let answer = match kind {
            "ready" => Answer::Ready(text.to_owned()),
            "ok" => Answer::Done,
            "failed" => Answer::Failed(text.to_owned()),
            _ => {
                note(said, line);
                continue;
            }
        };
        if answers.send(answer).is_err() {
            return;
        }
    }
}

fn take_down(errors: impl Read, said: &Said) {
    for line in BufReader::new(errors).lines().map_while(Result::ok) {
        note(said, line);
    }
}

fn note(said: &Said, line: String) {
    lock(said).push(line);
}

/// A lock that a panicking test leaves behind guards nothing half-done here.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
