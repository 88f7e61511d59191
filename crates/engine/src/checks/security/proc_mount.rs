//! proc-mount: the kernel hides what it hides.

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, Asked, Check, Containers, Covers, Fault, Minutes, Text},
    fix::Edit,
    object::Container,
};

pub(super) const CHECK: Check = Check {
    id: "proc-mount",
    title: "Masks of /proc taken away",
    category: Category::Security,
    severity: Severity::High,
    effort: Minutes(15),
    since: "0.1.0",
    profile: Profile::Baseline,
    text: Text {
        sees: "A container, init container or ephemeral container sets securityContext.procMount to something other than Default.",
        root_cause: "The runtime hides the parts of /proc that tell about the node or change it, and Unmasked takes that away.",
        scenario: "Somebody who gets into the process writes to /proc/sys or sysrq-trigger, and the node does what it says.",
        impact: "A foothold in one container reaches the kernel that all containers of the node share.",
        fix: "Remove procMount; only a container that runs containers itself, in a user namespace of its own, needs Unmasked.",
    },
    links: &["https://kubernetes.io/docs/concepts/security/pod-security-standards/#baseline"],
    covers: Covers {
        audit_rows: &[],
        peers: &[
            "kube-linter:unsafe-proc-mount",
            "polaris:procMount",
            "kyverno:disallow-proc-mount",
            "kubescape:C-0211",
            "trivy:KSV-0027",
            "gatekeeper:proc-mount",
            "kics:Container Runs Unmasked",
        ],
    },
    parameters: &[],
    reads: &[],
    ask: Ask::Containers(Containers::AllLinux, ask),
};

fn ask(container: &Container<'_>, _: &Asked<'_>) -> Answer {
    let context = container.spec.security_context.as_ref();
    let mount = context.and_then(|context| context.proc_mount.as_deref());
    let Some(other) = mount.filter(|mount| *mount != "Default") else {
        return Answer::Passes;
    };
    let at = "/securityContext/procMount";
    let message = format!("sees all of /proc and may write to it (procMount: {other})");
    Answer::fails(
        Fault::in_container(container, at, message).edit(Edit::Remove {
            at: container.at(at),
        }),
    )
}
