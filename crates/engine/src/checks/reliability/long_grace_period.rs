//! long-grace-period: a drain comes to an end.

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, Asked, Check, Covers, Fault, Minutes, Parameter, ParameterKind, Text},
    object::Kind,
    role::Role,
};

pub(super) const CHECK: Check = Check {
    id: "long-grace-period",
    title: "Pods take very long to end",
    category: Category::Reliability,
    severity: Severity::Low,
    effort: Minutes(10),
    since: "0.1.0",
    profile: Profile::Scale,
    text: Text {
        sees: "terminationGracePeriodSeconds of the pod is above the parameter max (600 seconds by default). Jobs, databases and brokers, told by their image, may need it and are not asked.",
        root_cause: "The number was raised until no request was lost.",
        scenario: "A node is drained for an upgrade, and waits an hour for each of its pods.",
        impact: "Upgrades that do not end within their window, and nodes that are taken away by force.",
        fix: "Find what keeps the process from ending, and set what a request takes at most, and a little.",
    },
    links: &["https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-termination"],
    covers: Covers {
        audit_rows: &[],
        peers: &["kyverno:mutate-large-termination-gps"],
    },
    parameters: &[MAX],
    reads: &[Kind::Service],
    ask: Ask::Workload(ask),
};

const MAX: Parameter = Parameter {
    name: "max",
    describes: "How long a pod may take to end, in seconds.",
    kind: ParameterKind::Integer {
        min: 1,
        max: 1_000_000,
        default: 600,
    },
};

fn ask(asked: &Asked<'_>) -> Answer {
    let workload = asked.workload;
    let role = asked.role();
    if matches!(role, Role::Batch | Role::Database | Role::Broker) {
        return Answer::DoesNotApply;
    }
    let (grace, max) = (workload.pod().grace_period(), asked.integer(MAX.name));
    Answer::pass_if(grace <= max, || {
        let message = format!("takes up to {grace} seconds to end");
        Fault::new(workload.pod_at("/terminationGracePeriodSeconds"), message)
            .shortfall(grace - max)
    })
}
