//! How the containers of a pod fare.

use serde::{Deserialize, Serialize};

use super::lenient::null_is_default;

/// How one container fares (`ContainerStatus` v1).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ContainerStatus {
    /// The container's name.
    pub name: String,
    /// How often it was started again.
    pub restart_count: i64,
    /// What it does.
    #[serde(deserialize_with = "null_is_default")]
    pub state: ContainerState,
    /// How it ended the last time.
    #[serde(deserialize_with = "null_is_default")]
    pub last_state: ContainerState,
}

/// What a container does: it waits, or it has ended; otherwise it runs.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ContainerState {
    /// Why it waits.
    pub waiting: Option<Reason>,
    /// Why it ended.
    pub terminated: Option<Reason>,
}

/// A reason in one word.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Reason {
    /// The word.
    #[serde(deserialize_with = "null_is_default")]
    pub reason: String,
}

/// What is wrong with a container. One word for what comes and goes: a container that crashes waits, runs and ends in
/// turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Trouble {
    /// Its image cannot be pulled.
    Image,
    /// It cannot be made of what it is given.
    Configuration,
    /// It used more memory than it may.
    OutOfMemory,
    /// It ends again and again.
    Crashes,
}

/// Reasons why a container waits that do not pass by themselves (kubelet, `pkg/kubelet/images` and
/// `pkg/kubelet/kuberuntime`).
const WAITS: [(&str, Trouble); 10] = [
    ("ErrImageNeverPull", Trouble::Image),
    ("ErrImagePull", Trouble::Image),
    ("ImageInspectError", Trouble::Image),
    ("ImagePullBackOff", Trouble::Image),
    ("InvalidImageName", Trouble::Image),
    ("SignatureValidationFailed", Trouble::Image),
    ("CreateContainerConfigError", Trouble::Configuration),
    ("CreateContainerError", Trouble::Configuration),
    ("RunContainerError", Trouble::Configuration),
    ("CrashLoopBackOff", Trouble::Crashes),
];

impl ContainerStatus {
    /// What is wrong with it, where `restarts` is how many are too many.
    pub fn trouble(&self, restarts: i64) -> Option<Trouble> {
        let waits = self.state.waiting.as_ref();
        let waits = waits.and_then(|why| WAITS.iter().find(|(word, _)| *word == why.reason));
        let ended = [&self.state, &self.last_state];
        let mut ended = ended
            .into_iter()
            .filter_map(|state| state.terminated.as_ref());
        if ended.any(|why| why.reason == "OOMKilled") {
            return Some(Trouble::OutOfMemory);
        }
        match waits {
            Some((_, trouble)) => Some(*trouble),
            None => (self.restart_count >= restarts).then_some(Trouble::Crashes),
        }
    }
}
