//! rbac-write-traffic: nobody else turns traffic or wipes traces.

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, Asked, Check, Covers, Fault, Minutes, Text},
    object::Kind,
    role::Role,
    surroundings::Grant,
};

pub(super) const CHECK: Check = Check {
    id: "rbac-write-traffic",
    title: "Account may turn traffic or wipe traces",
    category: Category::Security,
    severity: Severity::Medium,
    effort: Minutes(60),
    since: "0.1.0",
    profile: Profile::Production,
    text: Text {
        sees: "A role of the workload's account allows to write Services, their status, EndpointSlices, Ingresses or NetworkPolicies, to write every ConfigMap, or to delete Events or pod logs. Controllers, told by their image or by the annotation prodready.dev/role, need this and are not asked.",
        root_cause: "A deployment tool or a role for editors was taken.",
        scenario: "Somebody gets into the process, sends traffic of others to their own pod, opens the network, and deletes the Events that tell of it.",
        impact: "An intruder who moves on, and leaves little to be found.",
        fix: "Take the verbs out, or name the objects in resourceNames.",
    },
    links: &["https://kubernetes.io/docs/concepts/security/rbac-good-practices/"],
    covers: Covers {
        audit_rows: &[15],
        peers: &[
            "kubescape:C-0031",
            "kubescape:C-0037",
            "trivy:KSV-0042",
            "trivy:KSV-0049",
            "trivy:KSV-0056",
            "trivy:KSV-0115",
            "checkov:CKV2_K8S_4",
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

const WRITES: &[&str] = &["create", "update", "patch"];
const NETWORK: &str = "networking.k8s.io";

/// Verbs, group and resource, and what they lead to.
const WAYS: [(&[&str], &str, &str, &str); 8] = [
    (WRITES, "", "services", "turn traffic by Services"),
    (
        WRITES,
        "",
        "services/status",
        "turn traffic by addresses of load balancers",
    ),
    (
        WRITES,
        "discovery.k8s.io",
        "endpointslices",
        "turn traffic by EndpointSlices",
    ),
    (WRITES, NETWORK, "ingresses", "turn traffic by Ingresses"),
    (WRITES, NETWORK, "networkpolicies", "open the network"),
    (
        &["update", "patch"],
        "",
        "configmaps",
        "change every ConfigMap",
    ),
    (
        &["delete", "deletecollection"],
        "",
        "events",
        "delete Events",
    ),
    (
        &["delete", "deletecollection"],
        "",
        "pods/log",
        "delete logs",
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
    let severity = if grant.cluster_wide {
        Severity::Medium
    } else {
        Severity::Low
    };
    way.map(|(_, _, _, what)| (*what, severity))
}
