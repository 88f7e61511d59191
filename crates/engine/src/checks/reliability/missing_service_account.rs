//! missing-service-account: the account of the pod is there.

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, Asked, Check, Covers, Fault, Minutes, Text},
    object::Kind,
};

pub(super) const CHECK: Check = Check {
    id: "missing-service-account",
    title: "ServiceAccount missing",
    category: Category::Reliability,
    severity: Severity::High,
    effort: Minutes(10),
    since: "0.1.0",
    profile: Profile::Baseline,
    text: Text {
        sees: "serviceAccountName names a ServiceAccount that does not exist in the namespace. Every namespace has one that is called default.",
        root_cause: "The account was renamed, or is made by another chart.",
        scenario: "The controller cannot make a single pod, and says so in an Event of the ReplicaSet that nobody reads.",
        impact: "A rollout that does not begin, or nothing at all after the namespace was restored.",
        fix: "Deliver the ServiceAccount with the workload, or correct the name.",
    },
    links: &["https://kubernetes.io/docs/tasks/configure-pod-container/configure-service-account/"],
    covers: Covers {
        audit_rows: &[],
        peers: &[
            "kube-linter:non-existent-service-account",
            "popeye:307",
            "popeye:507",
            "kubescape:C-0307",
            "redhat-cop:REQ_INV-00004",
        ],
    },
    parameters: &[],
    reads: &[Kind::ServiceAccount],
    ask: Ask::Surroundings(ask),
};

fn ask(asked: &Asked<'_>) -> Answer {
    let workload = asked.workload;
    let name = workload.account_name();
    if name == "default" {
        return Answer::DoesNotApply;
    }
    Answer::about(asked.surroundings.account(workload), |account| {
        Answer::pass_if(account.is_some(), || {
            let at = workload.pod_at("/serviceAccountName");
            Fault::new(at, format!("acts as account {name}, which there is not"))
        })
    })
}
