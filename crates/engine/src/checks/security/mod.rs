//! Security: credentials, rights of containers, what is open at the edge.

use crate::check::Check;

mod apparmor_profile;
mod args_secret;
mod configmap_secret;
mod container_runtime_socket;
mod cors_wildcard;
mod dangerous_capabilities;
mod database_auth;
mod database_tls;
mod debug_mode;
mod default_secret_key;
mod default_service_account;
mod demo_mode;
mod deprecated_service_account_field;
mod drop_all_capabilities;
mod env_secret_literal;
mod ephemeral_debug_container;
mod high_user_id;
mod host_aliases;
mod host_ipc;
mod host_network;
mod host_path;
mod host_pid;
mod host_port;
mod host_process;
mod https_redirect;
mod ingress_tls;
mod insecure_auth_config;
mod insecure_cookie_config;
mod interactive_container;
mod privilege_escalation;
mod privileged_container;
mod privileged_port;
mod proc_mount;
mod read_only_root_filesystem;
mod root_group;
mod run_as_non_root;
mod seccomp_profile;
mod secret_from_env;
mod selinux_options;
mod session_config;
mod share_process_namespace;
mod ssh_in_container;
mod sudo_in_entrypoint;
mod system_namespace;
mod unsafe_sysctls;
mod url_credentials;
mod volume_types;

/// The checks of this category, by id.
pub(super) const CHECKS: &[&Check] = &[
    &apparmor_profile::CHECK,
    &args_secret::CHECK,
    &configmap_secret::CHECK,
    &container_runtime_socket::CHECK,
    &cors_wildcard::CHECK,
    &dangerous_capabilities::CHECK,
    &database_auth::CHECK,
    &database_tls::CHECK,
    &debug_mode::CHECK,
    &default_secret_key::CHECK,
    &default_service_account::CHECK,
    &demo_mode::CHECK,
    &deprecated_service_account_field::CHECK,
    &drop_all_capabilities::CHECK,
    &env_secret_literal::CHECK,
    &ephemeral_debug_container::CHECK,
    &high_user_id::CHECK,
    &host_aliases::CHECK,
    &host_ipc::CHECK,
    &host_network::CHECK,
    &host_path::CHECK,
    &host_pid::CHECK,
    &host_port::CHECK,
    &host_process::CHECK,
    &https_redirect::CHECK,
    &ingress_tls::CHECK,
    &insecure_auth_config::CHECK,
    &insecure_cookie_config::CHECK,
    &interactive_container::CHECK,
    &privilege_escalation::CHECK,
    &privileged_container::CHECK,
    &privileged_port::CHECK,
    &proc_mount::CHECK,
    &read_only_root_filesystem::CHECK,
    &root_group::CHECK,
    &run_as_non_root::CHECK,
    &seccomp_profile::CHECK,
    &secret_from_env::CHECK,
    &selinux_options::CHECK,
    &session_config::CHECK,
    &share_process_namespace::CHECK,
    &ssh_in_container::CHECK,
    &sudo_in_entrypoint::CHECK,
    &system_namespace::CHECK,
    &unsafe_sysctls::CHECK,
    &url_credentials::CHECK,
    &volume_types::CHECK,
];
