//! mesh-authorization: in the mesh it is written who may call whom.

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, Asked, Check, Covers, Fault, Minutes, Text},
    object::{Kind, mesh::AuthorizationPolicy},
};

pub(super) const CHECK: Check = Check {
    id: "mesh-authorization",
    title: "No authorization in the mesh",
    category: Category::Security,
    severity: Severity::Low,
    effort: Minutes(120),
    since: "0.1.0",
    profile: Profile::Scale,
    text: Text {
        sees: "The namespace is in Istio's mesh, and no AuthorizationPolicy of the namespace is for the workload's pods. Without a mesh nothing is asked.",
        root_cause: "The mesh gave every workload a name, and nobody asked what to do with it.",
        scenario: "A pod of another team calls the admin API of this one, with a name that nobody looks at.",
        impact: "Identity without consequences.",
        fix: "Deny all in the namespace by an empty AuthorizationPolicy, and allow by principal.",
    },
    links: &["https://istio.io/latest/docs/reference/config/security/authorization-policy/"],
    covers: Covers {
        audit_rows: &[],
        peers: &[
            "kyverno:require-authorizationpolicy",
            "kyverno:create-authorizationpolicy",
            "kyverno:restrict-virtual-service-wildcard",
            "kyverno:require-linkerd-server",
            "kyverno:check-linkerd-authorizationpolicy",
            "kyverno:add-linkerd-policy-annotation",
        ],
    },
    parameters: &[],
    reads: &[Kind::Namespace, Kind::AuthorizationPolicy],
    ask: Ask::Surroundings(ask),
};

fn ask(asked: &Asked<'_>) -> Answer {
    let workload = asked.workload;
    let around = &asked.surroundings;
    let labels = around.namespace_labels().known();
    let in_mesh = labels.is_some_and(|labels| {
        labels
            .get("istio-injection")
            .is_some_and(|value| value == "enabled")
            || labels.contains_key("istio.io/rev")
            || labels.contains_key("istio.io/dataplane-mode")
    });
    if !in_mesh || !workload.runs_for_ever() {
        return Answer::DoesNotApply;
    }
    let covered = around.each::<AuthorizationPolicy>().any(|policy| {
        let selector = policy.spec.selector.as_ref();
        selector.is_none_or(|selector| selector.matches(workload.pod_labels()))
    });
    if covered {
        return Answer::Passes;
    }
    Answer::about(around.absent(Kind::AuthorizationPolicy), |()| {
        let message = "may be called by every workload of the mesh";
        Answer::fails(Fault::new(workload.at("/metadata/name"), message))
    })
}
