//! rbac-anonymous-binding: nobody has rights without a name.

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, AskedNamespace, Check, Covers, Fault, Minutes, Text},
    object::{
        Kind,
        account::{Bound, RoleBinding},
    },
};

pub(super) const CHECK: Check = Check {
    id: "rbac-anonymous-binding",
    title: "Rights for everybody",
    category: Category::Security,
    severity: Severity::Critical,
    effort: Minutes(30),
    since: "0.1.0",
    profile: Profile::Baseline,
    text: Text {
        sees: "A RoleBinding of the namespace binds a group or user that stands for everybody: system:anonymous, system:unauthenticated, system:authenticated or system:masters, or the group of all accounts; or binds the account default.",
        root_cause: "The name of one account was not known at the time.",
        scenario: "Somebody without any login, or any pod of the cluster, does what the role allows.",
        impact: "Whatever the role allows, everybody may do.",
        fix: "Bind the accounts and people who need it, by name.",
    },
    links: &["https://kubernetes.io/docs/concepts/security/rbac-good-practices/"],
    covers: Covers {
        audit_rows: &[],
        peers: &[
            "kyverno:restrict-binding-system-groups",
            "gatekeeper:disallowanonymous",
            "kubescape:C-0262",
            "kubescape:C-0265",
            "kubescape:C-0246",
            "kubescape:C-0225",
            "kubescape:C-0239",
            "trivy:KSV-0122",
            "trivy:KSV-01011",
            "trivy:KSV-0123",
            "popeye:308",
            "checkov:CKV_K8S_42",
            "kubesec:BindingsToSystemAnonymous",
            "datree:104",
            "kics:Role Binding To Default Service Account",
        ],
    },
    parameters: &[],
    reads: &[Kind::RoleBinding],
    ask: Ask::Namespace(ask),
};

/// Names that stand for everybody, or for whoever passes every check.
const EVERYBODY: [&str; 5] = [
    "system:anonymous",
    "system:unauthenticated",
    "system:authenticated",
    "system:masters",
    "system:serviceaccounts",
];

fn ask(asked: &AskedNamespace<'_>) -> Answer {
    let around = &asked.surroundings;
    let own = around.namespace();
    let bindings: Vec<&RoleBinding> = around
        .everywhere::<RoleBinding>()
        .filter(|binding| binding.metadata.namespace == own)
        .collect();
    if bindings.is_empty() {
        return Answer::DoesNotApply;
    }
    let faults = bindings.into_iter().flat_map(|binding| {
        let wide = binding
            .subjects
            .iter()
            .enumerate()
            .filter_map(|(index, subject)| Some((index, said(subject)?)));
        wide.map(move |(index, (who, severity))| {
            let name = &binding.metadata.name;
            let message = format!(
                "RoleBinding {name} gives {} {} to {who}",
                binding.role_ref.kind, binding.role_ref.name
            );
            Fault::in_object(binding, &format!("/subjects/{index}"), message).severity(severity)
        })
    });
    Answer::from_faults(faults.collect())
}

fn said(subject: &Bound) -> Option<(String, Severity)> {
    let name = subject.name.as_str();
    match subject.kind.as_str() {
        "User" | "Group" if EVERYBODY.contains(&name) => {
            Some((name.to_owned(), Severity::Critical))
        }
        "Group" if name.starts_with("system:serviceaccounts:") => Some((
            format!(
                "every account of {}",
                &name["system:serviceaccounts:".len()..]
            ),
            Severity::High,
        )),
        "ServiceAccount" if name == "default" => Some((
            "the account default, which every pod has that names none".to_owned(),
            Severity::High,
        )),
        _ => None,
    }
}
