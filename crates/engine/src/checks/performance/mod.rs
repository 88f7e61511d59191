//! Performance: requests, limits and their proportions.

use crate::check::Check;

mod cpu_request;
mod hpa_bounds;
mod memory_limit;
mod memory_request;
mod resource_range;

/// The checks of this category, by id.
pub(super) const CHECKS: &[&Check] = &[
    &cpu_request::CHECK,
    &hpa_bounds::CHECK,
    &memory_limit::CHECK,
    &memory_request::CHECK,
    &resource_range::CHECK,
];
