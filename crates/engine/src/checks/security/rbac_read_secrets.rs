//! rbac-read-secrets: only what needs a Secret reads it.

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, Asked, Check, Covers, Fault, Minutes, Text},
    object::Kind,
    surroundings::Grant,
};

pub(super) const CHECK: Check = Check {
    id: "rbac-read-secrets",
    title: "Account may read all Secrets",
    category: Category::Security,
    severity: Severity::High,
    effort: Minutes(60),
    since: "0.1.0",
    profile: Profile::Production,
    text: Text {
        sees: "A role of the workload's account allows to get, list or watch Secrets of a namespace or of the cluster, without naming them.",
        root_cause: "It needed one Secret, and the rule was written for all of them.",
        scenario: "Somebody gets into the process and reads the database's password, and with it every other Secret.",
        impact: "One application's flaw opens the systems behind all of them.",
        fix: "Name the Secret in resourceNames and allow get alone; or mount it, which needs no right at all.",
    },
    links: &["https://kubernetes.io/docs/concepts/security/rbac-good-practices/"],
    covers: Covers {
        audit_rows: &[15],
        peers: &[
            "kube-linter:access-to-secrets",
            "kyverno:restrict-secret-role-verbs",
            "kubescape:C-0015",
            "kubescape:C-0186",
            "trivy:KSV-0041",
            "trivy:KSV-0113",
            "checkov:CKV2_K8S_5",
            "datree:96",
            "kics:RBAC Roles with Read Secrets Permissions",
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

fn too_much(grant: &Grant<'_>) -> Option<(&'static str, Severity)> {
    let reads = grant.allows(&["get", "list", "watch"], "", "secrets");
    reads.then_some(if grant.cluster_wide {
        ("read every Secret of the cluster", Severity::High)
    } else {
        ("read every Secret of a namespace", Severity::Medium)
    })
}
