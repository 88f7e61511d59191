//! rbac-escalation: nobody gives themselves rights.

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, Asked, Check, Covers, Fault, Minutes, Text},
    object::Kind,
    surroundings::Grant,
};

pub(super) const CHECK: Check = Check {
    id: "rbac-escalation",
    title: "Account may raise its own rights",
    category: Category::Security,
    severity: Severity::High,
    effort: Minutes(60),
    since: "0.1.0",
    profile: Profile::Production,
    text: Text {
        sees: "A role of the workload's account allows escalate or bind on roles, impersonate, to write bindings, nodes/proxy, to write webhook configurations, to approve certificate signing requests, to make tokens of accounts, or to create PersistentVolumes.",
        root_cause: "An operator asked for it once, or a role for administrators was taken.",
        scenario: "Somebody gets into the process and makes themselves administrator with one call.",
        impact: "The rights that were given carefully are all the rights there are.",
        fix: "Take the verb out; what must write bindings should be allowed to bind certain roles by resourceNames.",
    },
    links: &["https://kubernetes.io/docs/concepts/security/rbac-good-practices/"],
    covers: Covers {
        audit_rows: &[15],
        peers: &[
            "kyverno:restrict-escalation-verbs-roles",
            "kyverno:restrict-clusterrole-nodesproxy",
            "kyverno:restrict-clusterrole-mutating-validating-admission-webhooks",
            "kyverno:restrict-clusterrole-csr",
            "kubescape:C-0065",
            "kubescape:C-0191",
            "kubescape:C-0278",
            "kubescape:C-0279",
            "kubescape:C-0280",
            "kubescape:C-0281",
            "kubescape:C-0282",
            "trivy:KSV-0043",
            "trivy:KSV-0047",
            "trivy:KSV-0050",
            "trivy:KSV-0051",
            "trivy:KSV-0052",
            "trivy:KSV-0055",
            "trivy:KSV-0114",
            "checkov:CKV_K8S_155",
            "checkov:CKV_K8S_156",
            "checkov:CKV_K8S_157",
            "checkov:CKV_K8S_158",
            "checkov:CKV2_K8S_1",
            "checkov:CKV2_K8S_3",
            "datree:105",
            "kyverno:inspect-csr",
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

const RBAC: &str = "rbac.authorization.k8s.io";
const ADMISSION: &str = "admissionregistration.k8s.io";
const WRITES: &[&str] = &["create", "update", "patch"];

/// Verbs, group and resource that lead to more, and what that is.
const WAYS: [(&[&str], &str, &str, &str); 12] = [
    (&["escalate", "bind"], RBAC, "roles", "give itself any role"),
    (
        &["escalate", "bind"],
        RBAC,
        "clusterroles",
        "give itself any role",
    ),
    (WRITES, RBAC, "rolebindings", "write bindings of roles"),
    (
        WRITES,
        RBAC,
        "clusterrolebindings",
        "write bindings of roles",
    ),
    (&["impersonate"], "", "users", "act as anybody"),
    (
        &["impersonate"],
        "",
        "serviceaccounts",
        "act as any account",
    ),
    (
        &["get", "create"],
        "",
        "nodes/proxy",
        "command kubelets past the API server",
    ),
    (
        WRITES,
        ADMISSION,
        "validatingwebhookconfigurations",
        "change what is admitted",
    ),
    (
        WRITES,
        ADMISSION,
        "mutatingwebhookconfigurations",
        "change what is admitted",
    ),
    (
        &["update", "patch"],
        "certificates.k8s.io",
        "certificatesigningrequests/approval",
        "approve certificates",
    ),
    (
        &["create"],
        "",
        "serviceaccounts/token",
        "make tokens of other accounts",
    ),
    (
        &["create"],
        "",
        "persistentvolumes",
        "mount directories of nodes",
    ),
];

fn too_much(grant: &Grant<'_>) -> Option<(&'static str, Severity)> {
    // What may do everything is told as such.
    if grant.role == "ClusterRole/cluster-admin" || grant.allows_everything() {
        return None;
    }
    let way = WAYS
        .iter()
        .find(|(verbs, group, resource, _)| grant.allows(verbs, group, resource));
    way.map(|(_, _, _, what)| (*what, Severity::High))
}
