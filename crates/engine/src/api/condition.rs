//! Conditions as every Kubernetes API has them.
//!
//! Not k8s-openapi's type: its schema has no bounds, and a status that is no word of the three
//! passes.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One aspect of an object's state, as `metav1.Condition`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Condition {
    /// The aspect, in camel case. Example: `Accepted`.
    #[serde(rename = "type")]
    #[schemars(
        length(min = 1, max = 316),
        regex(pattern = r"^[A-Za-z]([A-Za-z0-9]*[A-Za-z0-9])?$")
    )]
    pub type_: String,
    /// Whether it holds: `True`, `False` or `Unknown`.
    pub status: ConditionStatus,
    /// The `metadata.generation` that it was found for. An older one than the object's own means
    /// that the condition is out of date.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0))]
    pub observed_generation: Option<i64>,
    /// When `status` last changed, to the second.
    pub last_transition_time: Time,
    /// Why, as one word in camel case for programs. Example: `InvalidParameter`.
    #[schemars(
        length(min = 1, max = 1024),
        regex(pattern = r"^[A-Za-z]([A-Za-z0-9_]*[A-Za-z0-9])?$")
    )]
    pub reason: String,
    /// Why, for people. May be empty.
    #[schemars(length(max = 32768))]
    pub message: String,
}

/// Whether a condition holds: `True`, `False` or `Unknown`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[expect(
    missing_docs,
    reason = "docs on variants reorder the enum in the schema and are dropped from it"
)]
pub enum ConditionStatus {
    True,
    False,
    Unknown,
}
