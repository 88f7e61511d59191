//! rbac-cluster-admin: an account may do what its workload needs.

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, Asked, Check, Covers, Fault, Minutes, Text},
    object::Kind,
    surroundings::Grant,
};

pub(super) const CHECK: Check = Check {
    id: "rbac-cluster-admin",
    title: "Account is administrator of the cluster",
    category: Category::Security,
    severity: Severity::Critical,
    effort: Minutes(60),
    since: "0.1.0",
    profile: Profile::Baseline,
    text: Text {
        sees: "The account of the workload is bound to cluster-admin, or to a role that allows every verb on every resource of every group.",
        root_cause: "Everything worked after that, and nobody took it back.",
        scenario: "Somebody gets into the process, and reads every Secret and changes every workload of the cluster.",
        impact: "One flaw in one application is the loss of the cluster.",
        fix: "Bind a role with the verbs and resources that it uses; kubectl auth can-i --list shows what it has.",
    },
    links: &["https://kubernetes.io/docs/concepts/security/rbac-good-practices/"],
    covers: Covers {
        audit_rows: &[15],
        peers: &[
            "kube-linter:cluster-admin-role-binding",
            "polaris:clusterrolebindingClusterAdmin",
            "polaris:rolebindingClusterAdminClusterRole",
            "polaris:rolebindingClusterAdminRole",
            "kyverno:restrict-binding-clusteradmin",
            "kubescape:C-0035",
            "kubescape:C-0185",
            "kubescape:C-0267",
            "kubescape:C-0272",
            "trivy:KSV-0111",
            "datree:95",
            "kics:Cluster Admin Rolebinding With Superuser Permissions",
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
    let everything = grant.role == "ClusterRole/cluster-admin" || grant.allows_everything();
    match (everything, grant.cluster_wide) {
        (false, _) => None,
        (true, true) => Some(("do everything in the whole cluster", Severity::Critical)),
        (true, false) => Some(("do everything in a namespace", Severity::High)),
    }
}
