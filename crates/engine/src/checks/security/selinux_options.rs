//! selinux-options: SELinux labels stay within those for containers.

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, Asked, Check, Covers, Fault, Minutes, Text},
    object::security::SeLinuxOptions,
};

pub(super) const CHECK: Check = Check {
    id: "selinux-options",
    title: "SELinux labels of its own",
    category: Category::Security,
    severity: Severity::Medium,
    effort: Minutes(20),
    since: "0.1.0",
    profile: Profile::Baseline,
    text: Text {
        sees: "The pod or a container sets an SELinux user or role, or a type other than container_t, container_init_t, container_kvm_t or container_engine_t.",
        root_cause: "A label was set so that a container may read files of the node.",
        scenario: "The process is, to the node, something other than a container, and the rules that hold containers back do not hold it.",
        impact: "A wall between a flaw and the node is missing.",
        fix: "Remove seLinuxOptions; relabel the volume instead of the process.",
    },
    links: &["https://kubernetes.io/docs/concepts/security/pod-security-standards/#baseline"],
    covers: Covers {
        audit_rows: &[],
        peers: &[
            "trivy:KSV-0025",
            "kyverno:disallow-selinux",
            "kubescape:C-0211",
            "gatekeeper:selinux",
            "datree:86",
            "datree:87",
            "datree:88",
        ],
    },
    parameters: &[],
    reads: &[],
    ask: Ask::Workload(ask),
};

/// Types that the Pod Security baseline allows.
const TYPES: [&str; 4] = [
    "container_t",
    "container_init_t",
    "container_kvm_t",
    "container_engine_t",
];

fn ask(asked: &Asked<'_>) -> Answer {
    let workload = asked.workload;
    if workload.pod().is_windows() {
        return Answer::DoesNotApply;
    }
    let of_pod = workload.pod().security_context.as_ref();
    let of_pod = of_pod.and_then(|security| security.se_linux_options.as_ref());
    let mut faults: Vec<Fault> = of_pod
        .into_iter()
        .flat_map(|options| wrong(options))
        .map(|(field, said)| {
            let at = workload.pod_at(&format!("/securityContext/seLinuxOptions/{field}"));
            Fault::new(at, said)
        })
        .collect();
    for container in workload.containers() {
        let own = container.spec.security_context.as_ref();
        let own = own.and_then(|security| security.se_linux_options.as_ref());
        faults.extend(own.into_iter().flat_map(wrong).map(|(field, said)| {
            let suffix = format!("/securityContext/seLinuxOptions/{field}");
            Fault::in_container(&container, &suffix, said)
        }));
    }
    Answer::from_faults(faults)
}

fn wrong(options: &SeLinuxOptions) -> Vec<(&'static str, String)> {
    let set = |value: &Option<String>| value.clone().filter(|value| !value.is_empty());
    let type_ = set(&options.kind).filter(|kind| !TYPES.contains(&kind.as_str()));
    let fields = [
        ("type", type_),
        ("user", set(&options.user)),
        ("role", set(&options.role)),
    ];
    let said = fields.into_iter().filter_map(|(field, value)| {
        let value = value?;
        Some((
            field,
            format!("sets its SELinux {field} to {value}, which is none for containers"),
        ))
    });
    said.collect()
}
