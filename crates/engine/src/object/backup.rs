//! What keeps a second copy of data: Velero, K8up, CloudNativePG.

use serde::{Deserialize, Serialize};

use super::{lenient::null_is_default, metadata::Metadata, selector::LabelSelector};

/// A Schedule of Velero (velero.io/v1).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct VeleroSchedule {
    /// Its name, labels and annotations.
    pub metadata: Metadata,
    /// When, and what.
    #[serde(deserialize_with = "null_is_default")]
    pub spec: VeleroScheduleSpec,
}

/// When Velero backs up, and what.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct VeleroScheduleSpec {
    /// Whether it is stopped.
    #[serde(deserialize_with = "null_is_default")]
    pub paused: bool,
    /// What is backed up.
    #[serde(deserialize_with = "null_is_default")]
    pub template: VeleroTemplate,
}

/// What Velero backs up.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct VeleroTemplate {
    /// Namespaces; all where the list is empty.
    #[serde(deserialize_with = "null_is_default")]
    pub included_namespaces: Vec<String>,
    /// Namespaces that are left out.
    #[serde(deserialize_with = "null_is_default")]
    pub excluded_namespaces: Vec<String>,
    /// Objects by label; all where it is absent.
    pub label_selector: Option<LabelSelector>,
}

impl VeleroSchedule {
    /// Whether a namespace is backed up.
    pub fn covers(&self, namespace: &str) -> bool {
        let template = &self.spec.template;
        let named = |list: &[String]| list.iter().any(|name| name == namespace || name == "*");
        !self.spec.paused
            && (template.included_namespaces.is_empty() || named(&template.included_namespaces))
            && !named(&template.excluded_namespaces)
    }
}

/// A Schedule of K8up (k8up.io/v1); it backs up the claims of its namespace.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct K8upSchedule {
    /// Its name, labels and annotations.
    pub metadata: Metadata,
}

/// A ScheduledBackup of CloudNativePG (postgresql.cnpg.io/v1).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ScheduledBackup {
    /// Its name, labels and annotations.
    pub metadata: Metadata,
}
