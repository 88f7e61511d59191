//! `ReadinessReport`: how one workload fares, and what exactly must change.

use std::{borrow::Cow, sync::Arc};

use json_patch::PatchOperation;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use kube_derive::CustomResource;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

use super::{
    category_score::CategoryScore,
    condition::Condition,
    hundredths::Hundredths,
    vocabulary::{Category, Profile, Severity, Verdict},
};

/// Whom the report is about, and by which policy it was judged.
#[derive(
    Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, CustomResource, JsonSchema,
)]
#[kube(
    group = "prodready.dev",
    version = "v1alpha1",
    kind = "ReadinessReport",
    plural = "readinessreports",
    namespaced,
    doc = "How one workload fares against the policy that governs it, and what exactly must change. Written by the operator, owned by the workload and deleted with it.",
    shortname = "readiness",
    shortname = "rr",
    category = "prodready",
    status = "ReadinessReportStatus",
    derive = "PartialEq",
    crates(kube_core = "::kube_core"),
    selectable = ".spec.policy",
    selectable = ".status.verdict",
    printcolumn = r#"{"name": "Workload", "type": "string", "jsonPath": ".status.workload", "description": "Kind and name of the workload"}"#,
    printcolumn = r#"{"name": "Score", "type": "integer", "jsonPath": ".status.score", "description": "0 to 100; empty where nothing applied"}"#,
    printcolumn = r#"{"name": "Verdict", "type": "string", "jsonPath": ".status.verdict", "description": "DoNotLaunch, NotReady, Ready or ReadyForScale"}"#,
    printcolumn = r#"{"name": "Critical", "type": "integer", "jsonPath": ".status.summary.critical", "description": "Findings of severity critical"}"#,
    printcolumn = r#"{"name": "High", "type": "integer", "jsonPath": ".status.summary.high", "description": "Findings of severity high"}"#,
    printcolumn = r#"{"name": "Policy", "type": "string", "jsonPath": ".spec.policy", "description": "The policy that governs the workload"}"#,
    printcolumn = r#"{"name": "Medium", "type": "integer", "jsonPath": ".status.summary.medium", "priority": 1, "description": "Findings of severity medium"}"#,
    printcolumn = r#"{"name": "Low", "type": "integer", "jsonPath": ".status.summary.low", "priority": 1, "description": "Findings of severity low"}"#,
    printcolumn = r#"{"name": "Worst", "type": "string", "jsonPath": ".status.worstFinding", "priority": 1, "description": "The finding to mend first"}"#,
    printcolumn = r#"{"name": "Age", "type": "date", "jsonPath": ".metadata.creationTimestamp", "description": "Time since the report was created"}"#
)]
#[serde(rename_all = "camelCase")]
pub struct ReadinessReportSpec {
    /// Whom the report is about, in its own namespace.
    pub subject: Subject,
    /// The name of the policy that governs it.
    #[schemars(length(min = 1, max = 253))]
    pub policy: String,
}

/// Whom a report is about. It never changes: another workload gets another report.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("x-kubernetes-validations" = [{
    "rule": "self.kind == oldSelf.kind && self.name == oldSelf.name",
    "message": "must not change: a report belongs to one workload; delete it, and the operator makes a new one",
}]))]
pub struct Subject {
    /// Group and version. Example: `apps/v1`.
    #[schemars(length(min = 1, max = 317))]
    pub api_version: String,
    /// The kind. Example: `Deployment`.
    #[schemars(length(min = 1, max = 63))]
    pub kind: String,
    /// The name.
    #[schemars(length(min = 1, max = 253))]
    pub name: String,
}

