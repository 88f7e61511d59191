//! Scalability: what happens when there is more to do.

use crate::check::Check;

mod dangling_hpa;
mod database_connection_budget;
mod database_connection_pool;
mod horizontal_autoscaling;
mod hpa_replicas_conflict;
mod hpa_target;
mod hpa_vpa_conflict;
mod maximum_replicas;
mod queue_without_worker;
mod session_affinity_without_store;

/// The checks of this category, by id.
pub(super) const CHECKS: &[&Check] = &[
    &dangling_hpa::CHECK,
    &database_connection_budget::CHECK,
    &database_connection_pool::CHECK,
    &horizontal_autoscaling::CHECK,
    &hpa_replicas_conflict::CHECK,
    &hpa_target::CHECK,
    &hpa_vpa_conflict::CHECK,
    &maximum_replicas::CHECK,
    &queue_without_worker::CHECK,
    &session_affinity_without_store::CHECK,
];
