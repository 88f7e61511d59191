//! runtime-class: what must be sandboxed is.

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, Asked, Check, Covers, Fault, Minutes, Parameter, ParameterKind, Text},
};

pub(super) const CHECK: Check = Check {
    id: "runtime-class",
    title: "Runtime against the policy",
    category: Category::Security,
    severity: Severity::Low,
    effort: Minutes(30),
    since: "0.1.0",
    profile: Profile::Production,
    text: Text {
        sees: "With the parameter allowed, the pod's runtimeClassName is none of those listed (an empty one stands for the node's own). Without the parameter it asks nothing.",
        root_cause: "The usual runtime shares the kernel with the node, which is right for what is trusted.",
        scenario: "Code of customers runs beside the platform's own, with one kernel between them.",
        impact: "A flaw of the kernel is a way out.",
        fix: "Set runtimeClassName to a sandboxed runtime such as gVisor or Kata.",
    },
    links: &["https://kubernetes.io/docs/concepts/containers/runtime-class/"],
    covers: Covers {
        audit_rows: &[],
        peers: &[
            "kyverno:restrict-runtimeClassName",
            "kyverno:add-runtimeClassName",
            "kubescape:C-0297",
        ],
    },
    parameters: &[ALLOWED],
    reads: &[],
    ask: Ask::Workload(ask),
};

const ALLOWED: Parameter = Parameter {
    name: "allowed",
    describes: "Runtime classes that pods may name; an empty text stands for the node's own.",
    kind: ParameterKind::Texts { default: &[] },
};

fn ask(asked: &Asked<'_>) -> Answer {
    let workload = asked.workload;
    let allowed = asked.texts(ALLOWED.name);
    if allowed.is_empty() {
        return Answer::DoesNotApply;
    }
    let own = workload
        .pod()
        .runtime_class_name
        .as_deref()
        .unwrap_or_default();
    Answer::pass_if(allowed.iter().any(|one| one == own), || {
        let what = if own.is_empty() {
            "the node's own runtime".to_owned()
        } else {
            format!("the runtime {own}")
        };
        let message = format!("uses {what}, which the policy does not allow");
        Fault::new(workload.pod_at("/runtimeClassName"), message)
    })
}
