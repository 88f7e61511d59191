//! What stands beside a workload in its namespace: Services, budgets, ConfigMaps, limits.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{
    container::Amounts,
    lenient::null_is_default,
    metadata::{Labels, Metadata},
    port::IntOrString,
    selector::LabelSelector,
};

/// A Namespace.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Namespace {
    /// Its name, labels and annotations.
    pub metadata: Metadata,
}

/// A Service.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Service {
    /// Its name, labels and annotations.
    pub metadata: Metadata,
    /// Which pods, on which ports.
    #[serde(deserialize_with = "null_is_default")]
    pub spec: ServiceSpec,
}

/// Which pods a Service stands for, and on which ports.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ServiceSpec {
    /// Labels of the pods; a Service without any selects nothing by itself.
    #[serde(deserialize_with = "null_is_default")]
    pub selector: Labels,
    /// Its ports.
    #[serde(deserialize_with = "null_is_default")]
    pub ports: Vec<ServicePort>,
    /// `ClusterIP` where nothing is said.
    #[serde(rename = "type")]
    pub kind: Option<String>,
    /// `None` for a headless Service.
    #[serde(rename = "clusterIP")]
    pub cluster_ip: Option<String>,
}

/// One port of a Service.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ServicePort {
    /// The port's name.
    pub name: Option<String>,
    /// The port's number.
    pub port: i64,
    /// The container's port, by number or name; the same number where nothing is said.
    pub target_port: Option<IntOrString>,
    /// TCP where nothing is said.
    pub protocol: Option<String>,
}

/// A ConfigMap, with its values: checks look for credentials in them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ConfigMap {
    /// Its name, labels and annotations.
    pub metadata: Metadata,
    /// Its values by key.
    #[serde(deserialize_with = "null_is_default")]
    pub data: BTreeMap<String, String>,
}

/// A PodDisruptionBudget.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct PodDisruptionBudget {
    /// Its name, labels and annotations.
    pub metadata: Metadata,
    /// Which pods, and how many of them.
    #[serde(deserialize_with = "null_is_default")]
    pub spec: BudgetSpec,
}

/// Which pods a budget protects, and how many.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct BudgetSpec {
    /// The pods. Absent: none. Empty: every pod of the namespace (policy/v1).
    pub selector: Option<LabelSelector>,
    /// How many must stay.
    pub min_available: Option<IntOrString>,
    /// How many may go.
    pub max_unavailable: Option<IntOrString>,
}

/// A LimitRange.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct LimitRange {
    /// Its name, labels and annotations.
    pub metadata: Metadata,
    /// Its bounds and defaults.
    #[serde(deserialize_with = "null_is_default")]
    pub spec: LimitRangeSpec,
}

/// A LimitRange's bounds and defaults.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct LimitRangeSpec {
    /// By type of object.
    #[serde(deserialize_with = "null_is_default")]
    pub limits: Vec<LimitRangeItem>,
}

/// Bounds and defaults for one type of object.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct LimitRangeItem {
    /// `Container`, `Pod` or `PersistentVolumeClaim`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Limits for containers without.
    #[serde(deserialize_with = "null_is_default")]
    pub default: Amounts,
    /// Requests for containers without; the default limit where nothing is said.
    #[serde(deserialize_with = "null_is_default")]
    pub default_request: Amounts,
}
