//! scc-privileged: no constraint lets in what is privileged.

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, Asked, Check, Covers, Fault, Minutes, Text},
    object::{Kind, account::SecurityContextConstraints},
};

pub(super) const CHECK: Check = Check {
    id: "scc-privileged",
    title: "OpenShift lets its pods be privileged",
    category: Category::Security,
    severity: Severity::High,
    effort: Minutes(60),
    since: "0.1.0",
    profile: Profile::Baseline,
    text: Text {
        sees: "On OpenShift, a SecurityContextConstraints that allows privileged containers may be used by the workload's account, by its own name, by a group of all accounts of the namespace, or by a role with the verb use.",
        root_cause: "The constraint privileged or anyuid was the quickest way to make an image start.",
        scenario: "Somebody who may change the pod makes it privileged, and owns the node.",
        impact: "A wall that is there for all others is missing for this one.",
        fix: "Use restricted-v2, or a constraint of its own with the one right that it needs.",
    },
    links: &[
        "https://docs.openshift.com/container-platform/latest/authentication/managing-security-context-constraints.html",
    ],
    covers: Covers {
        audit_rows: &[],
        peers: &[
            "kube-linter:scc-deny-privileged-container",
            "kyverno:disallow-security-context-constraint-anyuid",
            "kyverno:disallow-self-provisioner-binding",
        ],
    },
    parameters: &[],
    reads: &[
        Kind::SecurityContextConstraints,
        Kind::RoleBinding,
        Kind::ClusterRoleBinding,
    ],
    ask: Ask::Surroundings(ask),
};

fn ask(asked: &Asked<'_>) -> Answer {
    let workload = asked.workload;
    let around = &asked.surroundings;
    let wide: Vec<&SecurityContextConstraints> = around
        .everywhere::<SecurityContextConstraints>()
        .filter(|one| one.allow_privileged_container)
        .collect();
    if wide.is_empty() {
        return Answer::DoesNotApply;
    }
    let (namespace, account) = (around.namespace(), workload.account_name());
    let by_name = format!("system:serviceaccount:{namespace}:{account}");
    let groups = [
        "system:serviceaccounts".to_owned(),
        format!("system:serviceaccounts:{namespace}"),
        "system:authenticated".to_owned(),
    ];
    let grants = asked.grants().known().unwrap_or_default();
    let by_role = |name: &str| {
        let rules = grants.iter().flat_map(|grant| &grant.rules);
        rules.into_iter().any(|rule| {
            let uses = rule.verbs.iter().any(|verb| verb == "use");
            let about = rule
                .resources
                .iter()
                .any(|resource| resource == "securitycontextconstraints");
            uses && about && (rule.names.is_empty() || rule.names.iter().any(|one| one == name))
        })
    };
    let usable = wide.into_iter().find(|one| {
        let name = one.metadata.name.as_str();
        one.users.contains(&by_name)
            || one.groups.iter().any(|group| groups.contains(group))
            || by_role(name)
    });
    match usable {
        Some(one) => {
            let message = format!(
                "account {account} may use {}, which lets privileged containers in",
                one.metadata.name
            );
            Answer::fails(Fault::new(workload.pod_at("/serviceAccountName"), message))
        }
        None => Answer::Passes,
    }
}
