//! privilege-escalation: no process gains more rights than the one that started it.

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, Asked, Check, Containers, Covers, Fault, Minutes, Text},
    fix::Edit,
    object::Container,
};

pub(super) const CHECK: Check = Check {
    id: "privilege-escalation",
    title: "Privilege escalation allowed",
    category: Category::Security,
    severity: Severity::High,
    effort: Minutes(15),
    since: "0.1.0",
    profile: Profile::Baseline,
    text: Text {
        sees: "A container, init container or ephemeral container does not set securityContext.allowPrivilegeEscalation to false, or sets it to no effect because it is privileged or adds SYS_ADMIN.",
        root_cause: "Where nothing is said, Kubernetes allows setuid programs and file capabilities to raise a process above its parent.",
        scenario: "Somebody who gets into the process as an ordinary user runs a setuid program of the image and is root in the container.",
        impact: "Running as an ordinary user protects nothing, and a bug in the kernel is one step nearer.",
        fix: "Set securityContext.allowPrivilegeEscalation to false on the container, and take setuid programs such as sudo out of its start.",
    },
    links: &[
        "https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted",
        "https://kubernetes.io/docs/tasks/configure-pod-container/security-context/",
    ],
    covers: Covers {
        audit_rows: &[],
        peers: &[
            "kube-linter:privilege-escalation-container",
            "polaris:privilegeEscalationAllowed",
            "kyverno:disallow-privilege-escalation",
            "kubescape:C-0016",
            "kubescape:C-0197",
            "kubescape:C-0217",
            "trivy:KSV-0001",
            "checkov:CKV_K8S_20",
            "checkov:CKV_K8S_5",
            "kubesec:AllowPrivilegeEscalation",
            "gatekeeper:allow-privilege-escalation",
            "datree:47",
            "kics:Privilege Escalation Allowed",
            "kubeaudit:privesc",
        ],
    },
    parameters: &[],
    reads: &[],
    ask: Ask::Containers(Containers::AllLinux, ask),
};

fn ask(container: &Container<'_>, _: &Asked<'_>) -> Answer {
    const FIELD: &str = "/securityContext/allowPrivilegeEscalation";
    if let Some((cause, remedy)) = forced(container) {
        // The API server refuses false beside these rights, so no edit is offered.
        let message = format!("{cause}, which allows privilege escalation whatever else is set");
        return Answer::fails(Fault::in_container(container, FIELD, message).remedy(remedy));
    }
    let message = match container.allow_privilege_escalation() {
        Some(false) => return Answer::Passes,
        Some(true) => "allows privilege escalation",
        None => "does not set allowPrivilegeEscalation, so it is allowed",
    };
    Answer::fails(
        Fault::in_container(container, FIELD, message).edit(Edit::set_in(container, FIELD, false)),
    )
}

/// What makes the field mean nothing, and what to do about it.
fn forced(container: &Container<'_>) -> Option<(&'static str, &'static str)> {
    if container.is_privileged() {
        Some((
            "runs privileged",
            "Remove privileged first, then set allowPrivilegeEscalation to false; Kubernetes refuses the two together.",
        ))
    } else if container
        .capabilities()
        .is_some_and(|capabilities| capabilities.adds("SYS_ADMIN"))
    {
        Some((
            "adds the capability SYS_ADMIN",
            "Remove SYS_ADMIN (and ALL) from capabilities.add first, then set allowPrivilegeEscalation to false.",
        ))
    } else {
        None
    }
}
