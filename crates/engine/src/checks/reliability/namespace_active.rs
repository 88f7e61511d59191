//! namespace-active: what is there stays there.

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, AskedNamespace, Check, Covers, Fault, Minutes, Text},
    object::{Kind, Pointer},
};

pub(super) const CHECK: Check = Check {
    id: "namespace-active",
    title: "Namespace is being deleted",
    category: Category::Reliability,
    severity: Severity::Low,
    effort: Minutes(30),
    since: "0.1.0",
    profile: Profile::Production,
    text: Text {
        sees: "The namespace is Terminating: it was deleted, and something in it holds it back.",
        root_cause: "A finalizer waits for a controller that is gone.",
        scenario: "Nothing new can be made in it, and what is in it may vanish at any moment.",
        impact: "A name that cannot be used again until somebody finds what holds it.",
        fix: "Read its status conditions: they name the resources and finalizers that are left.",
    },
    links: &["https://kubernetes.io/docs/concepts/overview/working-with-objects/namespaces/"],
    covers: Covers {
        audit_rows: &[],
        peers: &["popeye:800", "kubescape:C-0209", "kor:namespace"],
    },
    parameters: &[],
    reads: &[Kind::Namespace],
    ask: Ask::Namespace(ask),
};

fn ask(asked: &AskedNamespace<'_>) -> Answer {
    Answer::about(asked.surroundings.namespace_object(), |namespace| {
        let phase = namespace.status.phase.as_deref();
        let going = phase == Some("Terminating") || namespace.metadata.deletion_timestamp.is_some();
        Answer::pass_if(!going, || {
            let message = "is being deleted, and something in it holds it back";
            Fault::new(Pointer::new("/metadata/name"), message)
        })
    })
}
