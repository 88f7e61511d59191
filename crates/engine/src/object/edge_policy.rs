//! What is done at the edge beside routing: certificates, limits, authentication.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{lenient::null_is_default, metadata::Metadata};

/// A Certificate of cert-manager (cert-manager.io/v1).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Certificate {
    /// Its name, labels and annotations.
    pub metadata: Metadata,
    /// What is asked for.
    #[serde(deserialize_with = "null_is_default")]
    pub spec: CertificateSpec,
    /// What became of it.
    #[serde(deserialize_with = "null_is_default")]
    pub status: CertificateStatus,
}

/// What certificate is asked for.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct CertificateSpec {
    /// The Secret it is put into.
    pub secret_name: String,
    /// The names it is for.
    #[serde(deserialize_with = "null_is_default")]
    pub dns_names: Vec<String>,
}

/// What became of a certificate.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct CertificateStatus {
    /// Its conditions.
    #[serde(deserialize_with = "null_is_default")]
    pub conditions: Vec<StatusCondition>,
}

/// One condition of a status.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct StatusCondition {
    /// What it is about.
    #[serde(rename = "type")]
    pub kind: String,
    /// `True`, `False` or `Unknown`.
    pub status: String,
    /// Why, for people.
    pub message: Option<String>,
}

/// A target of a policy that is attached to Gateway API objects.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct PolicyTarget {
    /// The kind.
    pub kind: String,
    /// The name.
    pub name: String,
}

/// A BackendTrafficPolicy of Envoy Gateway (gateway.envoyproxy.io/v1alpha1).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct BackendTrafficPolicy {
    /// Its name, labels and annotations.
    pub metadata: Metadata,
    /// For what, and which limits.
    #[serde(deserialize_with = "null_is_default")]
    pub spec: BackendTrafficSpec,
}

/// For what a BackendTrafficPolicy is, and which limits it sets.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct BackendTrafficSpec {
    /// One target.
    pub target_ref: Option<PolicyTarget>,
    /// Several targets.
    #[serde(deserialize_with = "null_is_default")]
    pub target_refs: Vec<PolicyTarget>,
    /// How many requests are let in.
    pub rate_limit: Option<Value>,
    /// When an upstream is taken out.
    pub circuit_breaker: Option<Value>,
    /// How often a request is tried again.
    pub retry: Option<Value>,
    /// How long a request may take.
    pub timeout: Option<Value>,
}

/// A SecurityPolicy of Envoy Gateway (gateway.envoyproxy.io/v1alpha1).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct SecurityPolicy {
    /// Its name, labels and annotations.
    pub metadata: Metadata,
    /// For what, and who gets in.
    #[serde(deserialize_with = "null_is_default")]
    pub spec: SecuritySpec,
}

/// For what a SecurityPolicy is, and who gets in.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct SecuritySpec {
    /// One target.
    pub target_ref: Option<PolicyTarget>,
    /// Several targets.
    #[serde(deserialize_with = "null_is_default")]
    pub target_refs: Vec<PolicyTarget>,
    /// Tokens.
    pub jwt: Option<Value>,
    /// OpenID Connect.
    pub oidc: Option<Value>,
    /// Names and passwords.
    pub basic_auth: Option<Value>,
    /// Keys.
    pub api_key_auth: Option<Value>,
    /// Another service decides.
    pub ext_auth: Option<Value>,
    /// Which origins a browser may come from.
    pub cors: Option<Cors>,
}

/// Which origins a browser may come from.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Cors {
    /// The origins; `*` means all.
    #[serde(deserialize_with = "null_is_default")]
    pub allow_origins: Vec<String>,
    /// Whether cookies and credentials go along.
    #[serde(deserialize_with = "null_is_default")]
    pub allow_credentials: bool,
}

/// A Middleware of Traefik (traefik.io/v1alpha1).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Middleware {
    /// Its name, labels and annotations.
    pub metadata: Metadata,
    /// What it does; the key says what.
    #[serde(deserialize_with = "null_is_default")]
    pub spec: serde_json::Map<String, Value>,
}
