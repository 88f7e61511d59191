//! Security: credentials, rights of containers, what is open at the edge.

use crate::check::Check;

mod args_secret;
mod configmap_secret;
mod dangerous_capabilities;
mod debug_mode;
mod default_service_account;
mod deprecated_service_account_field;
mod drop_all_capabilities;
mod env_secret_literal;
mod host_ipc;
mod host_network;
mod host_path;
mod host_pid;
mod host_port;
mod https_redirect;
mod ingress_tls;
mod insecure_auth_config;
mod interactive_container;
mod privilege_escalation;
mod privileged_container;
mod proc_mount;
mod read_only_root_filesystem;
mod run_as_non_root;
mod seccomp_profile;
mod secret_from_env;
mod share_process_namespace;
mod url_credentials;

/// The checks of this category, by id.
pub(super) const CHECKS: &[&Check] = &[
    &args_secret::CHECK,
    &configmap_secret::CHECK,
    &dangerous_capabilities::CHECK,
    &debug_mode::CHECK,
    &default_service_account::CHECK,
    &deprecated_service_account_field::CHECK,
    &drop_all_capabilities::CHECK,
    &env_secret_literal::CHECK,
    &host_ipc::CHECK,
    &host_network::CHECK,
    &host_path::CHECK,
    &host_pid::CHECK,
    &host_port::CHECK,
    &https_redirect::CHECK,
    &ingress_tls::CHECK,
    &insecure_auth_config::CHECK,
    &interactive_container::CHECK,
    &privilege_escalation::CHECK,
    &privileged_container::CHECK,
    &proc_mount::CHECK,
    &read_only_root_filesystem::CHECK,
    &run_as_non_root::CHECK,
    &seccomp_profile::CHECK,
    &secret_from_env::CHECK,
    &share_process_namespace::CHECK,
    &url_credentials::CHECK,
];
