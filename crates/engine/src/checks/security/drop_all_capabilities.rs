//! drop-all-capabilities: only the rights of the kernel that are asked for by name.

use serde_json::json;

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, Asked, Check, Containers, Covers, Fault, Minutes, Text},
    fix::Edit,
    object::{Container, security::Capabilities},
};

pub(super) const CHECK: Check = Check {
    id: "drop-all-capabilities",
    title: "Default capabilities kept",
    category: Category::Security,
    severity: Severity::Medium,
    effort: Minutes(30),
    since: "0.1.0",
    profile: Profile::Production,
    text: Text {
        sees: "A container, init container or ephemeral container does not have ALL in securityContext.capabilities.drop.",
        root_cause: "The runtime gives every container a default set of capabilities, NET_RAW among them, which hardly any application needs.",
        scenario: "Somebody who gets into a process that runs as root forges packets, changes owners of files or takes on other users.",
        impact: "A foothold in one container reaches further than the application itself ever could.",
        fix: "Set securityContext.capabilities.drop to [ALL], and add back by name what the process really needs, often nothing.",
    },
    links: &[
        "https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted",
        "https://kubernetes.io/docs/tasks/configure-pod-container/security-context/#set-capabilities-for-a-container",
    ],
    covers: Covers {
        audit_rows: &[],
        peers: &[
            "kube-linter:drop-net-raw-capability",
            "polaris:insecureCapabilities",
            "kyverno:require-drop-all",
            "kyverno:require-drop-cap-net-raw",
            "kyverno:disallow-capabilities-strict",
            "kubescape:C-0199",
            "kubescape:C-0201",
            "kubescape:C-0220",
            "trivy:KSV-0003",
            "trivy:KSV-0004",
            "trivy:KSV-0106",
            "checkov:CKV_K8S_28",
            "checkov:CKV_K8S_7",
            "checkov:CKV_K8S_36",
            "checkov:CKV_K8S_37",
            "kubesec:CapDropAll",
            "kubesec:CapDropAny",
            "gatekeeper:capabilities",
            "datree:82",
            "datree:103",
            "kics:NET_RAW Capabilities Not Being Dropped",
            "kics:No Drop Capabilities for Containers",
            "kubeaudit:capabilities",
        ],
    },
    parameters: &[],
    reads: &[],
    ask: Ask::Containers(Containers::AllLinux, ask),
};

fn ask(container: &Container<'_>, _: &Asked<'_>) -> Answer {
    const FIELD: &str = "/securityContext/capabilities/drop";
    let dropped = container
        .capabilities()
        .map_or(&[][..], |capabilities| &capabilities.drop);
    if container
        .capabilities()
        .is_some_and(Capabilities::drops_all)
    {
        return Answer::Passes;
    }
    let drops_net_raw = dropped
        .iter()
        .any(|name| Capabilities::plain_name(name) == "NET_RAW");
    let message = match (dropped, drops_net_raw) {
        ([], _) => "keeps all default capabilities of the runtime, NET_RAW among them".to_owned(),
        (some, false) => format!("drops {} but not ALL, and keeps NET_RAW", some.join(", ")),
        (some, true) => format!("drops {} but not ALL", some.join(", ")),
    };
    Answer::fails(
        Fault::in_container(container, FIELD, message).edit(Edit::set_in(
            container,
            FIELD,
            json!(["ALL"]),
        )),
    )
}
