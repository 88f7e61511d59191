//! host-port: ports are taken on the pod, not on the node.

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, Asked, Check, Containers, Covers, Fault, Minutes, Text},
    fix::Edit,
    object::Container,
};

pub(super) const CHECK: Check = Check {
    id: "host-port",
    title: "Port of the node taken",
    category: Category::Security,
    severity: Severity::Medium,
    effort: Minutes(30),
    since: "0.1.0",
    profile: Profile::Baseline,
    text: Text {
        sees: "A container, init container or ephemeral container has a hostPort. A pod that uses the node's network is not asked: there every port is one of the node, and host-network says so.",
        root_cause: "A hostPort opens the container on every address of its node, past Services and in many networks past NetworkPolicies.",
        scenario: "A second replica finds no node with the port free and waits, or a scanner in the office network finds the debug port of an application.",
        impact: "Rollouts stall, and the workload is open where nobody meant it to be.",
        fix: "Remove hostPort, and let a Service bring the traffic.",
    },
    links: &["https://kubernetes.io/docs/concepts/configuration/overview/#services"],
    covers: Covers {
        audit_rows: &[],
        peers: &[
            "polaris:hostPortSet",
            "kyverno:disallow-host-ports",
            "kyverno:disallow-host-ports-range",
            "kubescape:C-0044",
            "kubescape:C-0204",
            "trivy:KSV-0024",
            "checkov:CKV_K8S_26",
            "gatekeeper:host-network-ports",
            "datree:50",
            "kics:Image Host Port Not Specified",
        ],
    },
    parameters: &[],
    reads: &[],
    ask: Ask::Containers(Containers::All, ask),
};

fn ask(container: &Container<'_>, asked: &Asked<'_>) -> Answer {
    let ports = &container.spec.ports;
    if ports.is_empty() || asked.workload.pod().host_network == Some(true) {
        return Answer::DoesNotApply;
    }
    let faults = ports.iter().enumerate().filter_map(|(index, port)| {
        let taken = port.host_port.filter(|taken| *taken != 0)?;
        let place = format!("/ports/{index}/hostPort");
        let message = format!("takes port {taken} of its node");
        Some(
            Fault::in_container(container, &place, message).edit(Edit::Remove {
                at: container.at(&place),
            }),
        )
    });
    Answer::from_faults(faults.collect())
}
