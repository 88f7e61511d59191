//! `ProductionReadinessPolicy`: what a platform team asks of its workloads.

use k8s_openapi::apimachinery::pkg::{apis::meta::v1::Time, util::intstr::IntOrString};
use kube_derive::CustomResource;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    policy_status::ProductionReadinessPolicyStatus,
    rule::Rule,
    selector::LabelSelector,
    vocabulary::{Mode, Profile, Severity, WorkloadKind},
};

const CHECK_ID: &str = "^[a-z][a-z0-9]*(-[a-z0-9]+)*$";
const NAMESPACE: &str = "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$";
const PARAMETER: &str = "^[a-z][A-Za-z0-9]*$";

/// Which workloads are judged, by which checks, and what the gate does about it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, CustomResource, JsonSchema)]
#[kube(
    group = "prodready.dev",
    version = "v1alpha1",
    kind = "ProductionReadinessPolicy",
    plural = "productionreadinesspolicies",
    doc = "What a platform team asks of its workloads before they run in production. Where several policies select a workload, the one with the highest precedence governs it, then the oldest, then the first by name; nothing is merged.",
    shortname = "prp",
    category = "prodready",
    status = "ProductionReadinessPolicyStatus",
    derive = "PartialEq",
    crates(kube_core = "::kube_core"),
    selectable = ".spec.profile",
    printcolumn = r#"{"name": "Score", "type": "integer", "jsonPath": ".status.score", "description": "Mean score of the workloads, 0 to 100"}"#,
    printcolumn = r#"{"name": "Verdict", "type": "string", "jsonPath": ".status.verdict", "description": "Worst verdict among the workloads"}"#,
    printcolumn = r#"{"name": "Ready", "type": "string", "jsonPath": ".status.ready", "description": "Workloads that are ready, of all that the policy governs"}"#,
    printcolumn = r#"{"name": "Enforcement", "type": "string", "jsonPath": ".spec.enforcement.mode", "description": "What the gate does: Audit, Warn or Enforce"}"#,
    printcolumn = r#"{"name": "Profile", "type": "string", "jsonPath": ".spec.profile", "priority": 1, "description": "How much is asked: baseline, production or scale"}"#,
    printcolumn = r#"{"name": "Lowest", "type": "integer", "jsonPath": ".status.lowestScore", "priority": 1, "description": "Lowest score of a workload, 0 to 100"}"#,
    printcolumn = r#"{"name": "Would-Deny", "type": "integer", "jsonPath": ".status.wouldDeny", "priority": 1, "description": "Workloads that would be denied if the mode were Enforce now"}"#,
    printcolumn = r#"{"name": "Accepted", "type": "string", "jsonPath": ".status.conditions[?(@.type==\"Accepted\")].status", "priority": 1, "description": "Whether the spec can be used"}"#,
    printcolumn = r#"{"name": "Age", "type": "date", "jsonPath": ".metadata.creationTimestamp", "description": "Time since the policy was created"}"#
)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("x-kubernetes-validations" = [{
    "rule": "!has(self.checks) || !has(self.enforcement.denyChecks) || !self.enforcement.denyChecks.exists(denied, self.checks.exists(check, check.id == denied && has(check.enabled) && !check.enabled))",
    "message": "must not name a check that `checks` switches off: remove it here, or remove `enabled: false` there",
    "fieldPath": ".enforcement.denyChecks",
}, {
    "rule": "self.enforcement.mode == 'Audit' || size(self.enforcement.denySeverities) > 0 || (has(self.enforcement.denyChecks) && size(self.enforcement.denyChecks) > 0) || (has(self.enforcement.minimumScore) && self.enforcement.minimumScore > 0) || (has(self.rules) && self.rules.exists(rule, has(rule.deny) && rule.deny))",
    "message": "must name what falls short, unless `mode` is 'Audit': a severity in `denySeverities`, a check in `denyChecks`, a `minimumScore` above 0, or a rule with `deny`",
    "fieldPath": ".enforcement",
}, {
    "rule": "!has(self.checks) || !has(self.defaults) || !self.defaults.checks.exists(filled, self.checks.exists(check, check.id == filled && has(check.enabled) && !check.enabled))",
    "message": "must not name a check that `checks` switches off: remove it here, or remove `enabled: false` there",
    "fieldPath": ".defaults.checks",
}]))]
pub struct ProductionReadinessPolicySpec {
    /// Which policy governs where several select a workload: the one with the highest number.
    /// Default: 0.
    #[serde(default)]
    #[schemars(range(min = -1_000_000, max = 1_000_000))]
    pub precedence: i32,
    /// Which namespaces the policy is for, by their labels. Default: all. Example:
    /// `{"matchLabels": {"environment": "production"}}`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace_selector: Option<LabelSelector>,
    /// Which workloads the policy is for, by their own labels (not those of their pods). Default:
    /// all. Example: `{"matchExpressions": [{"key": "tier", "operator": "Exists"}]}`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub workload_selector: Option<LabelSelector>,
    /// Which kinds of workloads the policy is for. Default: all; leave it out for that. Example:
    /// `["Deployment", "StatefulSet"]`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(min = 1, max = 16), extend("x-kubernetes-list-type" = "set"))]
    pub kinds: Vec<WorkloadKind>,
    /// Namespaces by name that the policy is not for, whatever their labels. Default: none.
    /// Example: `["sandbox"]`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(
        length(max = 512),
        inner(length(min = 1, max = 63), regex(pattern = NAMESPACE)),
        extend("x-kubernetes-list-type" = "set")
    )]
    pub excluded_namespaces: Vec<String>,
    /// How much is asked: `baseline`, `production` (which contains it) or `scale` (which contains
    /// both). Default: production.
    #[serde(default)]
    pub profile: Profile,
    /// What differs from the profile, check by check. Default: nothing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(
        length(max = 512),
        extend("x-kubernetes-list-type" = "map", "x-kubernetes-list-map-keys" = ["id"])
    )]
    pub checks: Vec<CheckSetting>,
    /// Questions of the policy's own, written in CEL. Default: none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(
        length(max = 64),
        extend("x-kubernetes-list-type" = "map", "x-kubernetes-list-map-keys" = ["id"])
    )]
    pub rules: Vec<Rule>,
    /// The scores at which verdicts begin. Default: `{"production": 80, "scale": 90}`.
    #[serde(default)]
    pub thresholds: Thresholds,
    /// What the gate does about workloads that fall short. Default: nothing; they are only
    /// reported.
    #[serde(default)]
    pub enforcement: Enforcement,
    /// What the gate fills in where a workload leaves it out, in mode Warn and Enforce. Default: nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub defaults: Option<Defaults>,
    /// Which ReadinessExceptions count for the workloads that the policy governs. Default: those that were approved
    /// and last at most 90 days.
    #[serde(default)]
    pub exceptions: Exceptions,
}

