//! maximum-replicas: nothing grows beyond what is meant.

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, Asked, Check, Covers, Fault, Minutes, Parameter, ParameterKind, Text},
    object::Kind,
};

pub(super) const CHECK: Check = Check {
    id: "maximum-replicas",
    title: "More replicas than the policy bears",
    category: Category::Scalability,
    severity: Severity::Low,
    effort: Minutes(10),
    since: "0.1.0",
    profile: Profile::Production,
    text: Text {
        sees: "With the parameter max, the replicas of a workload, or the upper bound of its autoscaler, are above it. Without the parameter it asks nothing.",
        root_cause: "A number was typed with one zero too many, or the bound was set to be never reached.",
        scenario: "A loop in the metrics makes a thousand pods, and the database behind them gives up.",
        impact: "The bill, and the outage of what is behind.",
        fix: "Lower the number, or ask the platform for more.",
    },
    links: &["https://kubernetes.io/docs/concepts/workloads/autoscaling/"],
    covers: Covers {
        audit_rows: &[],
        peers: &["kyverno:restrict-scale", "datree:14"],
    },
    parameters: &[MAX],
    reads: &[Kind::HorizontalPodAutoscaler, Kind::ScaledObject],
    ask: Ask::Workload(ask),
};

const MAX: Parameter = Parameter {
    name: "max",
    describes: "How many replicas a workload may have; 0 asks nothing.",
    kind: ParameterKind::Integer {
        min: 0,
        max: 100_000,
        default: 0,
    },
};

fn ask(asked: &Asked<'_>) -> Answer {
    let workload = asked.workload;
    let max = asked.integer(MAX.name);
    if max == 0 || !workload.is_scalable() || workload.metadata.controller().is_some() {
        return Answer::DoesNotApply;
    }
    let scalers = asked
        .surroundings
        .autoscalers(workload)
        .known()
        .unwrap_or_default();
    let most = scalers
        .iter()
        .filter_map(|scaler| scaler.max_replicas)
        .fold(workload.replicas(), i64::max);
    Answer::pass_if(most <= max, || {
        let message = format!("may have {most} replicas, more than {max}");
        Fault::new(workload.at("/spec/replicas"), message).shortfall(most - max)
    })
}
