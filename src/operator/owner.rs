//! What our own objects go with when the release goes: its ClusterRole.

use k8s_openapi::{api::rbac::v1::ClusterRole, apimachinery::pkg::apis::meta::v1::OwnerReference};
use kube::{Api, Client};

/// A reference to the ClusterRole, so that garbage collection takes what hangs on it.
pub(super) async fn reference(client: &Client, name: &str) -> Result<OwnerReference, kube::Error> {
    let role = Api::<ClusterRole>::all(client.clone()).get(name).await?;
    Ok(OwnerReference {
        api_version: "rbac.authorization.k8s.io/v1".to_owned(),
        kind: "ClusterRole".to_owned(),
        name: name.to_owned(),
        uid: role.metadata.uid.unwrap_or_default(),
        controller: None,
        block_owner_deletion: Some(false),
    })
}
