//! memory-request-equals-limit: memory that may be used is set aside.

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{
        Answer, Ask, Asked, Check, Containers, Covers, Fault, Minutes, Parameter, ParameterKind,
        Text,
    },
    fix::Edit,
    object::Container,
};

pub(super) const CHECK: Check = Check {
    id: "memory-request-equals-limit",
    title: "Memory limit far above the request",
    category: Category::Performance,
    severity: Severity::Low,
    effort: Minutes(10),
    since: "0.1.0",
    profile: Profile::Production,
    text: Text {
        sees: "A container's memory limit is more than the parameter percent of its request (150 by default, so one and a half times). CPU is not asked: it can be shared.",
        root_cause: "The request was set to what it needs at rest.",
        scenario: "Several containers of a node use what they are allowed at the same moment, and the kernel kills the one that is furthest above its request.",
        impact: "Restarts under load that look like random.",
        fix: "Raise the request towards the limit, or lower the limit.",
    },
    links: &["https://kubernetes.io/docs/tasks/configure-pod-container/quality-service-pod/"],
    covers: Covers {
        audit_rows: &[],
        peers: &[
            "kube-score:container-memory-requests-equal-limits",
            "kube-score:container-resource-requests-equal-limits",
            "kube-score:container-cpu-requests-equal-limits",
            "kyverno:memory-requests-equal-limits",
            "kyverno:enforce-resources-as-ratio",
            "gatekeeper:containerresourceratios",
            "datree:81",
            "kics:Container CPU Requests Not Equal Limits",
            "kics:Container Memory Requests Not Equal Limits",
            "kics:Container Requests Not Equal Limits",
        ],
    },
    parameters: &[PERCENT],
    reads: &[],
    ask: Ask::Containers(Containers::Planned, ask),
};

const PERCENT: Parameter = Parameter {
    name: "percent",
    describes: "How much the limit may be, in percent of the request.",
    kind: ParameterKind::Integer {
        min: 100,
        max: 10_000,
        default: 150,
    },
};

fn ask(container: &Container<'_>, asked: &Asked<'_>) -> Answer {
    let resources = container.resources();
    let pair = resources.and_then(|one| Some((one.request("memory")?, one.limit("memory")?)));
    let Some((request, limit)) = pair else {
        return Answer::DoesNotApply;
    };
    let percent = i128::from(asked.integer(PERCENT.name));
    let within = limit.units().saturating_mul(100) <= request.units().saturating_mul(percent);
    Answer::pass_if(within, || {
        let message = format!(
            "may use {} of memory, of which {} is set aside",
            limit.as_str(),
            request.as_str()
        );
        let suffix = "/resources/requests/memory";
        let edit = Edit::set_in(container, suffix, limit.as_str());
        Fault::in_container(container, suffix, message).edit(edit)
    })
}
