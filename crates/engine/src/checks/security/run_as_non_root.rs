//! run-as-non-root: no process runs as user 0.

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, Asked, Check, Containers, Covers, Fault, Minutes, Text},
    fix::Edit,
    object::{Container, Pointer},
};

pub(super) const CHECK: Check = Check {
    id: "run-as-non-root",
    title: "May run as root",
    category: Category::Security,
    severity: Severity::High,
    effort: Minutes(30),
    since: "0.1.0",
    profile: Profile::Baseline,
    text: Text {
        sees: "For a container, init container or ephemeral container neither runAsNonRoot nor a runAsUser other than 0 is in force, from its own security context or the pod's; or both are, and contradict each other.",
        root_cause: "Where nothing is said, the image decides the user, and most images say root.",
        scenario: "Somebody who gets into the process is root, and with a bug in the kernel or the runtime root on the node as well.",
        impact: "A bug in one application can become a breach of the node and of every pod on it.",
        fix: "Give the image a numeric USER other than 0 and set securityContext.runAsNonRoot to true, or set runAsUser to such a number.",
    },
    links: &[
        "https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted",
        "https://kubernetes.io/docs/tasks/configure-pod-container/security-context/",
    ],
    covers: Covers {
        audit_rows: &[],
        peers: &[
            "kube-linter:run-as-non-root",
            "polaris:runAsRootAllowed",
            "popeye:302",
            "popeye:306",
            "kyverno:require-run-as-nonroot",
            "kyverno:require-run-as-non-root-user",
            "kubescape:C-0013",
            "kubescape:C-0198",
            "kubescape:C-0218",
            "trivy:KSV-0012",
            "trivy:KSV-0105",
            "checkov:CKV_K8S_23",
            "checkov:CKV_K8S_6",
            "kubesec:RunAsNonRoot",
            "gatekeeper:users",
            "datree:52",
            "clusterlint:run-as-non-root",
            "kics:Containers Running As Root",
            "kubeaudit:nonroot",
            "kyverno:add-default-securitycontext",
            "kyverno:apply-pss-restricted-profile",
            "kyverno:service-mesh-require-run-as-nonroot",
        ],
    },
    parameters: &[],
    reads: &[],
    ask: Ask::Containers(Containers::AllLinux, ask),
};

const USER: &str = "/securityContext/runAsUser";
const NON_ROOT: &str = "/securityContext/runAsNonRoot";

fn ask(container: &Container<'_>, _: &Asked<'_>) -> Answer {
    let fault = match (container.run_as_user(), container.run_as_non_root()) {
        (Some(0), Some(true)) => fault(
            container,
            user_at(container),
            "is told to run as user 0 and refuses to (runAsNonRoot), so it never starts",
        )
        .remedy("Set runAsUser to a number other than 0 that may read the image's files, or leave it out if the image names one."),
        (Some(0), _) => fault(container, user_at(container), "runs as user 0, which is root")
            .remedy("Set runAsUser to a number other than 0 that may read the image's files and write its volumes, and runAsNonRoot to true."),
        (Some(_), _) | (None, Some(true)) => return Answer::Passes,
        (None, Some(false)) => fault(
            container,
            non_root_at(container),
            format!("is allowed to run as root (runAsNonRoot: false), if the image {} says so", container.spec.image),
        ),
        (None, None) => fault(
            container,
            container.at(NON_ROOT),
            format!("runs as whatever user the image {} names, root too", container.spec.image),
        )
        .edit(Edit::set_in(container, NON_ROOT, true)),
    };
    // Root of a user namespace is nobody on the node; the Pod Security Standards forgive it there.
    let is_root_of_the_node = container.pod.host_users != Some(false);
    Answer::fails(if is_root_of_the_node {
        fault
    } else {
        fault.severity(Severity::Low)
    })
}

fn fault(container: &Container<'_>, at: Pointer, message: impl Into<String>) -> Fault {
    Fault {
        container: Some(container.name().to_owned()),
        ..Fault::new(at, message)
    }
}

/// Where the user in force is written.
fn user_at(container: &Container<'_>) -> Pointer {
    let own = container.spec.security_context.as_ref();
    if own.is_some_and(|own| own.run_as_user.is_some()) {
        container.at(USER)
    } else {
        container.pod_at(USER)
    }
}

/// Where the permission or refusal in force is written.
fn non_root_at(container: &Container<'_>) -> Pointer {
    let own = container.spec.security_context.as_ref();
    if own.is_some_and(|own| own.run_as_non_root.is_some()) {
        container.at(NON_ROOT)
    } else {
        container.pod_at(NON_ROOT)
    }
}
