//! Reliability: probes, lifecycle, availability, images.

use crate::check::Check;

mod bare_pod;
mod container_ports;
mod cronjob_concurrency;
mod cronjob_deadline;
mod duplicate_env;
mod emptydir_limit;
mod graceful_shutdown;
mod image_digest;
mod image_pull_policy;
mod image_tag;
mod job_ttl;
mod liveness_probe;
mod minimum_replicas;
mod pdb_blocks_drain;
mod pod_disruption_budget;
mod probe_port;
mod probe_quality;
mod readiness_probe;
mod rollback_history;
mod selector_mismatch;
mod service_target_port;
mod startup_probe;
mod update_strategy;
mod zone_spread;

/// The checks of this category, by id.
pub(super) const CHECKS: &[&Check] = &[
    &bare_pod::CHECK,
    &container_ports::CHECK,
    &cronjob_concurrency::CHECK,
    &cronjob_deadline::CHECK,
    &duplicate_env::CHECK,
    &emptydir_limit::CHECK,
    &graceful_shutdown::CHECK,
    &image_digest::CHECK,
    &image_pull_policy::CHECK,
    &image_tag::CHECK,
    &job_ttl::CHECK,
    &liveness_probe::CHECK,
    &minimum_replicas::CHECK,
    &pdb_blocks_drain::CHECK,
    &pod_disruption_budget::CHECK,
    &probe_port::CHECK,
    &probe_quality::CHECK,
    &readiness_probe::CHECK,
    &rollback_history::CHECK,
    &selector_mismatch::CHECK,
    &service_target_port::CHECK,
    &startup_probe::CHECK,
    &update_strategy::CHECK,
    &zone_spread::CHECK,
];
