//! What the `spec` of a workload may say, of whatever kind.

use serde::{Deserialize, Serialize};

use super::{
    lenient::null_is_default, metadata::Metadata, pod::PodTemplate, port::IntOrString,
    selector::LabelSelector, storage::ClaimSpec, volume::Present,
};

/// What a workload's `spec` may say. Each field is there for the kinds that have it; the template is
/// there for all: a bare Pod's is the Pod itself, a CronJob's is that of its Jobs.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct WorkloadSpec {
    /// How many pods; 1 where nothing is said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub replicas: Option<i64>,
    /// Which pods belong to it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub selector: Option<LabelSelector>,
    /// How a Deployment's pods are replaced.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub strategy: Option<Strategy>,
    /// The Service that gives a StatefulSet's pods their names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service_name: Option<String>,
    /// What claims a StatefulSet makes for each pod.
    #[serde(
        skip_serializing_if = "Vec::is_empty",
        deserialize_with = "null_is_default"
    )]
    pub volume_claim_templates: Vec<ClaimTemplate>,
    /// How many old ReplicaSets are kept to go back to; 10 where nothing is said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub revision_history_limit: Option<i64>,
    /// Seconds after which a finished Job is deleted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ttl_seconds_after_finished: Option<i64>,
    /// How often a Job's pods are made again before it has failed; 6 where nothing is said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub backoff_limit: Option<i64>,
    /// Seconds after which a rollout has failed; 600 where nothing is said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub progress_deadline_seconds: Option<i64>,
    /// Seconds that a pod must be ready before it counts; 0 where nothing is said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_ready_seconds: Option<i64>,
    /// Whether rollouts are stopped.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub paused: Option<bool>,
    /// Seconds after which a Job's pods are ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub active_deadline_seconds: Option<i64>,
    /// What is done about a Job's failed pods.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pod_failure_policy: Option<Present>,
    /// Whether a Job is stopped.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub suspend: Option<bool>,
    /// How a StatefulSet's or DaemonSet's pods are replaced.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub update_strategy: Option<Strategy>,
    /// What becomes of a StatefulSet's claims.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub persistent_volume_claim_retention_policy: Option<ClaimRetention>,
    /// What a CronJob says beside its Jobs; the other fields of a CronJob are those of its Jobs.
    #[serde(skip)]
    pub cron: CronSpec,
    /// What pods are made from.
    #[serde(deserialize_with = "null_is_default")]
    pub template: PodTemplate,
}

/// What a CronJob says beside its Jobs.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct CronSpec {
    /// When it runs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub schedule: Option<String>,
    /// Whether runs may overlap: `Allow` where nothing is said, `Forbid` or `Replace`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub concurrency_policy: Option<String>,
    /// Seconds after which a missed run is left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub starting_deadline_seconds: Option<i64>,
    /// How many good Jobs are kept; 3 where nothing is said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub successful_jobs_history_limit: Option<i64>,
    /// How many failed Jobs are kept; 1 where nothing is said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failed_jobs_history_limit: Option<i64>,
    /// Whether it is stopped.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub suspend: Option<bool>,
    /// The time zone of the schedule; that of the controller manager where nothing is said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<String>,
}

/// What becomes of a StatefulSet's claims.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ClaimRetention {
    /// When it is deleted: `Retain` where nothing is said, or `Delete`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub when_deleted: Option<String>,
    /// When it is scaled down: `Retain` where nothing is said, or `Delete`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub when_scaled: Option<String>,
}

/// How a Deployment's pods are replaced.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Strategy {
    /// `RollingUpdate` where nothing is said, or `Recreate`.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// The bounds of a rolling update.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rolling_update: Option<RollingUpdate>,
}

/// The bounds of a rolling update.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct RollingUpdate {
    /// How many may be missing; 25 % where nothing is said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_unavailable: Option<IntOrString>,
    /// How many may be there beyond the wanted number; 25 % where nothing is said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_surge: Option<IntOrString>,
    /// From which pod on a StatefulSet is updated; 0 where nothing is said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub partition: Option<i64>,
}

/// A claim that a StatefulSet makes for each pod.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ClaimTemplate {
    /// The claim's name, which is the volume's too.
    pub metadata: Metadata,
    /// What is claimed.
    #[serde(deserialize_with = "null_is_default")]
    pub spec: ClaimSpec,
}
