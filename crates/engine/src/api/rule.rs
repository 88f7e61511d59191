//! A policy's own rules: questions that the catalogue does not ask, written in CEL.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    policy::CheckParameter,
    vocabulary::{Category, Severity, WorkloadKind},
};

/// An owner's prefix, a point and a name: an id of the catalogue has no point, so the two never meet.
pub(crate) const RULE_ID: &str = "^[a-z][a-z0-9]*(-[a-z0-9]+)*\\.[a-z][a-z0-9]*(-[a-z0-9]+)*$";

/// A question of the policy's own about each workload, written in CEL.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("x-kubernetes-validations" = [{
    "rule": "has(self.message) || has(self.messageExpression)",
    "message": "must have a `message`, a `messageExpression`, or both",
}]))]
pub struct Rule {
    /// The rule's id: a prefix of your own, a point and a name, in lower case. Example:
    /// `acme.image-by-digest`.
    #[schemars(length(min = 3, max = 63), regex(pattern = RULE_ID))]
    pub id: String,
    /// The fault in a few words, without a full stop. Example: `Image is named by a tag`.
    #[schemars(length(min = 1, max = 120))]
    pub title: String,
    /// The part of readiness it belongs to. Default: Compliance.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<Category>,
    /// How bad a failure is: `critical`, `high`, `medium` or `low`.
    pub severity: Severity,
    /// What the rule weighs in the score, 0 to 100; with 0 it is reported but costs nothing. Default:
    /// 10 for critical, 5 for high, 2 for medium, 1 for low.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0, max = 100))]
    pub weight: Option<i32>,
    /// Which kinds of workloads are asked. Default: all; leave it out for that. Example:
    /// `["Deployment", "StatefulSet"]`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(min = 1, max = 16), extend("x-kubernetes-list-type" = "set"))]
    pub kinds: Vec<WorkloadKind>,
    /// A CEL expression that is true for the workloads that are asked. Default: all of the kinds.
    /// Example: `object.spec.replicas > 1`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 4096))]
    pub applies_to: Option<String>,
    /// A CEL expression that is true where the workload is ready. It sees `object`, `oldObject`,
    /// `namespaceObject`, `params` and `related`, and with `forEach` also `container`; docs/own-rules.md describes them. Example:
    /// `has(object.metadata.annotations) && 'acme.example/runbook' in object.metadata.annotations`.
    #[schemars(length(min = 1, max = 4096))]
    pub expression: String,
    /// `containers`: the rule is asked for each container by itself, which the expressions see as `container`, as it is
    /// written: app containers, init containers and native sidecars, but not ephemeral ones. Default: it is asked for the
    /// workload as a whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub for_each: Option<ForEach>,
    /// What is wrong where the expression is false, without a full stop. Example:
    /// `names no runbook`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 512))]
    pub message: Option<String>,
    /// A CEL expression that makes the message out of the workload; where it fails, `message` or
    /// `title` stands in. Example: `'runs ' + string(object.spec.replicas) + ' replicas'`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 4096))]
    pub message_expression: Option<String>,
    /// Why it matters: what happens on the day it bites. Default: `title`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 1024))]
    pub why: Option<String>,
    /// What to do about it. Example: `Name the image by its digest.`.
    #[schemars(length(min = 1, max = 1024))]
    pub fix: String,
    /// The field that is to be changed, as Kubernetes writes it; with `forEach` within the container. Default: none.
    /// Example: `spec.template.spec.containers[0].image`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 512))]
    pub field_path: Option<String>,
    /// What the expressions see as `params`, by name. Default: nothing. Example:
    /// `[{"name": "registries", "values": ["registry.acme.example"]}]`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(
        length(min = 1, max = 16),
        extend("x-kubernetes-list-type" = "map", "x-kubernetes-list-map-keys" = ["name"])
    )]
    pub params: Vec<CheckParameter>,
    /// `true`: a failure falls short at the gate whatever its severity, and also where the rule
    /// reads `related`; what is related may be applied a moment later. Default: false.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub deny: bool,
    /// From this moment on the rule's findings deny, where they do; before, they warn. Default: as
    /// soon as the policy enforces. Example: `2027-01-15T00:00:00Z`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enforce_from: Option<Time>,
}

/// What a rule is asked for, one by one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[expect(
    missing_docs,
    reason = "docs on variants reorder the enum in the schema and are dropped from it"
)]
pub enum ForEach {
    Containers,
}
