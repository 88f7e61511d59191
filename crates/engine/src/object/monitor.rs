//! Who watches a workload: the kinds of the Prometheus operator, Grafana, SLO tools and progressive delivery.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    autoscaler::ScaleTarget, lenient::null_is_default, metadata::Metadata, selector::LabelSelector,
};

/// A ServiceMonitor (monitoring.coreos.com/v1).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ServiceMonitor {
    /// Its name, labels and annotations.
    pub metadata: Metadata,
    /// Which Services.
    #[serde(deserialize_with = "null_is_default")]
    pub spec: MonitorSpec,
}

/// A PodMonitor (monitoring.coreos.com/v1).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct PodMonitor {
    /// Its name, labels and annotations.
    pub metadata: Metadata,
    /// Which pods.
    #[serde(deserialize_with = "null_is_default")]
    pub spec: MonitorSpec,
}

/// What a monitor selects.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct MonitorSpec {
    /// By label; an empty one selects all.
    #[serde(deserialize_with = "null_is_default")]
    pub selector: LabelSelector,
    /// In which namespaces; its own where nothing is said.
    #[serde(deserialize_with = "null_is_default")]
    pub namespace_selector: MonitorNamespaces,
}

/// In which namespaces a monitor looks.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct MonitorNamespaces {
    /// All of them.
    #[serde(deserialize_with = "null_is_default")]
    pub any: bool,
    /// These.
    #[serde(deserialize_with = "null_is_default")]
    pub match_names: Vec<String>,
}

impl MonitorSpec {
    /// Whether it looks into a namespace. `own` is the namespace of the monitor itself.
    pub fn looks_into(&self, namespace: &str, own: &str) -> bool {
        let named = &self.namespace_selector;
        named.any
            || named.match_names.iter().any(|name| name == namespace)
            || named.match_names.is_empty() && own == namespace
    }
}

/// A PrometheusRule (monitoring.coreos.com/v1).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct PrometheusRule {
    /// Its name, labels and annotations.
    pub metadata: Metadata,
    /// Groups of rules.
    #[serde(deserialize_with = "null_is_default")]
    pub spec: RuleSpec,
}

/// Groups of rules.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct RuleSpec {
    /// The groups.
    #[serde(deserialize_with = "null_is_default")]
    pub groups: Vec<RuleGroup>,
}

/// A group of rules.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct RuleGroup {
    /// The rules.
    #[serde(deserialize_with = "null_is_default")]
    pub rules: Vec<AlertRule>,
}

/// A rule that alerts or records.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct AlertRule {
    /// The alert's name; absent for a recording rule.
    pub alert: Option<String>,
    /// The expression.
    #[serde(deserialize_with = "text_of_number")]
    pub expr: String,
}

/// An expression may be a bare number.
fn text_of_number<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    Ok(match Value::deserialize(deserializer)? {
        Value::String(text) => text,
        other => other.to_string(),
    })
}

/// A Probe (monitoring.coreos.com/v1): something that is asked from outside.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct UptimeProbe {
    /// Its name, labels and annotations.
    pub metadata: Metadata,
    /// What is asked.
    #[serde(deserialize_with = "null_is_default")]
    pub spec: UptimeSpec,
}

/// What is asked from outside.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct UptimeSpec {
    /// The targets.
    #[serde(deserialize_with = "null_is_default")]
    pub targets: UptimeTargets,
}

/// The targets of a Probe.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct UptimeTargets {
    /// Addresses.
    pub static_config: Option<StaticTargets>,
    /// Ingresses.
    pub ingress: Option<MonitorSpec>,
}

/// Addresses.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct StaticTargets {
    /// The addresses, as URLs or hosts.
    #[serde(rename = "static", deserialize_with = "null_is_default")]
    pub addresses: Vec<String>,
}

/// A GrafanaDashboard (grafana.integreatly.org).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct GrafanaDashboard {
    /// Its name, labels and annotations.
    pub metadata: Metadata,
    /// What it shows.
    #[serde(deserialize_with = "null_is_default")]
    pub spec: DashboardSpec,
}

/// What a dashboard shows.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct DashboardSpec {
    /// The dashboard as Grafana exports it.
    pub json: Option<String>,
}

/// A PrometheusServiceLevel of Sloth (sloth.slok.dev/v1).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct PrometheusServiceLevel {
    /// Its name, labels and annotations.
    pub metadata: Metadata,
    /// Of which service.
    #[serde(deserialize_with = "null_is_default")]
    pub spec: ServiceLevelSpec,
}

/// Of which service Sloth's objectives are.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ServiceLevelSpec {
    /// The service's name.
    pub service: String,
}

/// A ServiceLevelObjective of Pyrra (pyrra.dev/v1alpha1).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ServiceLevelObjective {
    /// Its name, labels and annotations.
    pub metadata: Metadata,
    /// The objective: its queries mention what it is about.
    #[serde(deserialize_with = "null_is_default")]
    pub spec: Value,
}

/// A Canary of Flagger (flagger.app/v1beta1).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Canary {
    /// Its name, labels and annotations.
    pub metadata: Metadata,
    /// What is rolled out step by step.
    #[serde(deserialize_with = "null_is_default")]
    pub spec: CanarySpec,
}

/// What is rolled out step by step.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct CanarySpec {
    /// The workload.
    #[serde(deserialize_with = "null_is_default")]
    pub target_ref: ScaleTarget,
}
