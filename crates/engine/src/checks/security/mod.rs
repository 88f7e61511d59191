//! Security: credentials, rights of containers, what is open at the edge.

use crate::check::Check;

mod apparmor_profile;
mod args_secret;
mod certificate_expiry;
mod configmap_secret;
mod container_runtime_socket;
mod cors_wildcard;
mod dangerous_capabilities;
mod dangling_network_policy;
mod dangling_role_binding;
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
mod exposed_admin_interface;
mod external_ips;
mod external_secrets;
mod git_sync_command;
mod high_user_id;
mod host_aliases;
mod host_ipc;
mod host_network;
mod host_path;
mod host_pid;
mod host_port;
mod host_process;
mod https_redirect;
mod ingress_authentication;
mod ingress_host_tls_match;
mod ingress_snippet;
mod ingress_tls;
mod ingress_wildcard_host;
mod insecure_auth_config;
mod insecure_cookie_config;
mod interactive_container;
mod mesh_authorization;
mod mesh_mtls;
mod metadata_endpoint;
mod namespace_isolation;
mod network_policy;
mod network_policy_allow_all;
mod plaintext_load_balancer;
mod pod_security_admission;
mod privilege_escalation;
mod privileged_container;
mod privileged_port;
mod probe_host;
mod proc_mount;
mod rate_limiting;
mod rbac_anonymous_binding;
mod rbac_cluster_admin;
mod rbac_create_pods;
mod rbac_escalation;
mod rbac_exec;
mod rbac_read_secrets;
mod rbac_wildcard;
mod rbac_write_traffic;
mod read_only_root_filesystem;
mod request_body_limit;
mod root_group;
mod run_as_non_root;
mod runtime_class;
mod scc_privileged;
mod seccomp_profile;
mod secret_from_env;
mod secret_rotation;
mod security_headers;
mod selinux_options;
mod service_account_token;
mod service_mesh;
mod service_type;
mod session_config;
mod share_process_namespace;
mod ssh_in_container;
mod sudo_in_entrypoint;
mod system_namespace;
mod tls_version;
mod unsafe_sysctls;
mod url_credentials;
mod user_namespace;
mod volume_types;
mod web_application_firewall;
mod windows_run_as_user;

/// The checks of this category, by id.
pub(super) const CHECKS: &[&Check] = &[
    &apparmor_profile::CHECK,
    &args_secret::CHECK,
    &certificate_expiry::CHECK,
    &configmap_secret::CHECK,
    &container_runtime_socket::CHECK,
    &cors_wildcard::CHECK,
    &dangerous_capabilities::CHECK,
    &dangling_network_policy::CHECK,
    &dangling_role_binding::CHECK,
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
    &exposed_admin_interface::CHECK,
    &external_ips::CHECK,
    &external_secrets::CHECK,
    &git_sync_command::CHECK,
    &high_user_id::CHECK,
    &host_aliases::CHECK,
    &host_ipc::CHECK,
    &host_network::CHECK,
    &host_path::CHECK,
    &host_pid::CHECK,
    &host_port::CHECK,
    &host_process::CHECK,
    &https_redirect::CHECK,
    &ingress_authentication::CHECK,
    &ingress_host_tls_match::CHECK,
    &ingress_snippet::CHECK,
    &ingress_tls::CHECK,
    &ingress_wildcard_host::CHECK,
    &insecure_auth_config::CHECK,
    &insecure_cookie_config::CHECK,
    &interactive_container::CHECK,
    &mesh_authorization::CHECK,
    &mesh_mtls::CHECK,
    &metadata_endpoint::CHECK,
    &namespace_isolation::CHECK,
    &network_policy::CHECK,
    &network_policy_allow_all::CHECK,
    &plaintext_load_balancer::CHECK,
    &pod_security_admission::CHECK,
    &privilege_escalation::CHECK,
    &privileged_container::CHECK,
    &privileged_port::CHECK,
    &probe_host::CHECK,
    &proc_mount::CHECK,
    &rate_limiting::CHECK,
    &rbac_anonymous_binding::CHECK,
    &rbac_cluster_admin::CHECK,
    &rbac_create_pods::CHECK,
    &rbac_escalation::CHECK,
    &rbac_exec::CHECK,
    &rbac_read_secrets::CHECK,
    &rbac_wildcard::CHECK,
    &rbac_write_traffic::CHECK,
    &read_only_root_filesystem::CHECK,
    &request_body_limit::CHECK,
    &root_group::CHECK,
    &run_as_non_root::CHECK,
    &runtime_class::CHECK,
    &scc_privileged::CHECK,
    &seccomp_profile::CHECK,
    &secret_from_env::CHECK,
    &secret_rotation::CHECK,
    &security_headers::CHECK,
    &selinux_options::CHECK,
    &service_account_token::CHECK,
    &service_mesh::CHECK,
    &service_type::CHECK,
    &session_config::CHECK,
    &share_process_namespace::CHECK,
    &ssh_in_container::CHECK,
    &sudo_in_entrypoint::CHECK,
    &system_namespace::CHECK,
    &tls_version::CHECK,
    &unsafe_sysctls::CHECK,
    &url_credentials::CHECK,
    &user_namespace::CHECK,
    &volume_types::CHECK,
    &web_application_firewall::CHECK,
    &windows_run_as_user::CHECK,
];

/// Those whose fix may be filled in as an object is stored: it only adds a field, and all that it takes is in the object.
pub(super) const FILLABLE: &[&Check] = &[
    &drop_all_capabilities::CHECK,
    &privilege_escalation::CHECK,
    &run_as_non_root::CHECK,
    &seccomp_profile::CHECK,
    &user_namespace::CHECK,
    &windows_run_as_user::CHECK,
];
