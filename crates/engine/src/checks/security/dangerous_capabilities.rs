//! dangerous-capabilities: no rights of the kernel beyond what the Pod Security baseline allows.

use serde_json::json;

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{
        Answer, Ask, Asked, Check, Containers, Covers, Fault, Minutes, Parameter, ParameterKind,
        Text,
    },
    fix::Edit,
    object::{Container, security::Capabilities},
};

const ALLOWED: Parameter = Parameter {
    name: "allowed",
    describes: "Capabilities that may be added beside those of the Pod Security baseline, with or without CAP_.",
    kind: ParameterKind::Texts { default: &[] },
};

/// What the Pod Security baseline lets a container add.
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

/// What is as good as root on the node.
const CRITICAL: [&str; 3] = ["ALL", "SYS_ADMIN", "SYS_MODULE"];

pub(super) const CHECK: Check = Check {
    id: "dangerous-capabilities",
    title: "Dangerous capabilities added",
    category: Category::Security,
    severity: Severity::High,
    effort: Minutes(60),
    since: "0.1.0",
    profile: Profile::Baseline,
    text: Text {
        sees: "A container, init container or ephemeral container adds a Linux capability that the Pod Security baseline does not allow; ALL, SYS_ADMIN and SYS_MODULE are critical.",
        root_cause: "A capability is a part of root's power over the kernel, and the kernel is the whole node's.",
        scenario: "Somebody who gets into the process uses the capability to mount the node's disk, load a module, read its neighbours' traffic or look into their memory.",
        impact: "One bug in one application reaches the node and the other pods on it.",
        fix: "Take the capability out of securityContext.capabilities.add, and do what needs it in a node agent or in the node's own configuration.",
    },
    links: &[
        "https://kubernetes.io/docs/concepts/security/pod-security-standards/#baseline",
        "https://kubernetes.io/docs/tasks/configure-pod-container/security-context/#set-capabilities-for-a-container",
    ],
    covers: Covers {
        audit_rows: &[],
        peers: &[
            "polaris:dangerousCapabilities",
            "kyverno:disallow-capabilities",
            "kubescape:C-0046",
            "kubescape:C-0200",
            "kubescape:C-0219",
            "trivy:KSV-0005",
            "trivy:KSV-0022",
            "trivy:KSV-0119",
            "trivy:KSV-0120",
            "checkov:CKV_K8S_25",
            "checkov:CKV_K8S_24",
            "checkov:CKV_K8S_39",
            "kubesec:CapSysAdmin",
            "gatekeeper:capabilities",
            "datree:49",
            "kics:Containers With Added Capabilities",
            "kics:Containers With Sys Admin Capabilities",
            "kubeaudit:capabilities",
            "kyverno:add-capabilities",
            "kyverno:restrict-adding-capabilities",
        ],
    },
    parameters: &[ALLOWED],
    reads: &[],
    ask: Ask::Containers(Containers::AllLinux, ask),
};

fn ask(container: &Container<'_>, asked: &Asked<'_>) -> Answer {
    const FIELD: &str = "/securityContext/capabilities/add";
    let Some(capabilities) = container.capabilities() else {
        return Answer::Passes;
    };
    let extra: Vec<String> = asked
        .texts(ALLOWED.name)
        .iter()
        .map(|name| Capabilities::plain_name(name))
        .collect();
    let is_allowed = |written: &str| {
        let name = Capabilities::plain_name(written);
        BASELINE.contains(&name.as_str()) || extra.contains(&name)
    };
    // One edit of the whole list for all its faults: places in a list move when one is taken out.
    let kept: Vec<&String> = capabilities
        .add
        .iter()
        .filter(|written| is_allowed(written))
        .collect();
    let edit = Edit::set_in(container, FIELD, json!(kept));
    let faults = capabilities
        .add
        .iter()
        .enumerate()
        .filter(|(_, written)| !is_allowed(written))
        .map(|(index, written)| {
            let name = Capabilities::plain_name(written);
            let message = match grants(&name) {
                Some(grants) => format!("adds the capability {written}, with which it {grants}"),
                None => format!(
                    "adds the capability {written}, which the Pod Security baseline does not allow"
                ),
            };
            let fault = Fault::in_container(container, &format!("{FIELD}/{index}"), message)
                .edit(edit.clone());
            if CRITICAL.contains(&name.as_str()) {
                fault.severity(Severity::Critical)
            } else {
                fault
            }
        });
    Answer::from_faults(faults.collect())
}

/// What a capability is good for in the wrong hands.
fn grants(name: &str) -> Option<&'static str> {
    Some(match name {
        "ALL" => "has every power of root over the node's kernel",
        "SYS_ADMIN" => "can mount the node's disks and leave its namespaces",
        "SYS_MODULE" => "can load code into the node's kernel",
        "BPF" => "can load programs into the node's kernel",
        "DAC_READ_SEARCH" => "can read any file, those of the node included",
        "MAC_ADMIN" | "MAC_OVERRIDE" => "can change or ignore the node's access policy",
        "NET_ADMIN" => "can change interfaces, routes and firewall rules",
        "NET_RAW" => "can forge packets and listen to its neighbours",
        "PERFMON" => "can watch what the node's kernel does for others",
        "SYS_BOOT" => "can restart the node",
        "SYS_PTRACE" => "can look into the memory of other processes",
        "SYS_RAWIO" => "can talk to the node's devices and memory",
        "SYS_TIME" => "can set the node's clock",
        "SYSLOG" => "can read the kernel's log and its addresses",
        _ => return None,
    })
}
