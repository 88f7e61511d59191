//! Exceptions as judging reads them.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{lenient::null_is_default, metadata::Metadata, selector::LabelSelector};
use crate::api::exception::{BASELINE, ContainerScope, ReadinessExceptionStatus, WorkloadName};

/// A ReadinessException.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct ReadinessException {
    /// Its name and the moment of its creation.
    #[serde(default)]
    pub metadata: Metadata,
    /// Who may fail what, and until when.
    pub spec: Box<ExceptionSpec>,
    /// What the operator said about it last.
    #[serde(default)]
    pub status: Option<Box<ReadinessExceptionStatus>>,
}

/// Who may fail which checks, why, and until when; the fields are those of
/// [`crate::api::exception::ReadinessExceptionSpec`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ExceptionSpec {
    /// By kind and name.
    #[serde(default, deserialize_with = "null_is_default")]
    pub workloads: Vec<WorkloadName>,
    /// By labels.
    #[serde(default)]
    pub selector: Option<LabelSelector>,
    /// Exact ids.
    pub checks: Vec<String>,
    /// All where the list is empty.
    #[serde(default, deserialize_with = "null_is_default")]
    pub containers: Vec<ContainerScope>,
    /// Why.
    pub reason: String,
    /// Where it is talked about.
    #[serde(default)]
    pub ticket: Option<String>,
    /// From then on it forgives nothing.
    pub expiration_time: Timestamp,
    /// Who asked.
    #[serde(default)]
    pub requested_by: Option<String>,
    /// Who allowed it.
    #[serde(default)]
    pub approved_by: Option<String>,
}

impl ReadinessException {
    /// Whether it keeps the past of what was there before a policy, and shrinks as that is paid.
    pub fn is_baseline(&self) -> bool {
        let label = self.metadata.labels.get(BASELINE);
        label.is_some_and(|value| value == "true")
    }

    /// Whether it keeps the past and somebody with the right to do so allowed that.
    pub fn is_approved_baseline(&self) -> bool {
        self.is_baseline() && self.spec.approved_by.is_some()
    }

    /// When the API server stored it first; absent in files.
    pub fn created_at(&self) -> Option<Timestamp> {
        self.metadata.creation_timestamp.as_deref()?.parse().ok()
    }
}