/// How the subject fares.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ReadinessReportStatus {
    /// Kind and name of the subject in one word. Example: `Deployment/cart`.
    #[schemars(length(max = 317))]
    pub workload: String,
    /// 0 to 100: 100 times passed weight divided by applicable weight, rounded down, so that 100
    /// means that nothing is left. Absent where nothing applied.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0, max = 100))]
    pub score: Option<i32>,
    /// `DoNotLaunch` with any critical finding, `NotReady` below the production threshold, `Ready`
    /// at or above it, `ReadyForScale` at or above the scale threshold with no high finding.
    pub verdict: Verdict,
    /// The rules by which the score was counted. Scores of different versions must not be compared.
    /// Example: `1`.
    #[schemars(length(min = 1, max = 32))]
    pub scoring_version: String,
    /// How much was asked: `baseline`, `production` or `scale`.
    pub profile: Profile,
    /// What part the workload plays, and by what that was told; the annotation `prodready.dev/role` on it decides
    /// otherwise. Example: `service (Service cart leads to it)`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 256))]
    pub role: Option<String>,
    /// The `metadata.generation` of the subject that was judged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0))]
    pub observed_generation: Option<i64>,
    /// When anything in this status last changed, to the second.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub observed_time: Option<Time>,
    /// The state of the report itself.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(
        length(max = 16),
        extend("x-kubernetes-list-type" = "map", "x-kubernetes-list-map-keys" = ["type"])
    )]
    pub conditions: Vec<Condition>,
    /// What each category reaches. One in which nothing applied is left out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(
        length(max = 16),
        extend("x-kubernetes-list-type" = "map", "x-kubernetes-list-map-keys" = ["name"])
    )]
    pub categories: Vec<CategoryScore>,
    /// How many findings there are of each severity, with those that are not listed.
    #[serde(default)]
    pub summary: SeverityCounts,
    /// Check and container of the finding to mend first. Example: `privileged-container/web`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 317))]
    pub worst_finding: Option<String>,
    /// What is wrong, the gravest first. In a cluster only as many as fit into a small object; see
    /// `truncated`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 256))]
    pub findings: Vec<Finding>,
    /// How many findings are not in `findings`. Absent where all are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 1_000_000))]
    pub truncated: Option<i32>,
    /// The ids of checks that failed and have no finding in `findings`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 512), inner(length(min = 1, max = 63)))]
    pub further: Vec<Cow<'static, str>>,
    /// Checks whose answer cannot be told. They are in no sum.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(
        length(max = 512),
        extend("x-kubernetes-list-type" = "map", "x-kubernetes-list-map-keys" = ["check"])
    )]
    pub unknown: Vec<UnknownCheck>,
    /// The ids of checks that passed. Only in what the command line prints; in a cluster see
    /// `passes`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 512), inner(length(min = 1, max = 63)))]
    pub passed: Vec<Cow<'static, str>>,
    /// What exceptions forgive: it is in neither sum of the score. The gravest first; in a cluster no more than ten.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 10_000))]
    pub exceptions: Vec<ForgivenFinding>,
    /// How many findings are forgiven, with those that are not listed. Absent where there are none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0, max = 10_000_000))]
    pub forgiven: Option<i32>,
    /// What the forgiven findings would cost, in points. Absent where there are none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub points_forgiven: Option<Hundredths>,
    /// What the score would be without exceptions, 0 to 100. Absent where none is in force here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0, max = 100))]
    pub score_without_exceptions: Option<i32>,
    /// How many checks passed in each category.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(
        length(max = 16),
        extend("x-kubernetes-list-type" = "map", "x-kubernetes-list-map-keys" = ["category"])
    )]
    pub passes: Vec<CategoryCount>,
}

/// How many findings there are of each severity.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct SeverityCounts {
    /// Findings of severity critical.
    #[schemars(range(min = 0, max = 10_000_000))]
    pub critical: i32,
    /// Findings of severity high.
    #[schemars(range(min = 0, max = 10_000_000))]
    pub high: i32,
    /// Findings of severity medium.
    #[schemars(range(min = 0, max = 10_000_000))]
    pub medium: i32,
    /// Findings of severity low.
    #[schemars(range(min = 0, max = 10_000_000))]
    pub low: i32,
}

/// One thing that is wrong: where, why, and how to mend it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Finding {
    /// The id of the check that failed. Example: `readiness-probe`.
    #[schemars(length(min = 1, max = 63))]
    pub check: Cow<'static, str>,
    /// How bad it is: `critical`, `high`, `medium` or `low`.
    pub severity: Severity,
    /// The part of readiness it belongs to. Example: `Reliability`.
    pub category: Category,
    /// The container's name, where one is meant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 63))]
    pub container: Option<String>,
    /// The object that the field is of, where that is not the subject itself. Example: `Service/cart`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 317))]
    pub object: Option<String>,
    /// The field as JSON Pointer (RFC 6901); it may be absent yet. Example:
    /// `/spec/template/spec/containers/0/readinessProbe`.
    #[schemars(length(max = 1024))]
    pub pointer: String,
    /// What is wrong with which value. Example: `takes traffic as soon as it starts`.
    #[schemars(length(max = 1024))]
    pub message: String,
    /// What happens if it is left.
    #[schemars(length(max = 2048))]
    pub why: Cow<'static, str>,
    /// What to do.
    #[schemars(length(max = 2048))]
    pub fix: Cow<'static, str>,
    /// The change that mends it, as JSON Patch (RFC 6902) of the subject. Absent where no safe
    /// value is known.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(schema_with = "json_patch")]
    pub patch: Vec<PatchOperation>,
    /// What it costs, in points with at most two decimals. The points of all findings and the score
    /// make 100. Example: 4.25.
    pub points: Hundredths,
    /// Where it stands among files. Absent in a cluster.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<Location>,
}

