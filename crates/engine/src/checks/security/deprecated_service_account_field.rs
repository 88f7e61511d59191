//! deprecated-service-account-field: the account is named where it is read.

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, Asked, Check, Covers, Fault, Minutes, Text},
};

pub(super) const CHECK: Check = Check {
    id: "deprecated-service-account-field",
    title: "Old field for the account",
    category: Category::Security,
    severity: Severity::Low,
    effort: Minutes(5),
    since: "0.1.0",
    profile: Profile::Scale,
    text: Text {
        sees: "The pod names its account in serviceAccount and not in serviceAccountName, or differently in both.",
        root_cause: "serviceAccount is the name of the field from before Kubernetes 1.0; the API server still copies it, and tools that read files do not.",
        scenario: "A policy or a scanner looks at serviceAccountName, finds nothing, and believes that the pod runs as default.",
        impact: "What is checked is not what runs.",
        fix: "Write serviceAccountName in the place of serviceAccount.",
    },
    links: &["https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/"],
    covers: Covers {
        audit_rows: &[],
        peers: &[
            "kube-linter:deprecated-service-account-field",
            "kubeaudit:asat",
            "kubescape:C-0294",
        ],
    },
    parameters: &[],
    reads: &[],
    ask: Ask::Workload(ask),
};

fn ask(asked: &Asked<'_>) -> Answer {
    let pod = asked.workload.pod();
    let Some(old) = pod.deprecated_service_account.as_deref() else {
        return Answer::Passes;
    };
    // The API server fills in the old field with the same name.
    if old.is_empty() || pod.service_account_name.as_deref() == Some(old) {
        return Answer::Passes;
    }
    let message = match pod.service_account_name.as_deref() {
        None | Some("") => {
            format!("names its account {old} in serviceAccount, not in serviceAccountName")
        }
        Some(new) => {
            format!("names its account {old} in serviceAccount and {new} in serviceAccountName")
        }
    };
    Answer::fails(Fault::new(
        asked.workload.pod_at("/serviceAccount"),
        message,
    ))
}