/// What the gate fills in where a workload leaves it out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Defaults {
    /// The checks whose fix is filled in as a workload is stored, where that only adds what is absent: nothing that is
    /// written is ever changed. They are asked also where the profile lacks them. `prodready checks --fillable` lists
    /// those that can be named. The annotation `prodready.dev/defaulted` tells which were filled in. Example:
    /// `["seccomp-profile", "service-links"]`.
    #[schemars(
        length(min = 1, max = 64),
        inner(length(min = 1, max = 63), regex(pattern = CHECK_ID)),
        extend("x-kubernetes-list-type" = "set")
    )]
    pub checks: Vec<String>,
}

/// What differs from the profile for one check.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("x-kubernetes-validations" = [{
    "rule": "has(self.enabled) || has(self.severity) || has(self.weight) || has(self.parameters) || has(self.enforceFrom)",
    "message": "must set at least one of `enabled`, `severity`, `weight`, `parameters` and `enforceFrom`: an id alone changes nothing",
}]))]
pub struct CheckSetting {
    /// The check's id, as `prodready checks` lists it. Example: `readiness-probe`.
    #[schemars(length(min = 1, max = 63), regex(pattern = CHECK_ID))]
    pub id: String,
    /// `false` switches the check off, `true` adds one that the profile does not ask. Default: as
    /// in the profile.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enabled: Option<bool>,
    /// How bad a failure is: `critical`, `high`, `medium` or `low`. Default: the check's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub severity: Option<Severity>,
    /// What the check weighs in the score, 0 to 100; with 0 it is reported but costs nothing.
    /// Default: 10 for critical, 5 for high, 2 for medium, 1 for low.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0, max = 100))]
    pub weight: Option<i32>,
    /// Values for what the check lets a policy set. Default: the check's own. Example:
    /// `[{"name": "min", "value": 3}]` for `minimum-replicas`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(
        length(min = 1, max = 16),
        extend("x-kubernetes-list-type" = "map", "x-kubernetes-list-map-keys" = ["name"])
    )]
    pub parameters: Vec<CheckParameter>,
    /// From this moment on the check's findings deny, where they do; before, they warn. Default: as
    /// soon as the policy enforces. Example: `2027-01-15T00:00:00Z`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enforce_from: Option<Time>,
}

