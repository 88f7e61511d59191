//! host-path: no files of the node in a pod.

use std::fmt::Write as _;

use crate::{
    api::vocabulary::{Category, Profile, Severity, WorkloadKind},
    check::{Answer, Ask, Asked, Check, Covers, Fault, Minutes, Parameter, ParameterKind, Text},
    object::Workload,
};

const SENSITIVE: Parameter = Parameter {
    name: "sensitivePaths",
    describes: "Directories of the node that are critical to mount, with all that is below and above them.",
    kind: ParameterKind::Texts {
        default: &[
            "/boot",
            "/dev",
            "/etc",
            "/lib",
            "/lib64",
            "/proc",
            "/root",
            "/run",
            "/sys",
            "/usr",
            "/var/lib/containerd",
            "/var/lib/docker",
            "/var/lib/etcd",
            "/var/lib/kubelet",
            "/var/run",
        ],
    },
};

const ALLOWED: Parameter = Parameter {
    name: "allowedReadOnlyPaths",
    describes: "Directories of the node that may be mounted, with all that is below them, where every mount is read-only.",
    kind: ParameterKind::Texts { default: &[] },
};

pub(super) const CHECK: Check = Check {
    id: "host-path",
    title: "Node's files mounted",
    category: Category::Security,
    severity: Severity::High,
    effort: Minutes(120),
    since: "0.1.0",
    profile: Profile::Baseline,
    text: Text {
        sees: "The pod has a hostPath volume. It is critical where a container may write to it, or where the path is one the node's safety hangs on, such as /, /etc, /proc, /var/run or the kubelet's directory. What agents on every node (DaemonSets) are there to read passes where it is mounted read-only: /proc, /sys, /var/log and the names of disks and of the system; what else they read is medium.",
        root_cause: "A hostPath volume is a hole in the wall between the pod and its node, and what is behind it differs from node to node.",
        scenario: "Somebody who gets into the process reads the node's credentials, or writes a file that the node runs; and a pod that moves to another node finds none of its data there.",
        impact: "A breach of one application becomes one of the node, and data that is taken for safe is lost with a node.",
        fix: "Use a PersistentVolumeClaim for data, an emptyDir for scratch space, a ConfigMap for files; where a node agent must read the node, mount only the directory it needs with readOnly: true.",
    },
    links: &[
        "https://kubernetes.io/docs/concepts/storage/volumes/#hostpath",
        "https://kubernetes.io/docs/concepts/security/pod-security-standards/#baseline",
    ],
    covers: Covers {
        audit_rows: &[],
        peers: &[
            "kube-linter:sensitive-host-mounts",
            "kube-linter:writable-host-mount",
            "polaris:hostPathSet",
            "kyverno:disallow-host-path",
            "kyverno:limit-hostpath-vols",
            "kyverno:ensure-readonly-hostpath",
            "kubescape:C-0020",
            "kubescape:C-0045",
            "kubescape:C-0048",
            "kubescape:C-0203",
            "trivy:KSV-0023",
            "trivy:KSV-0121",
            "gatekeeper:host-filesystem",
            "datree:46",
            "datree:89",
            "clusterlint:hostpath-volume",
            "kics:Non Kube System Pod With Host Mount",
            "kics:Volume Mount with OS Directory Write Permissions",
            "kics:Workload Mounting With Sensitive OS Directory",
            "kubeaudit:mounts",
            "kubesec:ProcMount",
            "kyverno:remove-hostpath-volumes",
        ],
    },
    parameters: &[SENSITIVE, ALLOWED],
    reads: &[],
    ask: Ask::Workload(ask),
};

/// What agents on every node are there to read: figures of the kernel, logs, disks, names.
const AGENTS_READ: [&str; 9] = [
    "/proc",
    "/sys",
    "/var/log",
    "/dev/disk",
    "/run/udev",
    "/etc/os-release",
    "/etc/machine-id",
    "/usr/lib/os-release",
    "/lib/modules",
];

fn ask(asked: &Asked<'_>) -> Answer {
    let workload = asked.workload;
    let is_windows = workload.pod().is_windows();
    let mut faults = Vec::new();
    for (index, volume) in workload.pod().volumes.iter().enumerate() {
        let Some(host_path) = &volume.host_path else {
            continue;
        };
        let path = clean(&host_path.path, is_windows);
        let writers = writers(workload, &volume.name);
        let is_allowed = asked
            .texts(ALLOWED.name)
            .iter()
            .any(|allowed| is_within(&path, &clean(allowed, is_windows)));
        if is_allowed && writers.is_empty() {
            continue;
        }
        let reads_node = workload.kind == WorkloadKind::DaemonSet && writers.is_empty();
        if reads_node && AGENTS_READ.iter().any(|known| is_within(&path, known)) {
            continue;
        }
        let sensitive = asked.texts(SENSITIVE.name).iter().find(|sensitive| {
            let sensitive = clean(sensitive, is_windows);
            is_within(&path, &sensitive) || is_within(&sensitive, &path)
        });
        let mut message = format!("volume {} is {} of the node", volume.name, host_path.path);
        if path.is_empty() {
            message.push_str(", its whole filesystem");
        } else if let Some(sensitive) = sensitive {
            let directory = clean(sensitive, is_windows);
            if !is_within(&path, &directory) {
                let _ = write!(message, ", which holds {sensitive}");
            } else if path != directory {
                let _ = write!(message, ", in {sensitive}");
            } else if *sensitive != host_path.path {
                let _ = write!(message, ", which is {sensitive}");
            }
        }
        if !writers.is_empty() {
            let _ = write!(message, ", and {} may write to it", writers.join(", "));
        }
        let fault = Fault::new(
            workload
                .pod_at("/volumes")
                .index(index)
                .join("/hostPath/path"),
            message,
        );
        let is_critical = sensitive.is_some() || !writers.is_empty();
        faults.push(if reads_node {
            fault.severity(Severity::Medium)
        } else if is_critical {
            fault.severity(Severity::Critical)
        } else {
            fault
        });
    }
    Answer::from_faults(faults)
}

/// The containers of every class that mount a volume and may write to it.
fn writers<'a>(workload: &'a Workload, volume: &str) -> Vec<&'a str> {
    workload
        .containers()
        .filter(|container| {
            container
                .spec
                .volume_mounts
                .iter()
                .any(|mount| mount.name == volume && mount.read_only != Some(true))
        })
        .map(|container| container.name())
        .collect()
}

/// A path without `.`, `..`, doubled and trailing slashes; empty for the root. On Windows without the
/// drive, and with slashes for backslashes.
fn clean(path: &str, is_windows: bool) -> String {
    let path = if is_windows {
        path.replace('\\', "/")
    } else {
        path.to_owned()
    };
    let path = match path.split_once(':') {
        Some((drive, rest)) if is_windows && drive.len() == 1 => rest,
        _ => path.as_str(),
    };
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts.iter().flat_map(|part| ["/", part]).collect()
}

/// Whether a clean path is a clean directory or below it.
fn is_within(path: &str, directory: &str) -> bool {
    path.strip_prefix(directory)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}
