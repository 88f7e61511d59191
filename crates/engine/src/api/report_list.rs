//! The list that the command line prints: every report, a summary, and what could not be read.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use serde::{Deserialize, Serialize};

use super::{
    API_VERSION,
    hundredths::Hundredths,
    report::{ReadinessReport, SeverityCounts},
};

/// The reports on everything that was audited.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ReadinessReportList {
    /// Always `prodready.dev/v1alpha1`.
    pub api_version: String,
    /// Always `ReadinessReportList`.
    pub kind: String,
    /// The reports.
    pub items: Vec<ReadinessReport>,
    /// What they come to.
    pub summary: AuditSummary,
    /// The exceptions that were met, also those that do nothing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exceptions: Vec<ListedException>,
    /// What could not be read. The rest was audited.
    pub errors: Vec<InputError>,
}

/// What the reports of an audit come to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AuditSummary {
    /// How many workloads were judged.
    pub workloads: i32,
    /// How many of them are `Ready` or `ReadyForScale`.
    pub ready: i32,
    /// The mean score of those that have one, 0 to 100, rounded down. Absent where none has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub score: Option<i32>,
    /// How many findings there are of each severity.
    pub findings: SeverityCounts,
    /// How many findings exceptions forgive, which are not among those counted.
    #[serde(default)]
    pub forgiven: i32,
}

/// An exception, and what it does in an audit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ListedException {
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// From this moment on it forgives nothing.
    pub expiration_time: Time,
    /// Whether it forgives what fits.
    pub in_force: bool,
    /// The gravest thing to be said about it, as one word, as in its conditions. Absent where all is well.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The same for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// How many workloads fit.
    pub workloads: i32,
    /// How many of their findings fit.
    pub findings: i32,
    /// What those that it forgives would cost, in points.
    pub points_forgiven: Hundredths,
}

/// Something that could not be read.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct InputError {
    /// The file as it was given.
    pub file: String,
    /// The line, from 1. Absent where the file as a whole is meant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<i32>,
    /// The column in characters, from 1. Absent where the line as a whole is meant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<i32>,
    /// What is wrong with it.
    pub message: String,
}

impl ReadinessReportList {
    /// A list of reports.
    pub fn new(
        items: Vec<ReadinessReport>,
        summary: AuditSummary,
        errors: Vec<InputError>,
    ) -> Self {
        let kind = "ReadinessReportList".to_owned();
        Self {
            api_version: API_VERSION.to_owned(),
            kind,
            items,
            summary,
            exceptions: Vec::new(),
            errors,
        }
    }
}
