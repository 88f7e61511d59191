//! dangling-role-binding: every binding binds somebody to something.

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, AskedNamespace, Check, Covers, Fault, Minutes, Text},
    object::{
        Kind,
        account::{ClusterRole, Role, RoleBinding, ServiceAccount},
    },
    surroundings::Seen,
};

pub(super) const CHECK: Check = Check {
    id: "dangling-role-binding",
    title: "Binding to a role that is missing",
    category: Category::Security,
    severity: Severity::Medium,
    effort: Minutes(10),
    since: "0.1.0",
    profile: Profile::Production,
    text: Text {
        sees: "A RoleBinding of the namespace names a Role or ClusterRole that does not exist, or a ServiceAccount of the namespace that does not exist. Roles of the cluster that every cluster has are taken to be there.",
        root_cause: "The role was renamed or deleted, and its binding stayed.",
        scenario: "The account has none of the rights that everybody believes it to have; or somebody makes a role of that name, and gives it to whoever is still bound.",
        impact: "Calls that are refused, or rights that come back by themselves.",
        fix: "Bind the role that is meant, or delete the binding.",
    },
    links: &["https://kubernetes.io/docs/reference/access-authn-authz/rbac/"],
    covers: Covers {
        audit_rows: &[],
        peers: &[
            "popeye:1300",
            "kor:rolebinding",
            "redhat-cop:BESTPRACT-00023",
            "redhat-cop:BESTPRACT-00024",
        ],
    },
    parameters: &[],
    reads: &[
        Kind::RoleBinding,
        Kind::Role,
        Kind::ClusterRole,
        Kind::ServiceAccount,
    ],
    ask: Ask::Namespace(ask),
};

/// Roles that every cluster has.
const BUILT_IN: [&str; 4] = ["cluster-admin", "admin", "edit", "view"];

fn ask(asked: &AskedNamespace<'_>) -> Answer {
    let around = &asked.surroundings;
    let own = around.namespace();
    let all = around.everywhere::<RoleBinding>();
    let bindings: Vec<&RoleBinding> = all.filter(|one| one.metadata.namespace == own).collect();
    if bindings.is_empty() {
        return Answer::DoesNotApply;
    }
    let mut faults = Vec::new();
    let mut unseen = None;
    for binding in bindings {
        let name = &binding.metadata.name;
        let role = &binding.role_ref;
        let known = BUILT_IN.contains(&role.name.as_str()) || role.name.starts_with("system:");
        let found = if role.kind == "ClusterRole" {
            around
                .at::<ClusterRole>("", &role.name)
                .map(|one| one.is_some() || known)
        } else {
            around.named::<Role>(&role.name).map(|one| one.is_some())
        };
        match found {
            Seen::Known(true) => {}
            Seen::Known(false) => {
                let message = format!(
                    "RoleBinding {name} names {} {}, which there is not",
                    role.kind, role.name
                );
                faults.push(Fault::in_object(binding, "/roleRef", message));
            }
            Seen::NotSeen(_) if known => {}
            Seen::NotSeen(why) => unseen = Some(why),
        }
        for (index, subject) in binding.subjects.iter().enumerate() {
            let here = subject.namespace.as_deref().unwrap_or(own) == own;
            if subject.kind != "ServiceAccount" || !here || subject.name == "default" {
                continue;
            }
            match around.named::<ServiceAccount>(&subject.name) {
                Seen::Known(Some(_)) => {}
                Seen::Known(None) => {
                    let message = format!(
                        "RoleBinding {name} binds account {}, which there is not",
                        subject.name
                    );
                    faults.push(
                        Fault::in_object(binding, &format!("/subjects/{index}"), message)
                            .severity(Severity::Low),
                    );
                }
                Seen::NotSeen(why) => unseen = Some(why),
            }
        }
    }
    match unseen {
        Some(why) if faults.is_empty() => Answer::Unknown(why),
        _ => Answer::from_faults(faults),
    }
}
