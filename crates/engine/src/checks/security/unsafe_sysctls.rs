//! unsafe-sysctls: the node's kernel is left as it is.

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, Asked, Check, Covers, Fault, Minutes, Parameter, ParameterKind, Text},
};

pub(super) const CHECK: Check = Check {
    id: "unsafe-sysctls",
    title: "Kernel settings outside the safe ones",
    category: Category::Security,
    severity: Severity::High,
    effort: Minutes(30),
    since: "0.1.0",
    profile: Profile::Baseline,
    text: Text {
        sees: "The pod sets a sysctl that is not among those Kubernetes calls safe, or one whose value holds + or =, by which container runtimes were broken out of (CVE-2022-0811).",
        root_cause: "A tuning guide for a whole machine was followed in a pod.",
        scenario: "The kubelet refuses the pod where the setting is not allowed; where it is, the setting may reach beyond the pod.",
        impact: "The workload does not start on a new node, or it changes how others run.",
        fix: "Remove the sysctl, or have the platform team set it on a node pool that is made for it.",
    },
    links: &[
        "https://kubernetes.io/docs/tasks/administer-cluster/sysctl-cluster/#safe-and-unsafe-sysctls",
    ],
    covers: Covers {
        audit_rows: &[],
        peers: &[
            "kube-linter:unsafe-sysctls",
            "trivy:KSV-0026",
            "kyverno:restrict-sysctls",
            "kyverno:prevent-cr8escape",
            "gatekeeper:forbidden-sysctls",
            "kics:Cluster Allows Unsafe Sysctls",
        ],
    },
    parameters: &[EXTRA],
    reads: &[],
    ask: Ask::Workload(ask),
};

/// The safe set, up to Kubernetes 1.32.
const SAFE: [&str; 13] = [
    "kernel.shm_rmid_forced",
    "net.ipv4.ip_local_port_range",
    "net.ipv4.ip_local_reserved_ports",
    "net.ipv4.ip_unprivileged_port_start",
    "net.ipv4.ping_group_range",
    "net.ipv4.tcp_fin_timeout",
    "net.ipv4.tcp_keepalive_intvl",
    "net.ipv4.tcp_keepalive_probes",
    "net.ipv4.tcp_keepalive_time",
    "net.ipv4.tcp_rmem",
    "net.ipv4.tcp_syncookies",
    "net.ipv4.tcp_wmem",
    "net.ipv4.tcp_slow_start_after_idle",
];

const EXTRA: Parameter = Parameter {
    name: "alsoAllowed",
    describes: "Sysctls that the nodes allow beside the safe ones.",
    kind: ParameterKind::Texts { default: &[] },
};

fn ask(asked: &Asked<'_>) -> Answer {
    let workload = asked.workload;
    let security = workload.pod().security_context.as_ref();
    let Some(security) = security.filter(|security| !security.sysctls.is_empty()) else {
        return Answer::DoesNotApply;
    };
    let extra = asked.texts(EXTRA.name);
    let faults = security
        .sysctls
        .iter()
        .enumerate()
        .filter_map(|(index, sysctl)| {
            // Both ways of writing a name mean the same.
            let name = sysctl.name.replace('/', ".");
            let known = SAFE.contains(&name.as_str()) || extra.contains(&name);
            let message = if sysctl.value.contains(['+', '=']) {
                format!("sets {name} to a value that may hold a second setting")
            } else if known {
                return None;
            } else {
                format!("sets {name}, which is not among the safe sysctls")
            };
            let at = workload.pod_at(&format!("/securityContext/sysctls/{index}"));
            Some(Fault::new(at, message))
        });
    Answer::from_faults(faults.collect())
}
