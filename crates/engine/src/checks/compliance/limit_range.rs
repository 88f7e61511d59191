//! limit-range: what says nothing gets something sensible.

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, AskedNamespace, Check, Covers, Fault, Minutes, Text},
    object::{Kind, Pointer, namespaced::LimitRange},
};

pub(super) const CHECK: Check = Check {
    id: "limit-range",
    title: "Namespace without defaults for resources",
    category: Category::Compliance,
    severity: Severity::Medium,
    effort: Minutes(15),
    since: "0.1.0",
    profile: Profile::Scale,
    text: Text {
        sees: "A namespace in which something runs has no LimitRange that gives containers a default request or limit, or bounds them.",
        root_cause: "Every workload was meant to say for itself.",
        scenario: "Somebody starts a pod for a test without requests, and it takes the node with it.",
        impact: "Pods that are scheduled as if they needed nothing.",
        fix: "Add a LimitRange of type Container with defaultRequest and default for memory.",
    },
    links: &["https://kubernetes.io/docs/concepts/policy/limit-range/"],
    covers: Covers {
        audit_rows: &[15],
        peers: &["trivy:KSV-0039", "kyverno:add-ns-quota"],
    },
    parameters: &[],
    reads: &[Kind::LimitRange],
    ask: Ask::Namespace(ask),
};

fn ask(asked: &AskedNamespace<'_>) -> Answer {
    if asked.surroundings.workloads().next().is_none() {
        return Answer::DoesNotApply;
    }

    let mut items = asked
        .surroundings
        .each::<LimitRange>()
        .flat_map(|range| &range.spec.limits);
    let says = items.any(|item| {
        let container = matches!(item.kind.as_str(), "Container" | "Pod");
        container
            && [&item.default, &item.default_request, &item.max, &item.min]
                .iter()
                .any(|one| !one.is_empty())
    });
    if says {
        return Answer::Passes;
    }
    Answer::about(asked.surroundings.absent(Kind::LimitRange), |()| {
        let message = "gives nothing to containers that ask for nothing";
        Answer::fails(Fault::new(Pointer::new("/metadata/name"), message))
    })
}
