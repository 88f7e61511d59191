//! root-group: no process acts as the group of root.

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, Asked, Check, Covers, Fault, Minutes, Text},
    fix::Edit,
    object::Pointer,
};

pub(super) const CHECK: Check = Check {
    id: "root-group",
    title: "Acts as group 0",
    category: Category::Security,
    severity: Severity::Medium,
    effort: Minutes(15),
    since: "0.1.0",
    profile: Profile::Production,
    text: Text {
        sees: "The effective runAsGroup of a container, or fsGroup or one of supplementalGroups of the pod, is 0. Windows pods are not asked. On OpenShift group 0 is the way files are shared; turn the check off there.",
        root_cause: "Group 0 is the value that was copied from an example, or that an image was built for.",
        scenario: "Files that belong to group root, in the image and on shared volumes, may be read and often written by the process.",
        impact: "A flaw in the application reaches more files than it should.",
        fix: "Set runAsGroup, fsGroup and supplementalGroups to numbers of the application's own, as the fix does with 65532.",
    },
    links: &["https://kubernetes.io/docs/concepts/security/pod-security-standards/"],
    covers: Covers {
        audit_rows: &[],
        peers: &["trivy:KSV-0116", "kyverno:require-non-root-groups"],
    },
    parameters: &[],
    reads: &[],
    ask: Ask::Workload(ask),
};

/// The group that distroless images have for what is nobody's.
const NOBODY: i64 = 65_532;

fn ask(asked: &Asked<'_>) -> Answer {
    let workload = asked.workload;
    let pod = workload.pod();
    if pod.is_windows() {
        return Answer::DoesNotApply;
    }
    let mut faults = Vec::new();
    if let Some(security) = &pod.security_context {
        for (field, group) in [
            ("runAsGroup", security.run_as_group),
            ("fsGroup", security.fs_group),
        ] {
            if group == Some(0) {
                let at = workload.pod_at(&format!("/securityContext/{field}"));
                faults.push(fault(at, field));
            }
        }
        if let Some(index) = security
            .supplemental_groups
            .iter()
            .position(|group| *group == 0)
        {
            let at = workload.pod_at(&format!("/securityContext/supplementalGroups/{index}"));
            faults.push(fault(at, "supplementalGroups"));
        }
    }
    faults.extend(workload.containers().filter_map(|container| {
        let own = container.spec.security_context.as_ref()?.run_as_group?;
        let at = container.at("/securityContext/runAsGroup");
        (own == 0).then(|| Fault {
            container: Some(container.name().to_owned()),
            ..fault(at, "runAsGroup")
        })
    }));
    Answer::from_faults(faults)
}

fn fault(at: Pointer, field: &str) -> Fault {
    let message = format!("acts as group 0, which is root's ({field})");
    Fault::new(at.clone(), message).edit(Edit::set(at, NOBODY))
}
