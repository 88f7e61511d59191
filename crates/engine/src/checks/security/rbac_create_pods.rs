//! rbac-create-pods: only what makes pods may make them.

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, Asked, Check, Covers, Fault, Minutes, Text},
    object::Kind,
    role::Role,
    surroundings::Grant,
};

pub(super) const CHECK: Check = Check {
    id: "rbac-create-pods",
    title: "Account may create workloads",
    category: Category::Security,
    severity: Severity::Medium,
    effort: Minutes(60),
    since: "0.1.0",
    profile: Profile::Production,
    text: Text {
        sees: "A role of the workload's account allows to create pods, or to create, update or patch what makes pods. Controllers, told by their image or by the annotation prodready.dev/role, need this and are not asked; for a CI runner make an exception.",
        root_cause: "A tool that starts Jobs, or a role that was copied.",
        scenario: "Somebody gets into the process and starts a pod with the account, the Secrets and the node that they like.",
        impact: "Every account of the namespace is theirs.",
        fix: "Allow jobs alone to what starts Jobs, and guard the namespace by the Pod Security level restricted.",
    },
    links: &["https://kubernetes.io/docs/concepts/security/rbac-good-practices/"],
    covers: Covers {
        audit_rows: &[15],
        peers: &[
            "kube-linter:access-to-create-pods",
            "kubescape:C-0188",
            "kubescape:C-0007",
            "kubescape:C-0053",
            "trivy:KSV-0048",
            "datree:101",
            "kics:Permissive Access to Create Pods",
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
    if asked.role() == Role::Controller {
        return Answer::DoesNotApply;
    }
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

/// Kinds that make pods.
const MAKERS: [(&str, &str); 7] = [
    ("", "pods"),
    ("apps", "deployments"),
    ("apps", "daemonsets"),
    ("apps", "statefulsets"),
    ("apps", "replicasets"),
    ("batch", "jobs"),
    ("batch", "cronjobs"),
];

fn too_much(grant: &Grant<'_>) -> Option<(&'static str, Severity)> {
    let makes = MAKERS.iter().any(|(group, resource)| {
        // What a running Pod may do cannot be changed any more.
        let verbs: &[&str] = if *resource == "pods" {
            &["create"]
        } else {
            &["create", "update", "patch"]
        };
        grant.allows(verbs, group, resource)
    });
    makes.then_some((
        "create workloads, and by them use any account",
        Severity::Medium,
    ))
}
