//! What sets the number of replicas: HorizontalPodAutoscaler and KEDA's ScaledObject.

use serde::{Deserialize, Serialize};

use super::{container::Amounts, lenient::null_is_default, metadata::Metadata};

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
    /// What it scales by; CPU at 80 % where the list is empty.
    #[serde(deserialize_with = "null_is_default")]
    pub metrics: Vec<Metric>,
    /// How fast it goes up and down.
    pub behavior: Option<serde_json::Value>,
}

/// What an autoscaler scales by.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Metric {
    /// `Resource`, `ContainerResource`, `Pods`, `Object` or `External`.
    #[serde(rename = "type")]
    pub kind: String,
    /// A resource of all containers together.
    pub resource: Option<ResourceMetric>,
    /// A resource of one container.
    pub container_resource: Option<ResourceMetric>,
}

/// A resource that is measured.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ResourceMetric {
    /// The resource.
    pub name: String,
    /// The container, for `ContainerResource`.
    pub container: Option<String>,
    /// What is aimed at.
    #[serde(deserialize_with = "null_is_default")]
    pub target: MetricTarget,
}

/// What is aimed at.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct MetricTarget {
    /// `Utilization` is a part of the request, so there must be one.
    #[serde(rename = "type")]
    pub kind: String,
}

/// A VerticalPodAutoscaler (autoscaling.k8s.io/v1).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct VerticalPodAutoscaler {
    /// Its name, labels and annotations.
    pub metadata: Metadata,
    /// What it sizes, and how.
    #[serde(deserialize_with = "null_is_default")]
    pub spec: VerticalSpec,
    /// What it found out.
    #[serde(deserialize_with = "null_is_default")]
    pub status: VerticalStatus,
}

/// What a VerticalPodAutoscaler found out.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct VerticalStatus {
    /// What it recommends; nothing until it has seen pods for a while.
    #[serde(deserialize_with = "null_is_default")]
    pub recommendation: Recommendation,
}

/// What a VerticalPodAutoscaler recommends.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Recommendation {
    /// By container.
    #[serde(deserialize_with = "null_is_default")]
    pub container_recommendations: Vec<ContainerRecommendation>,
}

/// What a VerticalPodAutoscaler recommends for the requests of a container.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ContainerRecommendation {
    /// The container's name.
    pub container_name: String,
    /// Less than this is too little.
    #[serde(deserialize_with = "null_is_default")]
    pub lower_bound: Amounts,
    /// What would be right.
    #[serde(deserialize_with = "null_is_default")]
    pub target: Amounts,
}

/// What a VerticalPodAutoscaler sizes, and how.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct VerticalSpec {
    /// What it sizes.
    #[serde(deserialize_with = "null_is_default")]
    pub target_ref: ScaleTarget,
    /// How it acts.
    pub update_policy: Option<UpdatePolicy>,
    /// Which resources of which containers.
    pub resource_policy: Option<ResourcePolicy>,
}

/// How a VerticalPodAutoscaler acts.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct UpdatePolicy {
    /// `Off` only recommends; `Auto` where nothing is said.
    pub update_mode: Option<String>,
}

/// Which resources of which containers are sized.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ResourcePolicy {
    /// By container.
    #[serde(deserialize_with = "null_is_default")]
    pub container_policies: Vec<ContainerPolicy>,
}

/// Which resources of a container are sized.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ContainerPolicy {
    /// The resources; CPU and memory where nothing is said.
    pub controlled_resources: Option<Vec<String>>,
}

impl VerticalPodAutoscaler {
    /// Whether it changes requests of a resource by itself.
    pub fn sizes(&self, resource: &str) -> bool {
        let mode = self.spec.update_policy.as_ref();
        let acts = mode.and_then(|policy| policy.update_mode.as_deref()) != Some("Off");
        let policies = self.spec.resource_policy.iter();
        let narrowed: Vec<&Vec<String>> = policies
            .flat_map(|policy| &policy.container_policies)
            .filter_map(|policy| policy.controlled_resources.as_ref())
            .collect();
        let meant = narrowed.is_empty()
            || narrowed
                .iter()
                .any(|resources| resources.iter().any(|one| one == resource));
        acts && meant
    }
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
