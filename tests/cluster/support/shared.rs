//! The installation that tests share, and control planes of a test's own.

use std::ops::Deref;

use kube::Client;
use prodready_testkit::{ControlPlane, in_namespace, shared};
use serde_json::json;
use tokio::sync::{OnceCell, Semaphore, SemaphorePermit};

use super::{Installation, accepted, apply};

static SHARED: OnceCell<Installation<'static>> = OnceCell::const_new();

/// A control plane takes a second core and half a gigabyte: one at a time beside the shared one.
static PLACES: Semaphore = Semaphore::const_new(1);

/// The installation in the shared control plane, started by the first test that asks. Nobody may end
/// its operator.
///
/// Two policies of each mode stand in it that select nothing: the gate's configuration is then
/// the same whatever policies tests write, and only memory decides about a namespace.
pub(crate) async fn shared_installation() -> &'static Installation<'static> {
    SHARED
        .get_or_init(async || {
            let installation = Installation::start(shared(), &[]).await;
            for (name, mode) in [
                ("standing-enforce-1", "Enforce"),
                ("standing-enforce-2", "Enforce"),
                ("standing-warn-1", "Warn"),
                ("standing-warn-2", "Warn"),
            ] {
                let policy = json!({
                    "apiVersion": "prodready.dev/v1alpha1",
                    "kind": "ProductionReadinessPolicy",
                    "metadata": {"name": name},
                    "spec": {
                        "precedence": -1000,
                        "namespaceSelector": {"matchLabels": {"selects": "nothing"}},
                        "enforcement": {"mode": mode},
                    },
                });
                apply(shared(), &policy).await;
                accepted(&shared().client(), name).await;
            }
            installation
        })
        .await
}

/// Runs a test's body with the shared installation and a namespace of its own. Policies of the test
/// select that namespace alone. Where the body fails, the end of the operator's log is shown.
pub(crate) async fn in_installation<F>(name: &str, body: F)
where
    F: AsyncFnOnce(&'static Installation<'static>, Client, String),
{
    let installation = shared_installation().await;
    let _shown = ShownOnFailure(installation);
    in_namespace(installation.plane, name, async |client, namespace| {
        body(installation, client, namespace).await;
    })
    .await;
}

struct ShownOnFailure(&'static Installation<'static>);

impl Drop for ShownOnFailure {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("the operator's log ends so:\n{}", self.0.operator.tail());
        }
    }
}

/// A control plane for one test, which ends with it.
pub(crate) struct OwnControlPlane {
    plane: ControlPlane,
    _permit: SemaphorePermit<'static>,
}

impl Deref for OwnControlPlane {
    type Target = ControlPlane;

    fn deref(&self) -> &ControlPlane {
        &self.plane
    }
}

/// Starts a control plane for one test alone, as soon as no other test has one. Nothing, where a cluster
/// was given for the tests: that is not to be stopped, and is the shared one.
pub(crate) async fn own_control_plane() -> Option<OwnControlPlane> {
    if !shared().is_ours() {
        return None;
    }
    let permit = PLACES.acquire().await.unwrap();
    let started = tokio::task::spawn_blocking(ControlPlane::start);
    Some(OwnControlPlane {
        plane: started.await.unwrap().unwrap(),
        _permit: permit,
    })
}
