//! service-account-token: only what talks to the API has a token for it.

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, Asked, Check, Covers, Fault, Minutes, Text},
    fix::Edit,
    object::Kind,
    role::Role,
};

pub(super) const CHECK: Check = Check {
    id: "service-account-token",
    title: "API token mounted without need",
    category: Category::Security,
    severity: Severity::Medium,
    effort: Minutes(10),
    since: "0.1.0",
    profile: Profile::Production,
    text: Text {
        sees: "A token of the account is mounted into the pod (automountServiceAccountToken is not false, neither on the pod nor on the ServiceAccount), and no binding grants the account anything. Controllers and operators, told by their image, and pods that project a token on purpose are not asked.",
        root_cause: "It is the default of Kubernetes.",
        scenario: "Somebody gets into the process, finds the token, and asks the API server what it may do, who else is there and which versions run.",
        impact: "A foothold that an application never needed.",
        fix: "Set automountServiceAccountToken: false on the pod.",
    },
    links: &[
        "https://kubernetes.io/docs/tasks/configure-pod-container/configure-service-account/#opt-out-of-api-credential-automounting",
    ],
    covers: Covers {
        audit_rows: &[],
        peers: &[
            "polaris:automountServiceAccountToken",
            "popeye:301",
            "popeye:303",
            "kyverno:restrict-automount-sa-token",
            "kyverno:restrict-sa-automount-sa-token",
            "kubescape:C-0034",
            "kubescape:C-0190",
            "kubescape:C-0261",
            "trivy:KSV-0036",
            "checkov:CKV_K8S_38",
            "kubesec:AutomountServiceAccountToken",
            "gatekeeper:automount-serviceaccount-token",
            "datree:53",
            "kics:Service Account Token Automount Not Disabled",
            "kubeaudit:asat",
            "kyverno:disable-automountserviceaccounttoken",
            "kyverno:remove-serviceaccount-token",
        ],
    },
    parameters: &[],
    reads: &[
        Kind::ServiceAccount,
        Kind::RoleBinding,
        Kind::ClusterRoleBinding,
        Kind::Role,
        Kind::ClusterRole,
        Kind::Service,
    ],
    ask: Ask::Surroundings(ask),
};

fn ask(asked: &Asked<'_>) -> Answer {
    let workload = asked.workload;
    let around = &asked.surroundings;
    let by_account = || {
        let account = around.account(workload).known().flatten();
        account.and_then(|account| account.automount_service_account_token)
    };
    let written = workload.pod().automount_service_account_token;
    if written.or_else(by_account) == Some(false) {
        return Answer::Passes;
    }
    if asked.role() == Role::Controller {
        return Answer::DoesNotApply;
    }
    Answer::about(asked.grants(), |grants| {
        Answer::pass_if(!grants.is_empty(), || {
            let at = workload.pod_at("/automountServiceAccountToken");
            let message = format!(
                "has the token of account {}, to which nothing is granted",
                workload.account_name()
            );
            Fault::new(at.clone(), message).edit(Edit::set(at, false))
        })
    })
}
