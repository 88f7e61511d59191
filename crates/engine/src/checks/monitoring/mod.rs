//! Monitoring: who notices, and what they see.

use crate::check::Check;

mod apm_configured;
mod error_tracking;
mod log_level;
mod log_to_file;
mod structured_logging;
mod tracing_configured;

/// The checks of this category, by id.
pub(super) const CHECKS: &[&Check] = &[
    &apm_configured::CHECK,
    &error_tracking::CHECK,
    &log_level::CHECK,
    &log_to_file::CHECK,
    &structured_logging::CHECK,
    &tracing_configured::CHECK,
];
