//! Metrics for Prometheus. No label has unbounded values.

mod admission;
mod certificate;
mod exceptions;
mod gate;
mod reports;
mod watches;

pub use admission::AdmissionMetrics;
pub use certificate::CertificateMetrics;
pub use exceptions::{ExceptionMetrics, Tally};
pub use gate::GateMetrics;
pub use reports::ReportMetrics;
pub use watches::WatchMetrics;
