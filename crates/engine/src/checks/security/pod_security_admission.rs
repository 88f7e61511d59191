//! pod-security-admission: the API server itself refuses the worst.

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, AskedNamespace, Check, Covers, Fault, Minutes, Text},
    object::{Kind, Pointer},
};

pub(super) const CHECK: Check = Check {
    id: "pod-security-admission",
    title: "No Pod Security level enforced",
    category: Category::Security,
    severity: Severity::Medium,
    effort: Minutes(30),
    since: "0.1.0",
    profile: Profile::Production,
    text: Text {
        sees: "A namespace in which something runs has no label pod-security.kubernetes.io/enforce, or one with privileged. Namespaces of Kubernetes itself need it privileged and are not asked.",
        root_cause: "The label is opt-in, and nobody opted.",
        scenario: "Somebody applies a privileged pod with the node's root mounted, and it runs.",
        impact: "Whoever may make a pod owns the nodes.",
        fix: "Set pod-security.kubernetes.io/enforce: baseline, and warn and audit to restricted; raise enforce when nothing warns any more.",
    },
    links: &["https://kubernetes.io/docs/concepts/security/pod-security-admission/"],
    covers: Covers {
        audit_rows: &[15],
        peers: &[
            "kyverno:add-psa-namespace-reporting",
            "kyverno:deny-privileged-profile",
            "kyverno:podsecurity-subrule-baseline",
            "kyverno:restricted-latest",
            "kubescape:C-0192",
            "kubescape:C-0068",
            "kubescape:C-0193",
            "kyverno:add-privileged-existing-namespaces",
            "kyverno:add-psa-labels",
        ],
    },
    parameters: &[],
    reads: &[Kind::Namespace],
    ask: Ask::Namespace(ask),
};

const LABEL: &str = "pod-security.kubernetes.io/enforce";

fn ask(asked: &AskedNamespace<'_>) -> Answer {
    if asked.surroundings.workloads().next().is_none() {
        return Answer::DoesNotApply;
    }

    if asked.surroundings.namespace().starts_with("kube-") {
        return Answer::DoesNotApply;
    }
    Answer::about(asked.surroundings.namespace_labels(), |labels| {
        let at = Pointer::new("/metadata/labels").key(LABEL);
        match labels.get(LABEL).map(String::as_str) {
            Some("baseline" | "restricted") => Answer::Passes,
            Some(level) => {
                let message =
                    format!("enforces the Pod Security level {level}, which refuses nothing");
                Answer::fails(Fault::new(at, message))
            }
            None => Answer::fails(Fault::new(at, "enforces no Pod Security level")),
        }
    })
}
