//! Names, labels, annotations and owners.

use litemap::LiteMap;
use serde::{Deserialize, Serialize};

use super::{lenient::null_is_default, original::Original};
use crate::schema::SchemaFault;

/// Labels or annotations, in the order of their keys. Most objects have a handful: a B-tree of them would take half a
/// kilobyte, with room for eleven.
pub type Labels = LiteMap<String, String>;

/// The parts of `ObjectMeta` that judging needs.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Metadata {
    /// The object's name; empty where the API server is to make one up.
    #[serde(deserialize_with = "null_is_default")]
    pub name: String,
    /// The prefix of a made-up name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub generate_name: Option<String>,
    /// Empty for cluster-scoped objects, and in files that leave it to the release.
    #[serde(
        skip_serializing_if = "String::is_empty",
        deserialize_with = "null_is_default"
    )]
    pub namespace: String,
    /// The object's own labels (a pod template has labels of its own).
    #[serde(
        skip_serializing_if = "Labels::is_empty",
        deserialize_with = "null_is_default"
    )]
    pub labels: Labels,
    /// The object's own annotations.
    #[serde(
        skip_serializing_if = "Labels::is_empty",
        deserialize_with = "null_is_default"
    )]
    pub annotations: Labels,
    /// Counts changes of the spec; absent in files.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub generation: Option<i64>,
    /// Tells apart objects that had the same name one after the other; absent in files.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uid: Option<String>,
    /// Set once the object is being deleted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deletion_timestamp: Option<String>,
    /// When the API server stored it first; absent in files.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub creation_timestamp: Option<String>,
    /// Group and version in which it was written, where that is known: in a cluster every object is shown in the
    /// version that is asked for.
    #[serde(skip)]
    pub written_version: Option<Box<str>>,
    /// What in its file is no field of its kind; none in a cluster, whose API server takes only what is one.
    #[serde(skip)]
    pub schema_faults: Vec<SchemaFault>,
    /// The whole object as it was written, where rules ask about it.
    #[serde(skip)]
    pub original: Option<Original>,
    /// Who made the object, in its own words: anybody may write this.
    #[serde(
        skip_serializing_if = "Vec::is_empty",
        deserialize_with = "null_is_default"
    )]
    pub owner_references: Vec<OwnerReference>,
}

impl Metadata {
    /// The owner that says it manages the object.
    pub fn controller(&self) -> Option<&OwnerReference> {
        self.owner_references.iter().find(|owner| owner.controller)
    }

    /// Drops what no check reads and may be large: the copy of itself that `kubectl apply` keeps. The version in
    /// which that was written stays.
    pub(super) fn forget_last_applied(&mut self) {
        let applied = self
            .annotations
            .remove("kubectl.kubernetes.io/last-applied-configuration");
        let version = applied.as_deref().and_then(first_version);
        if self.written_version.is_none() {
            self.written_version = version.map(Into::into);
        }
    }
}

/// kubectl writes the keys of the copy in order, so `apiVersion` is the first.
fn first_version(applied: &str) -> Option<&str> {
    let rest = applied.trim_start().strip_prefix(r#"{"apiVersion":""#)?;
    rest.split_once('"').map(|(version, _)| version)
}

/// One entry of `metadata.ownerReferences`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct OwnerReference {
    /// Group and version of the owner.
    pub api_version: String,
    /// Kind of the owner.
    pub kind: String,
    /// Name of the owner, in the same namespace.
    pub name: String,
    /// The owner's uid.
    pub uid: String,
    /// Whether this owner manages the object.
    #[serde(deserialize_with = "null_is_default")]
    pub controller: bool,
}
