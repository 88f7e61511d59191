//! Performance: requests, limits and their proportions.

use crate::check::Check;

mod cache_configured;
mod cpu_limit;
mod cpu_request;
mod ephemeral_storage;
mod hpa_bounds;
mod ingress_compression;
mod limit_exceeds_quota;
mod memory_limit;
mod memory_request;
mod memory_request_equals_limit;
mod oversized_image;
mod quality_of_service;
mod resource_overprovisioned;
mod resource_range;
mod runtime_memory_limit;

/// The checks of this category, by id.
pub(super) const CHECKS: &[&Check] = &[
    &cache_configured::CHECK,
    &cpu_limit::CHECK,
    &cpu_request::CHECK,
    &ephemeral_storage::CHECK,
    &hpa_bounds::CHECK,
    &ingress_compression::CHECK,
    &limit_exceeds_quota::CHECK,
    &memory_limit::CHECK,
    &memory_request::CHECK,
    &memory_request_equals_limit::CHECK,
    &oversized_image::CHECK,
    &quality_of_service::CHECK,
    &resource_overprovisioned::CHECK,
    &resource_range::CHECK,
    &runtime_memory_limit::CHECK,
];
