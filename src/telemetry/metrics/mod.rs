//! Metrics for Prometheus. No label has unbounded values.

mod admission;
mod reports;

pub use admission::AdmissionMetrics;
pub use reports::ReportMetrics;
