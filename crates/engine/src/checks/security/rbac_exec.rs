//! rbac-exec: nobody runs commands in other pods.

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, Asked, Check, Covers, Fault, Minutes, Text},
    object::Kind,
    surroundings::Grant,
};

pub(super) const CHECK: Check = Check {
    id: "rbac-exec",
    title: "Account may run commands in pods",
    category: Category::Security,
    severity: Severity::High,
    effort: Minutes(60),
    since: "0.1.0",
    profile: Profile::Production,
    text: Text {
        sees: "A role of the workload's account allows pods/exec, pods/attach, pods/portforward or pods/ephemeralcontainers.",
        root_cause: "A backup or a support tool runs a command in the database's pod.",
        scenario: "Somebody gets into the process, and from there into every pod that the role reaches.",
        impact: "Every process and Secret of those pods is theirs.",
        fix: "Let the other pod offer what is needed, or name the pods in resourceNames.",
    },
    links: &["https://kubernetes.io/docs/concepts/security/rbac-good-practices/"],
    covers: Covers {
        audit_rows: &[15],
        peers: &[
            "polaris:clusterrolePodExecAttach",
            "polaris:rolePodExecAttach",
            "polaris:clusterrolebindingPodExecAttach",
            "polaris:rolebindingRolePodExecAttach",
            "polaris:rolebindingClusterRolePodExecAttach",
            "kubescape:C-0002",
            "kubescape:C-0063",
            "trivy:KSV-0053",
            "trivy:KSV-0054",
            "checkov:CKV2_K8S_2",
            "datree:48",
        ],
    },
    parameters: &[],
    reads: &[
        Kind::ServiceAccount,
        Kind::Role,
        Kind::ClusterRole,
        Kind::RoleBinding,
        Kind::ClusterRoleBinding,
    ],
    ask: Ask::Surroundings(ask),
};

fn ask(asked: &Asked<'_>) -> Answer {
    let workload = asked.workload;
    Answer::about(asked.grants(), |grants| {
        if grants.is_empty() {
            return Answer::DoesNotApply;
        }
        let faults = grants.iter().filter_map(|grant| {
            let (what, severity) = too_much(grant)?;
            let message = format!(
                "account {} may {what} ({} by {})",
                workload.account_name(),
                grant.role,
                grant.binding
            );
            let at = workload.pod_at("/serviceAccountName");
            Some(Fault::new(at, message).severity(severity))
        });
        Answer::from_faults(faults.collect())
    })
}

const SUBRESOURCES: [&str; 4] = [
    "pods/exec",
    "pods/attach",
    "pods/portforward",
    "pods/ephemeralcontainers",
];

fn too_much(grant: &Grant<'_>) -> Option<(&'static str, Severity)> {
    // By websocket, to get is enough.
    let verbs = ["create", "get", "update", "patch"];
    let runs = SUBRESOURCES
        .iter()
        .any(|resource| grant.allows(&verbs, "", resource));
    runs.then_some(("run commands in other pods", Severity::High))
}
