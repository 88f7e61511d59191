//! What stands beside a workload in its namespace: Services, budgets, ConfigMaps, limits.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{
    container::Amounts,
    lenient::null_is_default,
    metadata::{Labels, Metadata},
    port::{ContainerPort, IntOrString},
    selector::LabelSelector,
};

/// A Namespace.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Namespace {
    /// Its name, labels and annotations.
    pub metadata: Metadata,
    /// How it fares.
    #[serde(deserialize_with = "null_is_default")]
    pub status: NamespaceStatus,
}

/// How a namespace fares.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct NamespaceStatus {
    /// `Active` or `Terminating`.
    pub phase: Option<String>,
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
    /// Addresses that the nodes answer for.
    #[serde(rename = "externalIPs", deserialize_with = "null_is_default")]
    pub external_ips: Vec<String>,
    /// Who may come in from outside; anybody where the list is empty.
    #[serde(deserialize_with = "null_is_default")]
    pub load_balancer_source_ranges: Vec<String>,
    /// `Cluster` where nothing is said, or `Local`.
    pub external_traffic_policy: Option<String>,
    /// `None` where nothing is said, or `ClientIP`.
    pub session_affinity: Option<String>,
    /// Where an ExternalName Service leads.
    pub external_name: Option<String>,
    /// Whether pods are named before they are ready.
    #[serde(deserialize_with = "null_is_default")]
    pub publish_not_ready_addresses: bool,
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

impl ServicePort {
    /// Where it leads: a container's port, by number or name.
    pub fn target(&self) -> IntOrString {
        let target = self.target_port.clone();
        target.unwrap_or(IntOrString::Int(self.port))
    }

    /// Whether this is the port of the container's that it leads to.
    pub fn leads_to(&self, port: &ContainerPort) -> bool {
        fn spoken(protocol: Option<&String>) -> &str {
            protocol.map_or("TCP", String::as_str)
        }
        let is_target = match &self.target_port {
            None => port.container_port == self.port,
            Some(IntOrString::Int(number)) => port.container_port == *number,
            Some(IntOrString::Text(name)) => port.name.as_ref() == Some(name),
        };
        is_target && spoken(self.protocol.as_ref()) == spoken(port.protocol.as_ref())
    }
}

/// An EndpointSlice (discovery.k8s.io/v1), as far as it says how many pods answer for a Service.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct EndpointSlice {
    /// Its name and labels.
    pub metadata: Metadata,
    /// How many pods are behind it.
    #[serde(deserialize_with = "counted")]
    pub endpoints: EndpointCount,
}

/// How many pods are behind a Service: none, one or several. More is not told apart, so that little changes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EndpointCount {
    /// Those that are ready, up to two.
    pub ready: u8,
    /// All of them, up to two.
    pub all: u8,
}

impl EndpointSlice {
    /// The Service that it is of.
    pub fn service(&self) -> Option<&str> {
        let name = self.metadata.labels.get("kubernetes.io/service-name");
        name.map(String::as_str)
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Endpoint {
    #[serde(deserialize_with = "null_is_default")]
    conditions: EndpointConditions,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct EndpointConditions {
    ready: Option<bool>,
}

fn counted<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<EndpointCount, D::Error> {
    let endpoints: Vec<Endpoint> = null_is_default(deserializer)?;
    // What says nothing is ready (EndpointConditions).
    let ready = endpoints
        .iter()
        .filter(|endpoint| endpoint.conditions.ready != Some(false));
    let up_to_two = |count: usize| u8::try_from(count.min(2)).unwrap_or(2);
    Ok(EndpointCount {
        ready: up_to_two(ready.count()),
        all: up_to_two(endpoints.len()),
    })
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
    /// Whether pods that are not ready may always go: `IfHealthyBudget` where nothing is said, or `AlwaysAllow`.
    pub unhealthy_pod_eviction_policy: Option<String>,
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
    /// What is not to be exceeded.
    #[serde(deserialize_with = "null_is_default")]
    pub max: Amounts,
    /// What is not to be fallen short of.
    #[serde(deserialize_with = "null_is_default")]
    pub min: Amounts,
}

/// A ResourceQuota.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ResourceQuota {
    /// Its name, labels and annotations.
    pub metadata: Metadata,
    /// What the namespace may use.
    #[serde(deserialize_with = "null_is_default")]
    pub spec: ResourceQuotaSpec,
}

/// What a namespace may use.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ResourceQuotaSpec {
    /// By resource, such as `requests.cpu`.
    #[serde(deserialize_with = "null_is_default")]
    pub hard: Amounts,
    /// Pods of these kinds alone count.
    #[serde(deserialize_with = "null_is_default")]
    pub scopes: Vec<String>,
}
