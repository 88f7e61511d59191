//! log-to-file: logs go where they are collected.

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, Asked, Check, Containers, Covers, Fault, Minutes, Text},
    environment::flag,
    object::{Container, Kind},
};

pub(super) const CHECK: Check = Check {
    id: "log-to-file",
    title: "Logs written to a file",
    category: Category::Monitoring,
    severity: Severity::Low,
    effort: Minutes(30),
    since: "0.1.0",
    profile: Profile::Production,
    text: Text {
        sees: "An environment variable or an argument names a log file, or a volume of the pod is mounted for writing at /var/log or under a path that ends in logs, and no other container of the pod reads it.",
        root_cause: "The application was made for a machine where somebody looks into files.",
        scenario: "The pod is gone, and with it the log that says why; or the file fills the disk.",
        impact: "Nothing to look at after an incident.",
        fix: "Log to standard output, or link the file to /dev/stdout.",
    },
    links: &["https://kubernetes.io/docs/concepts/cluster-administration/logging/"],
    covers: Covers {
        audit_rows: &[44],
        peers: &[],
    },
    parameters: &[],
    reads: &[Kind::ConfigMap],
    ask: Ask::Containers(Containers::Probed, ask),
};

const FLAGS: [&str; 4] = ["--log-file", "--log_file", "--logfile", "--log-dir"];

fn ask(container: &Container<'_>, asked: &Asked<'_>) -> Answer {
    let mut faults = Vec::new();
    for variable in asked.variables(container) {
        let name = variable.name.to_ascii_uppercase();
        let about = ["LOG_FILE", "LOGFILE", "LOG_PATH", "LOG_DIR", "LOGGING_FILE"]
            .iter()
            .any(|part| name.contains(part));
        if about && is_file(variable.value) {
            let message = format!(
                "writes its log to {} ({})",
                variable.value,
                variable.title()
            );
            faults.push(Fault::in_container_at(
                container,
                variable.pointer(),
                message,
            ));
        }
    }
    if let Some((value, pointer)) = flag(container, &FLAGS)
        && is_file(value)
    {
        faults.push(Fault::in_container_at(
            container,
            pointer,
            format!("writes its log to {value}"),
        ));
    }
    for (index, mount) in container.spec.volume_mounts.iter().enumerate() {
        let path = mount.mount_path.trim_end_matches('/');
        let for_logs = path == "/var/log" || path.ends_with("/logs") || path.ends_with("/log");
        if for_logs && mount.read_only != Some(true) && !is_shared(container, asked, &mount.name) {
            let message = format!("writes its log into volume {} at {path}", mount.name);
            faults.push(Fault::in_container(
                container,
                &format!("/volumeMounts/{index}"),
                message,
            ));
        }
    }
    Answer::from_faults(faults)
}

fn is_file(value: &str) -> bool {
    value.starts_with('/') && !value.starts_with("/dev/") && !value.starts_with("/proc/")
}

/// Whether another container mounts the volume too: it may pass the log on. What is of the node is read there.
fn is_shared(container: &Container<'_>, asked: &Asked<'_>, volume: &str) -> bool {
    let of_node = asked
        .workload
        .pod()
        .volumes
        .iter()
        .any(|one| one.name == volume && one.host_path.is_some());
    of_node
        || asked.workload.planned_containers().any(|other| {
            other.name() != container.name()
                && other
                    .spec
                    .volume_mounts
                    .iter()
                    .any(|mount| mount.name == volume)
        })
}
