//! ephemeral-debug-container: nobody left a debugger behind.

use crate::{
    api::vocabulary::{Category, Profile, Severity, WorkloadKind},
    check::{Answer, Ask, Asked, Check, Covers, Fault, Minutes, Text},
    object::ContainerClass,
};

pub(super) const CHECK: Check = Check {
    id: "ephemeral-debug-container",
    title: "Debug container left in the pod",
    category: Category::Security,
    severity: Severity::Low,
    effort: Minutes(5),
    since: "0.1.0",
    profile: Profile::Production,
    text: Text {
        sees: "A Pod has an ephemeral container. They cannot be taken out again.",
        root_cause: "Somebody looked into the pod with kubectl debug, and it was not made again since.",
        scenario: "A shell with tools, often as root, stays in the pod for as long as it lives.",
        impact: "An intruder finds what the image was built without.",
        fix: "Delete the pod once the work is done; its controller makes a clean one.",
    },
    links: &["https://kubernetes.io/docs/concepts/workloads/pods/ephemeral-containers/"],
    covers: Covers {
        audit_rows: &[],
        peers: &["kyverno:block-ephemeral-containers"],
    },
    parameters: &[],
    reads: &[],
    ask: Ask::Workload(ask),
};

fn ask(asked: &Asked<'_>) -> Answer {
    let workload = asked.workload;
    if workload.kind != WorkloadKind::Pod {
        return Answer::DoesNotApply;
    }
    let debuggers = workload.containers();
    let debuggers = debuggers.filter(|container| container.class == ContainerClass::Ephemeral);
    let faults = debuggers.map(|container| {
        let message = format!("still holds the debug container {}", container.name());
        Fault::in_container(&container, "", message)
    });
    Answer::from_faults(faults.collect())
}
