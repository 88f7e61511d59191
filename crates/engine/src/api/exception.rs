//! `ReadinessException`: a dated, reasoned permission to fail a check.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use kube_derive::CustomResource;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{condition::Condition, hundredths::Hundredths, selector::LabelSelector};

/// The label, with the value `true`, of exceptions that keep the past of what was there before a policy: the operator takes
/// out what is paid.
pub const BASELINE: &str = "prodready.dev/baseline";

/// The most checks that one exception may name.
pub const MOST_CHECKS: usize = 64;

/// Who may fail which checks, why, and until when.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, CustomResource, JsonSchema)]
#[kube(
    group = "prodready.dev",
    version = "v1alpha1",
    kind = "ReadinessException",
    plural = "readinessexceptions",
    namespaced,
    doc = "A dated, reasoned permission for workloads of its own namespace to fail checks. What it forgives counts in no score and denies nothing until it expires, and is listed in the report.",
    shortname = "rex",
    category = "prodready",
    status = "ReadinessExceptionStatus",
    derive = "PartialEq",
    crates(kube_core = "::kube_core"),
    printcolumn = r#"{"name": "Expires", "type": "string", "jsonPath": ".spec.expirationTime", "description": "The moment from which it forgives nothing"}"#,
    printcolumn = r#"{"name": "In-Force", "type": "string", "jsonPath": ".status.conditions[?(@.type==\"InForce\")].status", "description": "Whether it forgives what fits"}"#,
    printcolumn = r#"{"name": "Why", "type": "string", "jsonPath": ".status.conditions[?(@.type==\"InForce\")].reason", "description": "Why it is in force or is not"}"#,
    printcolumn = r#"{"name": "Matches", "type": "integer", "jsonPath": ".status.findings", "description": "Findings that fit"}"#,
    printcolumn = r#"{"name": "Age", "type": "date", "jsonPath": ".metadata.creationTimestamp", "description": "Time since the exception was created"}"#,
    printcolumn = r#"{"name": "Points", "type": "number", "jsonPath": ".status.pointsForgiven", "priority": 1, "description": "What the findings that it forgives would cost"}"#,
    printcolumn = r#"{"name": "Requested-By", "type": "string", "jsonPath": ".spec.requestedBy", "priority": 1, "description": "Who asked for it"}"#,
    printcolumn = r#"{"name": "Approved-By", "type": "string", "jsonPath": ".spec.approvedBy", "priority": 1, "description": "Who allowed it"}"#,
    printcolumn = r#"{"name": "Ticket", "type": "string", "jsonPath": ".spec.ticket", "priority": 1, "description": "Where it is talked about"}"#,
    printcolumn = r#"{"name": "Reason", "type": "string", "jsonPath": ".spec.reason", "priority": 1, "description": "Why the checks may fail"}"#
)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("x-kubernetes-validations" = [{
    "rule": "has(self.workloads) != has(self.selector)",
    "message": "must have exactly one of `workloads` (by kind and name) and `selector` (by labels)",
}, {
    "rule": "!has(self.selector) || (has(self.selector.matchLabels) && size(self.selector.matchLabels) > 0) || (has(self.selector.matchExpressions) && size(self.selector.matchExpressions) > 0)",
    "message": "must ask for at least one label: an empty selector would mean every workload",
    "fieldPath": ".selector",
}, {
    "rule": "has(self.requestedBy) == has(oldSelf.requestedBy) && (!has(self.requestedBy) || self.requestedBy == oldSelf.requestedBy)",
    "message": "must not change: who asked stays who asked; delete the exception and make a new one",
    "fieldPath": ".requestedBy",
}]))]
pub struct ReadinessExceptionSpec {
    /// Whom it is for, by kind and name, in its own namespace. Exactly one of this and `selector`.
    /// Example: `[{"kind": "Deployment", "name": "cart"}]`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(
        length(min = 1, max = 64),
        extend("x-kubernetes-list-type" = "map", "x-kubernetes-list-map-keys" = ["kind", "name"])
    )]
    pub workloads: Vec<WorkloadName>,
    /// Whom it is for, by the labels of workloads (not those of their pods) in its own namespace; must ask for at
    /// least one label. Example: `{"matchLabels": {"app": "cart"}}`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub selector: Option<LabelSelector>,
    /// The checks that may fail, by their exact ids, as `prodready checks` lists them, and rules of the policy that
    /// governs, by theirs. Example: `["privileged-container", "acme.image-by-digest"]`.
    #[schemars(
        length(min = 1, max = MOST_CHECKS),
        inner(length(min = 1, max = 63)),
        extend("x-kubernetes-list-type" = "set")
    )]
    pub checks: Vec<String>,
    /// Which containers may fail them. Findings about other containers, or about no container, are not forgiven.
    /// Default: whatever the checks find. Example: `[{"image": "registry.example.com/mesh/proxy"}]`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(min = 1, max = 32))]
    pub containers: Vec<ContainerScope>,
    /// Why, for whoever reads it in half a year; at least 20 characters. Example:
    /// `the vendor's agent needs it until release 4.2`.
    #[schemars(length(min = 20, max = 1024))]
    pub reason: String,
    /// Where it is talked about. Example: `https://tickets.example.com/SHOP-112`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 512))]
    pub ticket: Option<String>,
    /// The moment from which it forgives nothing. A policy caps how long after its creation that may be
    /// (`exceptions.maxDays`). Example: `2027-03-31T00:00:00Z`.
    pub expiration_time: Time,
    /// Who asks: the user name of whoever creates it, which the API server compares. It never changes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 512))]
    pub requested_by: Option<String>,
    /// Who allows it: the user name of whoever sets this, which takes the verb `approve` on readinessexceptions. A
    /// change of anything else must take it away, or be made by an approver again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 512))]
    pub approved_by: Option<String>,
}