/// A value for one thing that a check lets a policy set.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("x-kubernetes-validations" = [{
    "rule": "has(self.value) != has(self.values)",
    "message": "must have exactly one of `value` (a number or an amount) and `values` (a list of texts)",
}]))]
pub struct CheckParameter {
    /// The parameter's name, as `prodready explain` lists it. Example: `min`.
    #[schemars(length(min = 1, max = 63), regex(pattern = PARAMETER))]
    pub name: String,
    /// A whole number from 0 to 2147483647, or an amount. Example: `3` or `"128Mi"`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("maxLength" = 253, "minimum" = 0, "maximum" = 2_147_483_647))]
    pub value: Option<IntOrString>,
    /// A list of texts; an empty one is a value too. Example: `["latest", "edge"]`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 128), inner(length(max = 253)))]
    pub values: Option<Vec<String>>,
}

/// The scores at which verdicts begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("x-kubernetes-validations" = [{
    "rule": "self.production <= self.scale",
    "message": "`production` must be less than or equal to `scale`",
    "fieldPath": ".production",
}]))]
pub struct Thresholds {
    /// The least score of `Ready`, 0 to 100. Default: 80.
    #[serde(default = "default_production")]
    #[schemars(range(min = 0, max = 100))]
    pub production: i32,
    /// The least score of `ReadyForScale`, 0 to 100. Default: 90.
    #[serde(default = "default_scale")]
    #[schemars(range(min = 0, max = 100))]
    pub scale: i32,
}

/// What the gate does about workloads that fall short.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Enforcement {
    /// `Audit` reports only, `Warn` adds admission warnings, `Enforce` denies. Default: Audit.
    #[serde(default)]
    pub mode: Mode,
    /// From this moment on `Enforce` denies; before, it warns, and says how long is left. Default:
    /// at once. Example: `2027-01-15T00:00:00Z`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Time>,
    /// What becomes of faults that an object had before it was changed. Default:
    /// `{"enabled": true}`.
    #[serde(default)]
    pub ratchet: Ratchet,
    /// A finding of one of these severities falls short. Findings that lie outside the workload,
    /// such as a missing PodDisruptionBudget, count only if `denyChecks` lists their check.
    /// Default: `["critical"]`.
    #[serde(default = "default_deny_severities")]
    #[schemars(length(max = 4))]
    pub deny_severities: Vec<Severity>,
    /// A score below this falls short, 0 to 100. Default: no score does. Example: 80.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0, max = 100))]
    pub minimum_score: Option<i32>,
    /// A finding of one of these checks falls short, whatever its severity. They are asked also where
    /// the profile lacks them. Default: none. Example: `["image-tag"]`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(
        length(max = 512),
        inner(length(min = 1, max = 63), regex(pattern = CHECK_ID)),
        extend("x-kubernetes-list-type" = "set")
    )]
    pub deny_checks: Vec<String>,
}

