//! quality-of-service: what must not be evicted is not.

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, Asked, Check, Covers, Fault, Minutes, Parameter, ParameterKind, Text},
    object::{Kind, container::Resources},
};

pub(super) const CHECK: Check = Check {
    id: "quality-of-service",
    title: "First to go when a node runs short",
    category: Category::Performance,
    severity: Severity::High,
    effort: Minutes(15),
    since: "0.1.0",
    profile: Profile::Baseline,
    text: Text {
        sees: "No container of the pod, and not the pod itself, has any request or limit of CPU or memory, so that the pod is BestEffort. With the parameter class set to Guaranteed, any pod whose requests and limits of CPU and memory are not all there and equal.",
        root_cause: "Nothing was measured, so nothing was written.",
        scenario: "A neighbour needs memory, and this pod is the first that is killed.",
        impact: "Restarts for no reason of its own.",
        fix: "Set requests of CPU and memory, and a limit of memory, for every container.",
    },
    links: &["https://kubernetes.io/docs/concepts/workloads/pods/pod-qos/"],
    covers: Covers {
        audit_rows: &[],
        peers: &[
            "popeye:106",
            "kyverno:require-qos-burstable",
            "kyverno:require-qos-guaranteed",
            "clusterlint:resource-requirements",
        ],
    },
    parameters: &[CLASS],
    reads: &[Kind::LimitRange],
    ask: Ask::Workload(ask),
};

const CLASS: Parameter = Parameter {
    name: "class",
    describes: "`Guaranteed` to ask for more than not being BestEffort.",
    kind: ParameterKind::Texts { default: &[] },
};

const COUNTED: [&str; 2] = ["cpu", "memory"];

fn ask(asked: &Asked<'_>) -> Answer {
    let workload = asked.workload;
    let pod = workload.pod();
    let own: Vec<Option<&Resources>> = workload
        .planned_containers()
        .map(|container| container.spec.resources.as_ref())
        .collect();
    if own.is_empty() {
        return Answer::DoesNotApply;
    }
    let says = |resources: &Resources| {
        COUNTED
            .iter()
            .any(|one| resources.request(one).is_some() || resources.limit(one).is_some())
    };
    let at = workload.pod_at("/containers");
    let any = pod.resources.as_ref().is_some_and(says) || own.iter().flatten().any(|one| says(one));
    if !any {
        return Answer::pass_if(has_defaults(asked), || {
            Fault::new(at, "asks for nothing, so it is the first to be evicted")
        });
    }
    let wants_all = asked
        .texts(CLASS.name)
        .iter()
        .any(|class| class == "Guaranteed");
    let all = pod.resources.as_ref().is_some_and(is_guaranteed)
        || own.iter().all(|one| one.is_some_and(is_guaranteed));
    Answer::pass_if(!wants_all || all, || {
        let message =
            "is not Guaranteed: requests and limits of CPU and memory are not all there and equal";
        Fault::new(at, message).severity(Severity::Medium)
    })
}

fn is_guaranteed(resources: &Resources) -> bool {
    COUNTED.iter().all(|one| {
        let limit = resources.limit(one);
        limit.is_some() && limit == resources.request(one)
    })
}

fn has_defaults(asked: &Asked<'_>) -> bool {
    COUNTED.iter().any(|one| {
        let found = asked.surroundings.default_request(one).known().flatten();
        found.is_some()
    })
}
