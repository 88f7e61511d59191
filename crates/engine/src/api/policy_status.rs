//! The status of a `ProductionReadinessPolicy`: how the workloads it governs fare.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{category_score::CategoryScore, condition::Condition, vocabulary::Verdict};

/// How the workloads that the policy governs fare.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct ProductionReadinessPolicyStatus {
    /// The state of the policy itself. `Accepted` says whether the spec can be used.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(
        length(max = 16),
        extend("x-kubernetes-list-type" = "map", "x-kubernetes-list-map-keys" = ["type"])
    )]
    pub conditions: Vec<Condition>,
    /// The `metadata.generation` of the policy that the figures are for.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0))]
    pub observed_generation: Option<i64>,
    /// The rules by which scores were counted. Scores of different versions must not be compared.
    /// Example: `1`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 32))]
    pub scoring_version: Option<String>,
    /// The mean score of the workloads that have one, 0 to 100, rounded down. Absent where none
    /// has.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0, max = 100))]
    pub score: Option<i32>,
    /// The lowest score of a workload, 0 to 100. Absent where none has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0, max = 100))]
    pub lowest_score: Option<i32>,
    /// The worst verdict among the workloads. Absent where there are none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verdict: Option<Verdict>,
    /// How many workloads are `Ready` or `ReadyForScale`, of how many. Example: `12/15`.
    #[schemars(length(max = 32))]
    pub ready: String,
    /// How many workloads the policy governs.
    #[schemars(range(min = 0, max = 10_000_000))]
    pub workloads: i32,
    /// How many workloads have each verdict.
    pub verdicts: VerdictCounts,
    /// The mean of each category over the workloads in which it applies.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(
        length(max = 16),
        extend("x-kubernetes-list-type" = "map", "x-kubernetes-list-map-keys" = ["name"])
    )]
    pub categories: Vec<CategoryScore>,
    /// The workloads with the worst verdicts and scores, the worst first; at most 20.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 20))]
    pub worst: Vec<WorkloadScore>,
    /// How many workloads as they are now would be denied if they were applied under `Enforce`.
    #[schemars(range(min = 0, max = 10_000_000))]
    pub would_deny: i32,
    /// How many findings of those workloads exceptions forgive.
    #[schemars(range(min = 0, max = 10_000_000))]
    pub forgiven: i32,
    /// What `score` would be without exceptions. Absent where none forgives anything.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0, max = 100))]
    pub score_without_exceptions: Option<i32>,
    /// The namespaces that the policy selects and the gate leaves alone all the same, with why; at most 100. Their
    /// workloads are reported as all others.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(
        length(max = 100),
        extend("x-kubernetes-list-type" = "map", "x-kubernetes-list-map-keys" = ["name"])
    )]
    pub protected_namespaces: Vec<ProtectedNamespace>,
}

/// A namespace that the gate leaves alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ProtectedNamespace {
    /// The namespace.
    #[schemars(length(min = 1, max = 63))]
    pub name: String,
    /// Why. Example: `part of Kubernetes`.
    #[schemars(length(max = 512))]
    pub why: String,
}

/// How many workloads have each verdict.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct VerdictCounts {
    /// Workloads that are `Ready`.
    #[schemars(range(min = 0, max = 10_000_000))]
    pub ready: i32,
    /// Workloads that are `ReadyForScale`.
    #[schemars(range(min = 0, max = 10_000_000))]
    pub ready_for_scale: i32,
    /// Workloads that are `NotReady`.
    #[schemars(range(min = 0, max = 10_000_000))]
    pub not_ready: i32,
    /// Workloads that are `DoNotLaunch`.
    #[schemars(range(min = 0, max = 10_000_000))]
    pub do_not_launch: i32,
}

/// How one workload fares.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct WorkloadScore {
    /// The workload's namespace.
    #[schemars(length(max = 63))]
    pub namespace: String,
    /// The workload's kind. Example: `Deployment`.
    #[schemars(length(min = 1, max = 63))]
    pub kind: String,
    /// The workload's name.
    #[schemars(length(min = 1, max = 253))]
    pub name: String,
    /// Its score, 0 to 100. Absent where nothing applied.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0, max = 100))]
    pub score: Option<i32>,
    /// Its verdict.
    pub verdict: Verdict,
}
