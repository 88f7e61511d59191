//! Reliability: probes, lifecycle, availability, images.

use crate::check::Check;

mod bare_pod;
mod container_ports;
mod cronjob_concurrency;
mod cronjob_deadline;
mod cronjob_history;
mod cronjob_schedule;
mod cronjob_suspended;
mod deprecated_api;
mod dns_config;
mod duplicate_env;
mod emptydir_limit;
mod ephemeral_data;
mod graceful_shutdown;
mod image_digest;
mod image_pull_policy;
mod image_registry_explicit;
mod image_tag;
mod init_container_without_limit;
mod job_backoff;
mod job_deadline;
mod job_ttl;
mod liveness_probe;
mod minimum_replicas;
mod node_affinity;
mod node_spread;
mod pdb_blocks_drain;
mod pod_disruption_budget;
mod pre_stop_hook;
mod priority_class;
mod probe_exec_shell;
mod probe_port;
mod probe_quality;
mod progress_deadline;
mod readiness_probe;
mod registry_allow_list;
mod replicas_zero;
mod restart_policy;
mod rollback_history;
mod selector_mismatch;
mod service_links;
mod service_target_port;
mod shell_entrypoint;
mod single_writer_volume;
mod spread_selector;
mod startup_probe;
mod statefulset_retention;
mod termination_message;
mod tolerates_control_plane;
mod update_strategy;
mod zone_spread;

/// The checks of this category, by id.
pub(super) const CHECKS: &[&Check] = &[
    &bare_pod::CHECK,
    &container_ports::CHECK,
    &cronjob_concurrency::CHECK,
    &cronjob_deadline::CHECK,
    &cronjob_history::CHECK,
    &cronjob_schedule::CHECK,
    &cronjob_suspended::CHECK,
    &deprecated_api::CHECK,
    &dns_config::CHECK,
    &duplicate_env::CHECK,
    &emptydir_limit::CHECK,
    &ephemeral_data::CHECK,
    &graceful_shutdown::CHECK,
    &image_digest::CHECK,
    &image_pull_policy::CHECK,
    &image_registry_explicit::CHECK,
    &image_tag::CHECK,
    &init_container_without_limit::CHECK,
    &job_backoff::CHECK,
    &job_deadline::CHECK,
    &job_ttl::CHECK,
    &liveness_probe::CHECK,
    &minimum_replicas::CHECK,
    &node_affinity::CHECK,
    &node_spread::CHECK,
    &pdb_blocks_drain::CHECK,
    &pod_disruption_budget::CHECK,
    &pre_stop_hook::CHECK,
    &priority_class::CHECK,
    &probe_exec_shell::CHECK,
    &probe_port::CHECK,
    &probe_quality::CHECK,
    &progress_deadline::CHECK,
    &readiness_probe::CHECK,
    &registry_allow_list::CHECK,
    &replicas_zero::CHECK,
    &restart_policy::CHECK,
    &rollback_history::CHECK,
    &selector_mismatch::CHECK,
    &service_links::CHECK,
    &service_target_port::CHECK,
    &shell_entrypoint::CHECK,
    &single_writer_volume::CHECK,
    &spread_selector::CHECK,
    &startup_probe::CHECK,
    &statefulset_retention::CHECK,
    &termination_message::CHECK,
    &tolerates_control_plane::CHECK,
    &update_strategy::CHECK,
    &zone_spread::CHECK,
];