/// What becomes of faults that an object had before it was changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("x-kubernetes-validations" = [{
    "rule": "self.enabled || !has(self.until)",
    "message": "must be absent unless `enabled` is true",
    "fieldPath": ".until",
}]))]
pub struct Ratchet {
    /// `true`: an update is denied only for what it makes worse, and a warning names the rest.
    /// `false`: it is denied for all that falls short, old or new. Default: true.
    #[serde(default = "default_enabled")]
    pub enabled: bool,
    /// The moment at which old faults deny as well. Default: never. Example: `2027-06-30T00:00:00Z`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Time>,
}

/// Which exceptions count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Exceptions {
    /// How many days an exception may last, from its creation to its expiry, 0 to 3650. A longer one is not in force,
    /// and says so; with 0 none is. Default: 90.
    #[serde(default = "default_max_days")]
    #[schemars(range(min = 0, max = 3650))]
    pub max_days: i32,
    /// Which exceptions count without anybody's approval. Default: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub without_approval: Option<WithoutApproval>,
}

/// Which exceptions count without anybody's approval: both must hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct WithoutApproval {
    /// The gravest severity, as the policy sets it, of a check that the exception names. Example: `medium`.
    pub max_severity: Severity,
    /// How many days it may last, from its creation to its expiry, 1 to 3650. Example: 14.
    #[schemars(range(min = 1, max = 3650))]
    pub max_days: i32,
}

impl Default for Exceptions {
    fn default() -> Self {
        Self {
            max_days: default_max_days(),
            without_approval: None,
        }
    }
}

fn default_max_days() -> i32 {
    90
}

impl Default for Ratchet {
    fn default() -> Self {
        Self {
            enabled: default_enabled(),
            until: None,
        }
    }
}

fn default_enabled() -> bool {
    true
}

impl Default for Thresholds {
    fn default() -> Self {
        Self {
            production: default_production(),
            scale: default_scale(),
        }
    }
}

impl Default for Enforcement {
    fn default() -> Self {
        Self {
            mode: Mode::default(),
            from: None,
            ratchet: Ratchet::default(),
            deny_severities: default_deny_severities(),
            minimum_score: None,
            deny_checks: Vec::new(),
        }
    }
}

fn default_production() -> i32 {
    80
}

fn default_scale() -> i32 {
    90
}

fn default_deny_severities() -> Vec<Severity> {
    vec![Severity::Critical]
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{ProductionReadinessPolicy, ProductionReadinessPolicySpec};

    #[test]
    fn a_policy_from_a_file_gets_the_defaults_of_the_schema() {
        let wire =
            json!({"metadata": {"name": "production"}, "spec": {"enforcement": {"mode": "Warn"}}});
        let policy: ProductionReadinessPolicy = serde_json::from_value(wire).unwrap();
        assert_eq!(
            serde_json::to_value(policy.spec).unwrap(),
            json!({
                "precedence": 0,
                "profile": "production",
                "thresholds": {"production": 80, "scale": 90},
                "enforcement": {"mode": "Warn", "ratchet": {"enabled": true}, "denySeverities": ["critical"]},
                "exceptions": {"maxDays": 90},
            })
        );
    }

    #[test]
    fn the_default_spec_is_what_an_empty_one_means() {
        let empty: ProductionReadinessPolicySpec = serde_json::from_value(json!({})).unwrap();
        assert_eq!(empty, ProductionReadinessPolicySpec::default());
    }
}
