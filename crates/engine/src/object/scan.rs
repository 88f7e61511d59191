//! What scanners of images found.

use serde::{Deserialize, Serialize};

use super::{lenient::null_is_default, metadata::Metadata};

/// A VulnerabilityReport of the Trivy Operator (aquasecurity.github.io/v1alpha1). Its labels say which workload
/// and container it is about.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct VulnerabilityReport {
    /// Its name, labels and annotations.
    pub metadata: Metadata,
    /// What was found.
    #[serde(deserialize_with = "null_is_default")]
    pub report: ScanReport,
}

/// What a scan found.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ScanReport {
    /// How many of each severity.
    #[serde(deserialize_with = "null_is_default")]
    pub summary: ScanSummary,
}

/// How many vulnerabilities of each severity.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ScanSummary {
    /// Critical ones.
    #[serde(deserialize_with = "null_is_default")]
    pub critical_count: i64,
    /// High ones.
    #[serde(deserialize_with = "null_is_default")]
    pub high_count: i64,
}
