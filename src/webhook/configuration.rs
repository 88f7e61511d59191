//! A webhook configuration in the API server: the validating one and the mutating one alike.

use std::fmt::Debug;

use kube::{
    Api, Client, Resource, ResourceExt as _,
    api::{DeleteParams, Patch, PatchParams, Preconditions},
    core::ClusterResourceScope,
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::json;

/// Who writes configurations, for server-side apply.
pub(crate) const FIELD_MANAGER: &str = "prodready-gate";

/// On a configuration: what we meant by it when we wrote it last. Fields that others narrow do not change it, so
/// nobody's loop is fed.
pub(super) const INTENT: &str = "prodready.dev/intent";

/// A kind of webhook configuration.
pub trait Configuration:
    Resource<DynamicType = (), Scope = ClusterResourceScope>
    + Clone
    + Debug
    + Serialize
    + DeserializeOwned
{
}

impl<K> Configuration for K where
    K: Resource<DynamicType = (), Scope = ClusterResourceScope>
        + Clone
        + Debug
        + Serialize
        + DeserializeOwned
{
}

/// A configuration as it is stored.
pub async fn find<K: Configuration>(client: &Client, name: &str) -> Result<Option<K>, kube::Error> {
    Api::all(client.clone()).get_opt(name).await
}

/// Forgets what was meant by a configuration, where it is there, so that the operator writes it anew.
pub async fn forget<K: Configuration>(client: &Client, name: &str) -> Result<(), kube::Error> {
    let api: Api<K> = Api::all(client.clone());
    let forgotten = json!({"metadata": {"annotations": {INTENT: null}}});
    let patched = api
        .patch(name, &PatchParams::default(), &Patch::Merge(&forgotten))
        .await;
    unless_absent(patched.map(drop))
}

/// Writes a configuration, unless the one that was found says already what we mean by it.
pub async fn write<K: Configuration>(
    client: &Client,
    found: Option<&K>,
    wanted: &K,
) -> Result<Written, kube::Error> {
    if found.is_some_and(|found| intent(found) == intent(wanted)) {
        return Ok(Written::Unchanged);
    }
    let api: Api<K> = Api::all(client.clone());
    let force = PatchParams::apply(FIELD_MANAGER).force();
    api.patch(&wanted.name_any(), &force, &Patch::Apply(wanted))
        .await?;
    Ok(Written::Changed)
}

/// Takes away a configuration that was found, and no other that has come in its place.
pub async fn remove<K: Configuration>(client: &Client, found: &K) -> Result<(), kube::Error> {
    let api: Api<K> = Api::all(client.clone());
    let this_one = DeleteParams::default().preconditions(Preconditions {
        uid: found.uid(),
        resource_version: None,
    });
    let removed = api.delete(&found.name_any(), &this_one).await;
    unless_absent(removed.map(drop))
}

fn unless_absent(result: Result<(), kube::Error>) -> Result<(), kube::Error> {
    match result {
        Err(kube::Error::Api(status)) if status.code == 404 => Ok(()),
        other => other,
    }
}

/// Whether something had to be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Written {
    /// It had.
    Changed,
    /// It stood there already.
    Unchanged,
}

fn intent<K: Configuration>(configuration: &K) -> Option<&String> {
    configuration.annotations().get(INTENT)
}
