//! containers-per-pod: a pod is one thing.

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, Asked, Check, Covers, Fault, Minutes, Parameter, ParameterKind, Text},
};

pub(super) const CHECK: Check = Check {
    id: "containers-per-pod",
    title: "Too many containers in one pod",
    category: Category::Maintainability,
    severity: Severity::Low,
    effort: Minutes(60),
    since: "0.1.0",
    profile: Profile::Production,
    text: Text {
        sees: "A pod has more app containers than the parameter max (4 by default). Init containers and native sidecars are not counted.",
        root_cause: "One more container was the quickest way to have two things near each other.",
        scenario: "One of the five fails its readiness probe, and the other four get no traffic; each release restarts all of them.",
        impact: "Faults of one become faults of all, and nothing can be scaled alone.",
        fix: "Make workloads of their own from what is no helper of the main container.",
    },
    links: &[
        "https://kubernetes.io/docs/concepts/workloads/pods/#workload-resources-for-managing-pods",
    ],
    covers: Covers {
        audit_rows: &[],
        peers: &["kyverno:limit-containers-per-pod"],
    },
    parameters: &[MAX],
    reads: &[],
    ask: Ask::Workload(ask),
};

const MAX: Parameter = Parameter {
    name: "max",
    describes: "How many app containers a pod may have.",
    kind: ParameterKind::Integer {
        min: 1,
        max: 100,
        default: 4,
    },
};

fn ask(asked: &Asked<'_>) -> Answer {
    let workload = asked.workload;
    let count = i64::try_from(workload.pod().containers.len()).unwrap_or(i64::MAX);
    let max = asked.integer(MAX.name);
    Answer::pass_if(count <= max, || {
        let message = format!("has {count} containers, more than {max}");
        Fault::new(workload.pod_at("/containers"), message).shortfall(count - max)
    })
}
