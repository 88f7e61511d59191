//! Compliance: what an auditor asks for.

use crate::check::Check;

mod audit_logging;
mod image_signature;
mod image_vulnerabilities;
mod limit_range;
mod pod_security_standard;
mod resource_quota;
mod volume_encryption;
mod vulnerability_scanning;

/// The checks of this category, by id.
pub(super) const CHECKS: &[&Check] = &[
    &audit_logging::CHECK,
    &image_signature::CHECK,
    &image_vulnerabilities::CHECK,
    &limit_range::CHECK,
    &pod_security_standard::CHECK,
    &resource_quota::CHECK,
    &volume_encryption::CHECK,
    &vulnerability_scanning::CHECK,
];