/// A workload of the exception's own namespace, or the namespace itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct WorkloadName {
    /// The kind; `Namespace` for what is no workload's and stands in the namespace's own report. Example:
    /// `Deployment`.
    pub kind: SubjectKind,
    /// The exact name. Example: `cart`.
    #[schemars(length(min = 1, max = 253))]
    pub name: String,
}

/// A kind that gets a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[expect(
    missing_docs,
    reason = "docs on variants reorder the enum in the schema and are dropped from it"
)]
pub enum SubjectKind {
    Deployment,
    StatefulSet,
    DaemonSet,
    Job,
    CronJob,
    ReplicaSet,
    Pod,
    Namespace,
}

impl SubjectKind {
    /// The name in manifests.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Deployment => "Deployment",
            Self::StatefulSet => "StatefulSet",
            Self::DaemonSet => "DaemonSet",
            Self::Job => "Job",
            Self::CronJob => "CronJob",
            Self::ReplicaSet => "ReplicaSet",
            Self::Pod => "Pod",
            Self::Namespace => "Namespace",
        }
    }
}

/// Which containers: all that is said must hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("x-kubernetes-validations" = [{
    "rule": "has(self.name) || has(self.image)",
    "message": "must have `name`, `image` or both",
}]))]
pub struct ContainerScope {
    /// The container's exact name. Anybody may name a container so: say the image too where it matters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 63))]
    pub name: Option<String>,
    /// The container's image: registry and repository, and the tag and the digest where they are written here too.
    /// Example: `registry.example.com/mesh/proxy`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 512))]
    pub image: Option<String>,
}

/// What the exception does at the moment.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct ReadinessExceptionStatus {
    /// `InForce`: whether it forgives, and why not. `Matches`: whether anything fits. `EndsSoon`: true from 14 days
    /// before its end.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(
        length(max = 16),
        extend("x-kubernetes-list-type" = "map", "x-kubernetes-list-map-keys" = ["type"])
    )]
    pub conditions: Vec<Condition>,
    /// The `metadata.generation` of the exception that this is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0))]
    pub observed_generation: Option<i64>,
    /// Whether it forgives what fits.
    pub in_force: bool,
    /// The workloads that fit and are governed by a policy, by kind and name; at most 20. Example:
    /// `["Deployment/cart"]`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 20), inner(length(min = 1, max = 317)))]
    pub workloads: Vec<String>,
    /// How many workloads fit, with those that are not listed.
    #[schemars(range(min = 0, max = 10_000_000))]
    pub workload_count: i32,
    /// How many findings of those workloads fit: what it forgives, or would if it were in force.
    #[schemars(range(min = 0, max = 10_000_000))]
    pub findings: i32,
    /// What the findings that it forgives would cost the workloads together, in points of their scores.
    pub points_forgiven: Hundredths,
}
