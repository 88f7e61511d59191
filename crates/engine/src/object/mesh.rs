//! A service mesh: the kinds of Istio.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{lenient::null_is_default, metadata::Metadata, selector::LabelSelector};

/// A PeerAuthentication (security.istio.io): whether plain text is taken.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct PeerAuthentication {
    /// Its name, labels and annotations.
    pub metadata: Metadata,
    /// For whom, and how strict.
    #[serde(deserialize_with = "null_is_default")]
    pub spec: PeerAuthenticationSpec,
}

/// For whom a PeerAuthentication is, and how strict.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct PeerAuthenticationSpec {
    /// The pods; all of the namespace, or of the mesh where the namespace is the mesh's own, where it is absent.
    pub selector: Option<LabelSelector>,
    /// How strict.
    pub mtls: Option<MutualTls>,
}

/// How strict mutual TLS is.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct MutualTls {
    /// `STRICT`, `PERMISSIVE` or `DISABLE`; what is set above where nothing is said.
    pub mode: Option<String>,
}

/// An AuthorizationPolicy (security.istio.io).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct AuthorizationPolicy {
    /// Its name, labels and annotations.
    pub metadata: Metadata,
    /// For whom.
    #[serde(deserialize_with = "null_is_default")]
    pub spec: AuthorizationSpec,
}

/// For whom an AuthorizationPolicy is.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct AuthorizationSpec {
    /// The pods; all of the namespace where it is absent.
    pub selector: Option<LabelSelector>,
}

/// A DestinationRule (networking.istio.io): how a service is called.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct DestinationRule {
    /// Its name, labels and annotations.
    pub metadata: Metadata,
    /// How which service is called.
    #[serde(deserialize_with = "null_is_default")]
    pub spec: DestinationSpec,
}

/// How which service is called.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct DestinationSpec {
    /// The service's host.
    pub host: String,
    /// Limits and ejection.
    pub traffic_policy: Option<TrafficPolicy>,
}

/// Limits and ejection.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct TrafficPolicy {
    /// When an endpoint is taken out.
    pub outlier_detection: Option<Value>,
    /// How many connections and requests may wait.
    pub connection_pool: Option<Value>,
    /// How TLS is spoken.
    pub tls: Option<MutualTls>,
}

/// A VirtualService (networking.istio.io): how requests are routed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct VirtualService {
    /// Its name, labels and annotations.
    pub metadata: Metadata,
    /// Hosts and routes.
    #[serde(deserialize_with = "null_is_default")]
    pub spec: VirtualSpec,
}

/// Hosts and routes.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct VirtualSpec {
    /// The hosts.
    #[serde(deserialize_with = "null_is_default")]
    pub hosts: Vec<String>,
    /// The routes for HTTP.
    #[serde(deserialize_with = "null_is_default")]
    pub http: Vec<VirtualRoute>,
}

/// A route for HTTP.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct VirtualRoute {
    /// How long a request may take.
    pub timeout: Option<String>,
    /// How often it is tried again.
    pub retries: Option<Value>,
    /// Where it goes.
    #[serde(deserialize_with = "null_is_default")]
    pub route: Vec<VirtualTarget>,
}

/// Where a request goes.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct VirtualTarget {
    /// The service.
    #[serde(deserialize_with = "null_is_default")]
    pub destination: Destination,
}

/// A service by its host.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Destination {
    /// The host.
    pub host: String,
}

/// Whether a mesh's host means a Service: by its name, or by the name that cluster DNS gives it.
pub fn host_means(host: &str, own_namespace: &str, service: &str, namespace: &str) -> bool {
    let mut parts = host.splitn(3, '.');
    let name = parts.next().unwrap_or_default();
    let in_namespace = parts.next().unwrap_or(own_namespace);
    (name == service || name == "*") && in_namespace == namespace
}
