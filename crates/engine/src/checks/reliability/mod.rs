//! Reliability: probes, lifecycle, availability, images.

use crate::check::Check;

mod bare_pod;
mod circuit_breaker;
mod claim_bound;
mod container_ports;
mod cronjob_concurrency;
mod cronjob_deadline;
mod cronjob_history;
mod cronjob_schedule;
mod cronjob_succeeding;
mod cronjob_suspended;
mod dangling_ingress;
mod dangling_pdb;
mod dangling_route;
mod data_backup;
mod database_migration;
mod database_replication;
mod dead_letter_queue;
mod deprecated_api;
mod dns_config;
mod duplicate_env;
mod emptydir_limit;
mod ephemeral_data;
mod graceful_shutdown;
mod image_digest;
mod image_pull_policy;
mod image_pull_secret_missing;
mod image_registry_explicit;
mod image_tag;
mod ingress_class;
mod ingress_host_conflict;
mod init_container_without_limit;
mod job_backoff;
mod job_deadline;
mod job_ttl;
mod liveness_probe;
mod load_balancer_traffic_policy;
mod long_grace_period;
mod minimum_replicas;
mod missing_config_reference;
mod missing_service_account;
mod namespace_active;
mod network_policy_egress_dns;
mod node_affinity;
mod node_spread;
mod pdb_blocks_drain;
mod pdb_unhealthy_eviction;
mod pdb_without_policy;
mod pod_disruption_budget;
mod pod_restarts;
mod pre_stop_hook;
mod priority_class;
mod probe_exec_shell;
mod probe_port;
mod probe_quality;
mod probe_settings;
mod progress_deadline;
mod progressive_delivery;
mod readiness_probe;
mod registry_allow_list;
mod replicas_zero;
mod request_timeout;
mod restart_policy;
mod retry_policy;
mod rollback_history;
mod rollout_healthy;
mod schema_valid;
mod selector_mismatch;
mod selector_overlap;
mod service_endpoints;
mod service_links;
mod service_selector_conflict;
mod service_target_port;
mod service_targets_workload;
mod shell_entrypoint;
mod single_writer_volume;
mod spread_selector;
mod startup_probe;
mod statefulset_retention;
mod statefulset_service_name;
mod storage_class;
mod termination_message;
mod tolerates_control_plane;
mod update_strategy;
mod zone_spread;

/// The checks of this category, by id.
pub(super) const CHECKS: &[&Check] = &[
    &bare_pod::CHECK,
    &circuit_breaker::CHECK,
    &claim_bound::CHECK,
    &container_ports::CHECK,
    &cronjob_concurrency::CHECK,
    &cronjob_deadline::CHECK,
    &cronjob_history::CHECK,
    &cronjob_schedule::CHECK,
    &cronjob_succeeding::CHECK,
    &cronjob_suspended::CHECK,
    &dangling_ingress::CHECK,
    &dangling_pdb::CHECK,
    &dangling_route::CHECK,
    &data_backup::CHECK,
    &database_migration::CHECK,
    &database_replication::CHECK,
    &dead_letter_queue::CHECK,
    &deprecated_api::CHECK,
    &dns_config::CHECK,
    &duplicate_env::CHECK,
    &emptydir_limit::CHECK,
    &ephemeral_data::CHECK,
    &graceful_shutdown::CHECK,
    &image_digest::CHECK,
    &image_pull_policy::CHECK,
    &image_pull_secret_missing::CHECK,
    &image_registry_explicit::CHECK,
    &image_tag::CHECK,
    &ingress_class::CHECK,
    &ingress_host_conflict::CHECK,
    &init_container_without_limit::CHECK,
    &job_backoff::CHECK,
    &job_deadline::CHECK,
    &job_ttl::CHECK,
    &liveness_probe::CHECK,
    &load_balancer_traffic_policy::CHECK,
    &long_grace_period::CHECK,
    &minimum_replicas::CHECK,
    &missing_config_reference::CHECK,
    &missing_service_account::CHECK,
    &namespace_active::CHECK,
    &network_policy_egress_dns::CHECK,
    &node_affinity::CHECK,
    &node_spread::CHECK,
    &pdb_blocks_drain::CHECK,
    &pdb_unhealthy_eviction::CHECK,
    &pdb_without_policy::CHECK,
    &pod_disruption_budget::CHECK,
    &pod_restarts::CHECK,
    &pre_stop_hook::CHECK,
    &priority_class::CHECK,
    &probe_exec_shell::CHECK,
    &probe_port::CHECK,
    &probe_quality::CHECK,
    &probe_settings::CHECK,
    &progress_deadline::CHECK,
    &progressive_delivery::CHECK,
    &readiness_probe::CHECK,
    &registry_allow_list::CHECK,
    &replicas_zero::CHECK,
    &request_timeout::CHECK,
    &restart_policy::CHECK,
    &retry_policy::CHECK,
    &rollback_history::CHECK,
    &rollout_healthy::CHECK,
    &schema_valid::CHECK,
    &selector_mismatch::CHECK,
    &selector_overlap::CHECK,
    &service_endpoints::CHECK,
    &service_links::CHECK,
    &service_selector_conflict::CHECK,
    &service_target_port::CHECK,
    &service_targets_workload::CHECK,
    &shell_entrypoint::CHECK,
    &single_writer_volume::CHECK,
    &spread_selector::CHECK,
    &startup_probe::CHECK,
    &statefulset_retention::CHECK,
    &statefulset_service_name::CHECK,
    &storage_class::CHECK,
    &termination_message::CHECK,
    &tolerates_control_plane::CHECK,
    &update_strategy::CHECK,
    &zone_spread::CHECK,
];

/// Those whose fix may be filled in as an object is stored: it only adds a field, and all that it takes is in the object.
pub(super) const FILLABLE: &[&Check] = &[
    &cronjob_deadline::CHECK,
    &job_ttl::CHECK,
    &node_spread::CHECK,
    &service_links::CHECK,
    &spread_selector::CHECK,
    &startup_probe::CHECK,
    &zone_spread::CHECK,
];
