//! seccomp-profile: a filter of system calls is in force.

use serde_json::json;

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, Asked, Check, Containers, Covers, Fault, Minutes, Text},
    fix::Edit,
    object::{Container, Pointer},
};

pub(super) const CHECK: Check = Check {
    id: "seccomp-profile",
    title: "No seccomp profile",
    category: Category::Security,
    severity: Severity::Medium,
    effort: Minutes(15),
    since: "0.1.0",
    profile: Profile::Production,
    text: Text {
        sees: "For a container, init container or ephemeral container neither RuntimeDefault nor a named Localhost profile is in force, from its own security context or the pod's; Unconfined is graver, and a privileged container is always unconfined.",
        root_cause: "Where nothing is said, most nodes let a container make every system call there is; old seccomp annotations are ignored since Kubernetes 1.27.",
        scenario: "Somebody who gets into the process uses a rare system call with a bug in it to break out to the node.",
        impact: "The next kernel vulnerability is one for this workload too, until every node is patched.",
        fix: "Set securityContext.seccompProfile.type to RuntimeDefault on the pod.",
    },
    links: &[
        "https://kubernetes.io/docs/tutorials/security/seccomp/",
        "https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted",
    ],
    covers: Covers {
        audit_rows: &[],
        peers: &[
            "kube-score:container-seccomp-profile",
            "polaris:linuxHardening",
            "kyverno:restrict-seccomp",
            "kyverno:restrict-seccomp-strict",
            "kubescape:C-0210",
            "trivy:KSV-0030",
            "trivy:KSV-0104",
            "checkov:CKV_K8S_31",
            "checkov:CKV_K8S_32",
            "kubesec:SeccompAny",
            "kubesec:SeccompUnconfined",
            "gatekeeper:seccomp",
            "gatekeeper:seccompv2",
            "datree:61",
            "datree:99",
            "kics:Seccomp Profile Is Not Configured",
            "kubeaudit:seccomp",
        ],
    },
    parameters: &[],
    reads: &[],
    ask: Ask::Containers(Containers::AllLinux, ask),
};

const FIELD: &str = "/securityContext/seccompProfile";

fn ask(container: &Container<'_>, _: &Asked<'_>) -> Answer {
    if container.is_privileged() {
        let message = "runs privileged, which no seccomp profile applies to";
        let remedy =
            "Remove privileged first, then set seccompProfile.type to RuntimeDefault on the pod.";
        return Answer::fails(
            Fault::in_container(container, FIELD, message)
                .severity(Severity::High)
                .remedy(remedy),
        );
    }
    let Some(profile) = container.seccomp_profile() else {
        let message = "has no seccomp profile, so it may make every system call";
        return Answer::fails(
            Fault::in_container(container, FIELD, message)
                .edit(runtime_default(container.pod_at(FIELD))),
        );
    };
    let at = in_force_at(container);
    let fault = |below: &str, message: String| {
        Fault {
            container: Some(container.name().to_owned()),
            ..Fault::new(at.join(below), message)
        }
        .edit(runtime_default(at.clone()))
    };
    let names_a_file = profile
        .localhost_profile
        .as_ref()
        .is_some_and(|file| !file.is_empty());
    match profile.kind.as_str() {
        "RuntimeDefault" => Answer::Passes,
        "Localhost" => Answer::pass_if(names_a_file, || {
            fault(
                "/localhostProfile",
                "has a Localhost seccomp profile without a file".to_owned(),
            )
        }),
        "Unconfined" => {
            let message = "turns its seccomp profile off (Unconfined)".to_owned();
            Answer::fails(fault("/type", message).severity(Severity::High))
        }
        other => Answer::fails(fault(
            "/type",
            format!("has the seccomp profile type {other:?}, which Kubernetes does not know"),
        )),
    }
}

fn runtime_default(at: Pointer) -> Edit {
    Edit::set(at, json!({"type": "RuntimeDefault"}))
}

/// Where the profile in force is written.
fn in_force_at(container: &Container<'_>) -> Pointer {
    let own = container.spec.security_context.as_ref();
    if own.is_some_and(|own| own.seccomp_profile.is_some()) {
        container.at(FIELD)
    } else {
        container.pod_at(FIELD)
    }
}
