//! pod-security-standard: a pod meets the level that is asked for.

use std::collections::BTreeSet;

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, Asked, Check, Covers, Fault, Minutes, Parameter, ParameterKind, Text},
    object::{Workload, security::Capabilities},
};

pub(super) const CHECK: Check = Check {
    id: "pod-security-standard",
    title: "Pod below the level that is asked for",
    category: Category::Compliance,
    severity: Severity::Medium,
    effort: Minutes(60),
    since: "0.1.0",
    profile: Profile::Scale,
    text: Text {
        sees: "The pod does not meet the Pod Security level of the parameter level: baseline by default, or restricted. The finding names what stands in the way; each is asked by a check of its own too.",
        root_cause: "The level was never asked for by anybody.",
        scenario: "The namespace is given the label, and the pod is refused at its next start.",
        impact: "A hardening that turns into an outage.",
        fix: "Mend what the finding names, then set the label of the namespace.",
    },
    links: &["https://kubernetes.io/docs/concepts/security/pod-security-standards/"],
    covers: Covers {
        audit_rows: &[],
        peers: &[
            "kyverno:restricted-exclude-seccomp",
            "kyverno:restricted-exclude-capabilities",
            "trivy:KSV-0106",
            "trivy:KSV-0118",
            "checkov:CKV_K8S_29",
            "checkov:CKV_K8S_30",
            "datree:100",
            "kubescape:C-0211",
            "kubescape:C-0055",
            "polaris:linuxHardening",
            "kics:Pod or Container Without Security Context",
        ],
    },
    parameters: &[LEVEL],
    reads: &[],
    ask: Ask::Workload(ask),
};

const LEVEL: Parameter = Parameter {
    name: "level",
    describes: "`baseline` or `restricted`.",
    kind: ParameterKind::Texts {
        default: &["baseline"],
    },
};

/// Capabilities that the baseline lets a container add.
const BASELINE: [&str; 13] = [
    "AUDIT_WRITE",
    "CHOWN",
    "DAC_OVERRIDE",
    "FOWNER",
    "FSETID",
    "KILL",
    "MKNOD",
    "NET_BIND_SERVICE",
    "SETFCAP",
    "SETGID",
    "SETPCAP",
    "SETUID",
    "SYS_CHROOT",
];

fn ask(asked: &Asked<'_>) -> Answer {
    let workload = asked.workload;
    let restricted = asked
        .texts(LEVEL.name)
        .iter()
        .any(|level| level == "restricted");
    let mut missing = baseline(workload);
    if restricted && missing.is_empty() {
        missing = of_restricted(workload);
    }
    let level = if restricted { "restricted" } else { "baseline" };
    Answer::pass_if(missing.is_empty(), || {
        let what: Vec<&str> = missing.into_iter().collect();
        let message = format!(
            "does not meet the Pod Security level {level}: {}",
            what.join(", ")
        );
        Fault::new(workload.pod_at(""), message)
    })
}

fn baseline(workload: &Workload) -> BTreeSet<&'static str> {
    let pod = workload.pod();
    let mut missing = BTreeSet::new();
    if pod.host_network == Some(true) || pod.host_pid == Some(true) || pod.host_ipc == Some(true) {
        missing.insert("host namespaces");
    }
    if pod.volumes.iter().any(|volume| volume.host_path.is_some()) {
        missing.insert("hostPath");
    }
    for container in workload.containers() {
        if container.is_privileged() {
            missing.insert("privileged");
        }
        let added = container
            .capabilities()
            .into_iter()
            .flat_map(|own| &own.add);
        if added
            .into_iter()
            .any(|name| !BASELINE.contains(&Capabilities::plain_name(name).as_str()))
        {
            missing.insert("capabilities");
        }
        if container
            .spec
            .ports
            .iter()
            .any(|port| port.host_port.is_some_and(|port| port != 0))
        {
            missing.insert("hostPort");
        }
        if container
            .seccomp_profile()
            .is_some_and(|profile| profile.kind == "Unconfined")
        {
            missing.insert("seccomp Unconfined");
        }
    }
    missing
}

fn of_restricted(workload: &Workload) -> BTreeSet<&'static str> {
    let windows = workload.pod().is_windows();
    let mut missing = BTreeSet::new();
    if workload
        .pod()
        .volumes
        .iter()
        .any(|volume| volume.foreign_source().is_some())
    {
        missing.insert("volume types");
    }
    for container in workload.containers() {
        if container.run_as_non_root() != Some(true) {
            missing.insert("runAsNonRoot");
        }
        if container.run_as_user() == Some(0) {
            missing.insert("runAsUser 0");
        }
        if windows {
            continue;
        }
        if container.allow_privilege_escalation() != Some(false) {
            missing.insert("allowPrivilegeEscalation");
        }
        if !container
            .capabilities()
            .is_some_and(Capabilities::drops_all)
        {
            missing.insert("capabilities drop ALL");
        }
        let profile = container
            .seccomp_profile()
            .map(|profile| profile.kind.as_str());
        if !matches!(profile, Some("RuntimeDefault" | "Localhost")) {
            missing.insert("seccompProfile");
        }
    }
    missing
}
