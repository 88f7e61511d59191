//! The list that the command line prints: every report, a summary, and what could not be read.

use serde::{Deserialize, Serialize};

use super::{
    API_VERSION,
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
            errors,
        }
    }
}
