//! A namespace for one test.

use std::collections::hash_map::RandomState;
use std::fmt::Debug;
use std::hash::BuildHasher;
use std::panic::{AssertUnwindSafe, resume_unwind};
use std::time::Duration;

use futures::FutureExt;
use k8s_openapi::api::core::v1::Namespace;
use kube::api::{DeleteParams, PostParams};
use kube::{Api, Client};
use serde_json::json;
use tokio::time::timeout;

use crate::control_plane::ControlPlane;
use crate::picture;

/// On every namespace that a test made.
const LABEL: &str = "prodready-test";
/// What is done after a test must not hang where the test left the API server down.
const AFTERWARDS: Duration = Duration::from_secs(10);
const LONGEST_NAME: usize = 63;

/// What a test's body returns: nothing, or a `Result` whose error fails the test.
pub trait Outcome {
    /// Why the test failed, where it did.
    fn failure(&self) -> Option<String>;
}

impl Outcome for () {
    fn failure(&self) -> Option<String> {
        None
    }
}

impl<T, E: Debug> Outcome for Result<T, E> {
    fn failure(&self) -> Option<String> {
        self.as_ref().err().map(|err| format!("{err:?}"))
    }
}

/// Runs a test's body with an administrator's client and a namespace of its own, which is named
/// after the test and deleted afterwards (kept with `PRODREADY_KEEP=1`). Where the body panics
/// or returns an error, what the cluster saw in that namespace is printed.
///
/// # Panics
/// Where the body does, and where no namespace can be made.
pub async fn in_namespace<T: Outcome, F>(plane: &ControlPlane, name: &str, body: F) -> T
where
    F: AsyncFnOnce(Client, String) -> T,
{
    let client = plane.client();
    let namespace = make(&client, name).await;
    let ended = AssertUnwindSafe(body(client.clone(), namespace.clone()))
        .catch_unwind()
        .await;
    let failure = match &ended {
        Ok(outcome) => outcome.failure(),
        Err(_) => Some("it panicked".to_owned()),
    };
    if let Some(failure) = failure {
        let picture = timeout(AFTERWARDS, picture::of(&client, &namespace)).await;
        let picture = picture.unwrap_or_else(|_| "the API server does not answer".to_owned());
        eprintln!(
            "test in namespace {namespace} failed: {failure}\n{picture}\n{}",
            plane.complaints()
        );
    }
    remove(client, &namespace).await;
    ended.unwrap_or_else(|panic| resume_unwind(panic))
}

async fn make(client: &Client, name: &str) -> String {
    let name = unique(name);
    let object =
        serde_json::from_value(json!({"metadata": {"name": name, "labels": {LABEL: "true"}}}));
    let object: Namespace = object.expect("a namespace of a name and a label");
    let made = Api::all(client.clone())
        .create(&PostParams::default(), &object)
        .await;
    if let Err(err) = made {
        panic!("making namespace {name}: {err}");
    }
    name
}

async fn remove(client: Client, name: &str) {
    if std::env::var_os("PRODREADY_KEEP").is_some_and(|value| value == "1") {
        eprintln!("namespace {name} is kept");
        return;
    }
    let api: Api<Namespace> = Api::all(client);
    let deleted = timeout(AFTERWARDS, api.delete(name, &DeleteParams::background())).await;
    if !matches!(deleted, Ok(Ok(_))) {
        eprintln!("namespace {name} could not be deleted: {deleted:?}");
    }
}

/// A name that the API accepts, and that no earlier run of the same test has.
fn unique(name: &str) -> String {
    let suffix = format!("-{:05x}", RandomState::new().hash_one(name) & 0xf_ffff);
    let lower = name.to_ascii_lowercase();
    let allowed = lower
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' });
    let stem: String = allowed.take(LONGEST_NAME - suffix.len()).collect();
    format!("{}{suffix}", stem.trim_matches('-'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_what_the_api_accepts() {
        let name = unique("gate::Denies_what_is_privileged");
        assert!(
            name.starts_with("gate--denies-what-is-privileged-"),
            "{name}"
        );
        assert!(unique(&"x".repeat(100)).len() <= LONGEST_NAME);
        assert_ne!(unique("same"), unique("same"));
    }
}
