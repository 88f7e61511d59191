//! Reliability: probes, lifecycle, availability, images.

use crate::check::Check;

mod graceful_shutdown;
mod image_tag;
mod liveness_probe;
mod minimum_replicas;
mod pod_disruption_budget;
mod probe_port;
mod probe_quality;
mod readiness_probe;
mod startup_probe;
mod zone_spread;

/// The checks of this category, by id.
pub(super) const CHECKS: &[&Check] = &[
    &graceful_shutdown::CHECK,
    &image_tag::CHECK,
    &liveness_probe::CHECK,
    &minimum_replicas::CHECK,
    &pod_disruption_budget::CHECK,
    &probe_port::CHECK,
    &probe_quality::CHECK,
    &readiness_probe::CHECK,
    &startup_probe::CHECK,
    &zone_spread::CHECK,
];
