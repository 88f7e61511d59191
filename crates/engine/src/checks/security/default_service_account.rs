//! default-service-account: a workload has an account of its own.

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, Asked, Check, Covers, Fault, Minutes, Text},
};

pub(super) const CHECK: Check = Check {
    id: "default-service-account",
    title: "Shares the default account",
    category: Category::Security,
    severity: Severity::Medium,
    effort: Minutes(20),
    since: "0.1.0",
    profile: Profile::Production,
    text: Text {
        sees: "The pod names no ServiceAccount, or the one called default, and lets its token be mounted.",
        root_cause: "Every pod of a namespace that names no account gets the same one, so whoever grants it a right grants it to all of them.",
        scenario: "Somebody binds a Role to default because one tool needs it, and every other pod of the namespace may do the same from then on.",
        impact: "A foothold in the least important pod has the rights of the most important one, and audit logs cannot tell them apart.",
        fix: "Create a ServiceAccount for the workload and name it in serviceAccountName, or set automountServiceAccountToken to false where the API is not needed.",
    },
    links: &["https://kubernetes.io/docs/concepts/security/service-accounts/"],
    covers: Covers {
        audit_rows: &[],
        peers: &[
            "kube-linter:default-service-account",
            "popeye:300",
            "kyverno:restrict-service-account",
            "kubescape:C-0189",
            "checkov:CKV_K8S_41",
            "kubesec:ServiceAccountName",
            "datree:102",
            "kics:Default Service Account In Use",
            "kyverno:check-serviceaccount",
        ],
    },
    parameters: &[],
    reads: &[],
    ask: Ask::Workload(ask),
};

fn ask(asked: &Asked<'_>) -> Answer {
    let pod = asked.workload.pod();
    let named = pod
        .service_account_name
        .as_deref()
        .or(pod.deprecated_service_account.as_deref())
        .filter(|name| !name.is_empty());
    let shares = named.is_none_or(|name| name == "default");
    let mounts = pod.automount_service_account_token != Some(false);
    let at = |field: &str| asked.workload.pod_at(field);
    Answer::pass_if(!(shares && mounts), || {
        Fault::new(
            at("/serviceAccountName"),
            "acts as the account default, with every other pod of the namespace that names none",
        )
        .remedy(
            "name a ServiceAccount of its own in serviceAccountName, or set automountServiceAccountToken: false if it never asks the API server",
        )
    })
}