/// A finding that an exception forgives.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ForgivenFinding {
    /// The name of the ReadinessException.
    #[schemars(length(min = 1, max = 253))]
    pub name: String,
    /// The id of the check that failed. Example: `privileged-container`.
    #[schemars(length(min = 1, max = 63))]
    pub check: Cow<'static, str>,
    /// How bad it is: `critical`, `high`, `medium` or `low`.
    pub severity: Severity,
    /// The container's name, where one is meant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 63))]
    pub container: Option<String>,
    /// From this moment on it is forgiven no more.
    pub expiration_time: Time,
    /// Whether that moment is less than 14 days away.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub ends_soon: bool,
    /// What it would cost, in points with at most two decimals.
    pub points: Hundredths,
}

/// A place in a file.
#[derive(
    Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "camelCase")]
pub struct Location {
    /// The file as it was given. Example: `deploy/cart.yaml`.
    #[schemars(length(min = 1, max = 4096))]
    pub file: Arc<str>,
    /// The line, from 1.
    #[schemars(range(min = 1, max = 2_147_483_647))]
    pub line: i32,
    /// The column in characters, from 1.
    #[schemars(range(min = 1, max = 2_147_483_647))]
    pub column: i32,
}

/// A check whose answer cannot be told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct UnknownCheck {
    /// The check's id.
    #[schemars(length(min = 1, max = 63))]
    pub check: Cow<'static, str>,
    /// Why it cannot be told. Example: `the namespace is not among the files`.
    #[schemars(length(max = 1024))]
    pub reason: String,
}

/// How many checks of one category passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct CategoryCount {
    /// The category. Example: `Security`.
    pub category: Category,
    /// How many checks.
    #[schemars(range(min = 0, max = 1024))]
    pub count: i32,
}

fn json_patch(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": "array",
        "maxItems": 64,
        "items": {
            "type": "object",
            "description": "One operation: `op`, `path`, and where the operation takes one, `value` or `from`.",
            "x-kubernetes-preserve-unknown-fields": true,
        },
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::ReadinessReport;

    fn report(status: &Value) -> Value {
        json!({
            "apiVersion": "prodready.dev/v1alpha1",
            "kind": "ReadinessReport",
            "metadata": {"name": "deployment-cart", "namespace": "shop"},
            "spec": {
                "subject": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "cart"},
                "policy": "production",
            },
            "status": status,
        })
    }

    #[test]
    fn a_report_is_written_as_it_was_read() {
        let wire = report(&json!({
            "workload": "Deployment/cart",
            "score": 95,
            "verdict": "Ready",
            "scoringVersion": "1",
            "profile": "production",
            "observedGeneration": 3,
            "observedTime": "2026-11-01T12:00:00Z",
            "categories": [{"name": "Reliability", "score": 16.25, "max": 20}],
            "summary": {"critical": 0, "high": 1, "medium": 0, "low": 0},
            "worstFinding": "readiness-probe/web",
            "findings": [{
                "check": "readiness-probe",
                "severity": "high",
                "category": "Reliability",
                "container": "web",
                "pointer": "/spec/template/spec/containers/0/readinessProbe",
                "message": "takes traffic as soon as it starts",
                "why": "Requests fail at every rollout.",
                "fix": "Add a readinessProbe.",
                "patch": [{"op": "add", "path": "/metadata/labels", "value": null}],
                "points": 5,
                "location": {"file": "cart.yaml", "line": 3, "column": 5},
            }],
            "unknown": [{"check": "namespace-quota", "reason": "the namespace is not there"}],
            "passes": [{"category": "Security", "count": 9}],
        }));
        let report: ReadinessReport = serde_json::from_value(wire.clone()).unwrap();
        assert_eq!(serde_json::to_value(report).unwrap(), wire);
    }

    #[test]
    fn what_is_absent_is_not_written() {
        let least = json!({
            "workload": "Job/import",
            "verdict": "Ready",
            "scoringVersion": "1",
            "profile": "baseline",
        });
        let report: ReadinessReport = serde_json::from_value(report(&least)).unwrap();
        let mut written = serde_json::to_value(report).unwrap()["status"].take();
        let summary = written.as_object_mut().unwrap().remove("summary").unwrap();
        assert_eq!(written, least);
        assert_eq!(
            summary,
            json!({"critical": 0, "high": 0, "medium": 0, "low": 0})
        );
    }
}
