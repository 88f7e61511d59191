//! What sets the number of replicas: HorizontalPodAutoscaler and KEDA's ScaledObject.

use serde::{Deserialize, Serialize};

use super::{lenient::null_is_default, metadata::Metadata};

/// What is scaled. The version may differ from the object's; group, kind and name decide.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ScaleTarget {
    /// Group and version; `apps/v1` for KEDA where nothing is said.
    pub api_version: Option<String>,
    /// The kind; Deployment for KEDA where nothing is said.
    pub kind: Option<String>,
    /// The name.
    pub name: String,
}

impl ScaleTarget {
    /// Whether it means the object of this group, kind and name.
    pub fn means(&self, api_version: &str, kind: &str, name: &str) -> bool {
        let group = |version: &str| {
            version
                .split_once('/')
                .map_or(String::new(), |(group, _)| group.to_owned())
        };
        self.name == name
            && self.kind.as_deref().unwrap_or("Deployment") == kind
            && self
                .api_version
                .as_deref()
                .is_none_or(|own| group(own) == group(api_version))
    }
}

/// A HorizontalPodAutoscaler (autoscaling/v2).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct HorizontalPodAutoscaler {
    /// Its name, labels and annotations.
    pub metadata: Metadata,
    /// What it scales, and how far.
    #[serde(deserialize_with = "null_is_default")]
    pub spec: AutoscalerSpec,
}

/// What an autoscaler scales, and how far.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct AutoscalerSpec {
    /// What it scales.
    #[serde(deserialize_with = "null_is_default")]
    pub scale_target_ref: ScaleTarget,
    /// 1 where nothing is said.
    pub min_replicas: Option<i64>,
    /// The upper bound.
    pub max_replicas: Option<i64>,
}

/// A KEDA ScaledObject (keda.sh/v1alpha1).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ScaledObject {
    /// Its name, labels and annotations.
    pub metadata: Metadata,
    /// What it scales, and how far.
    #[serde(deserialize_with = "null_is_default")]
    pub spec: ScaledObjectSpec,
}

/// What a ScaledObject scales, and how far.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ScaledObjectSpec {
    /// What it scales.
    #[serde(deserialize_with = "null_is_default")]
    pub scale_target_ref: ScaleTarget,
    /// 0 where nothing is said.
    pub min_replica_count: Option<i64>,
    /// 100 where nothing is said.
    pub max_replica_count: Option<i64>,
}
