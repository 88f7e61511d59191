//! rbac-wildcard: rights name what is meant.

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, Asked, Check, Covers, Fault, Minutes, Text},
    object::Kind,
    surroundings::Grant,
};

pub(super) const CHECK: Check = Check {
    id: "rbac-wildcard",
    title: "Account may do anything to something",
    category: Category::Security,
    severity: Severity::High,
    effort: Minutes(60),
    since: "0.1.0",
    profile: Profile::Production,
    text: Text {
        sees: "A role of the workload's account allows every verb (*) on something, or something on every resource (*). What allows everything is asked by rbac-cluster-admin.",
        root_cause: "A star is shorter than a list.",
        scenario: "The next release of an add-on brings a new kind or verb, and the account may use it without anybody having decided so.",
        impact: "Rights that nobody gave and nobody knows of.",
        fix: "List the verbs and resources that are used.",
    },
    links: &["https://kubernetes.io/docs/concepts/security/rbac-good-practices/"],
    covers: Covers {
        audit_rows: &[15],
        peers: &[
            "kube-linter:wildcard-in-rules",
            "kyverno:restrict-wildcard-verbs",
            "kyverno:restrict-wildcard-resources",
            "kubescape:C-0187",
            "trivy:KSV-0044",
            "trivy:KSV-0045",
            "trivy:KSV-0046",
            "trivy:KSV-0112",
            "checkov:CKV_K8S_49",
            "datree:97",
            "kics:RBAC Wildcard In Rule",
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
    if grant.role == "ClusterRole/cluster-admin" || grant.allows_everything() {
        return None;
    }
    let star = |list: &[String]| list.iter().any(|one| one == "*");
    let mut rules = grant.rules.iter().filter(|rule| rule.names.is_empty());
    let found = rules.find_map(|rule| match (star(&rule.verbs), star(&rule.resources)) {
        (true, _) => Some("use every verb on something"),
        (false, true) => Some("reach every resource of a group"),
        (false, false) => None,
    });
    found.map(|what| {
        (
            what,
            if grant.cluster_wide {
                Severity::High
            } else {
                Severity::Medium
            },
        )
    })
}
