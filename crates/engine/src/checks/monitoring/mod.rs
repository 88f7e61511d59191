//! Monitoring: who notices, and what they see.

use crate::check::Check;

mod alert_rules;
mod apm_configured;
mod dangling_service_monitor;
mod dashboard;
mod error_tracking;
mod log_level;
mod log_to_file;
mod metrics_scraped;
mod request_id;
mod slo_defined;
mod structured_logging;
mod tracing_configured;
mod uptime_monitoring;

/// The checks of this category, by id.
pub(super) const CHECKS: &[&Check] = &[
    &alert_rules::CHECK,
    &apm_configured::CHECK,
    &dangling_service_monitor::CHECK,
    &dashboard::CHECK,
    &error_tracking::CHECK,
    &log_level::CHECK,
    &log_to_file::CHECK,
    &metrics_scraped::CHECK,
    &request_id::CHECK,
    &slo_defined::CHECK,
    &structured_logging::CHECK,
    &tracing_configured::CHECK,
    &uptime_monitoring::CHECK,
];
