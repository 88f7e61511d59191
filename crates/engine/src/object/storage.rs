//! Where data lives, and how important a pod is: PersistentVolumeClaim, StorageClass, PriorityClass.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{container::Resources, lenient::null_is_default, metadata::Metadata};

/// A PersistentVolumeClaim.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct PersistentVolumeClaim {
    /// Its name, labels and annotations.
    pub metadata: Metadata,
    /// What is claimed.
    #[serde(deserialize_with = "null_is_default")]
    pub spec: ClaimSpec,
    /// What became of it.
    #[serde(deserialize_with = "null_is_default")]
    pub status: ClaimStatus,
}

/// What is claimed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ClaimSpec {
    /// Who may mount it at the same time.
    #[serde(
        skip_serializing_if = "Vec::is_empty",
        deserialize_with = "null_is_default"
    )]
    pub access_modes: Vec<String>,
    /// The class; the default one where nothing is said, none where it is empty.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub storage_class_name: Option<String>,
    /// The volume, once it is bound.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub volume_name: Option<String>,
    /// How much.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resources: Option<Resources>,
}

/// What became of a claim.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ClaimStatus {
    /// `Pending`, `Bound` or `Lost`.
    pub phase: Option<String>,
}

/// A StorageClass (storage.k8s.io/v1).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct StorageClass {
    /// Its name, labels and annotations.
    pub metadata: Metadata,
    /// Who makes the volumes.
    pub provisioner: String,
    /// What the provisioner is told.
    #[serde(deserialize_with = "null_is_default")]
    pub parameters: BTreeMap<String, String>,
    /// What becomes of a volume whose claim is deleted: `Delete` where nothing is said, or `Retain`.
    pub reclaim_policy: Option<String>,
    /// Whether volumes may grow.
    pub allow_volume_expansion: Option<bool>,
}

impl StorageClass {
    /// Whether claims get it that name none.
    pub fn is_default(&self) -> bool {
        let mark = |key: &str| self.metadata.annotations.get(key).map(String::as_str);
        mark("storageclass.kubernetes.io/is-default-class") == Some("true")
            || mark("storageclass.beta.kubernetes.io/is-default-class") == Some("true")
    }
}

/// A PriorityClass (scheduling.k8s.io/v1).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct PriorityClass {
    /// Its name, labels and annotations.
    pub metadata: Metadata,
    /// Whether pods get it that name none.
    #[serde(deserialize_with = "null_is_default")]
    pub global_default: bool,
}
