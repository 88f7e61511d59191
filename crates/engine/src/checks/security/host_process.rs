//! host-process: a Windows container stays a container.

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, Asked, Check, Covers, Fault, Minutes, Text},
    fix::Edit,
    object::security::WindowsOptions,
};

pub(super) const CHECK: Check = Check {
    id: "host-process",
    title: "Windows container runs on the node itself",
    category: Category::Security,
    severity: Severity::High,
    effort: Minutes(30),
    since: "0.1.0",
    profile: Profile::Baseline,
    text: Text {
        sees: "hostProcess is true in windowsOptions of the pod or of a container.",
        root_cause: "HostProcess containers are how node agents are run on Windows.",
        scenario: "Whoever gets into the process is an administrator of the node.",
        impact: "One application's fault becomes the node's.",
        fix: "Remove hostProcess; a tool that must act on the node belongs into a namespace of the platform team, with an exception.",
    },
    links: &["https://kubernetes.io/docs/tasks/configure-pod-container/create-hostprocess-pod/"],
    covers: Covers {
        audit_rows: &[],
        peers: &[
            "polaris:hostProcess",
            "trivy:KSV-0103",
            "kyverno:disallow-host-process",
            "gatekeeper:host-process",
            "kubescape:C-0202",
            "datree:85",
        ],
    },
    parameters: &[],
    reads: &[],
    ask: Ask::Workload(ask),
};

fn ask(asked: &Asked<'_>) -> Answer {
    let workload = asked.workload;
    let suffix = "/securityContext/windowsOptions/hostProcess";
    let on = |options: Option<&WindowsOptions>| {
        options.and_then(|options| options.host_process) == Some(true)
    };
    let message = "runs on the Windows node itself, not in a container";
    let of_pod = workload.pod().security_context.as_ref();
    let mut faults = Vec::new();
    if on(of_pod.and_then(|security| security.windows_options.as_ref())) {
        let at = workload.pod_at(suffix);
        faults.push(Fault::new(at.clone(), message).edit(Edit::set(at, false)));
    }
    for container in workload.containers() {
        let own = container.spec.security_context.as_ref();
        if on(own.and_then(|security| security.windows_options.as_ref())) {
            let fault = Fault::in_container(&container, suffix, message);
            faults.push(fault.edit(Edit::set_in(&container, suffix, false)));
        }
    }
    Answer::from_faults(faults)
}
