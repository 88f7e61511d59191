//! Metrics for Prometheus. No label has unbounded values.

mod admission;
mod gate;
mod reports;

pub use admission::AdmissionMetrics;
pub use gate::GateMetrics;
pub use reports::ReportMetrics;
