//! minimum-replicas: one pod may go without the service going with it.

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, Asked, Check, Covers, Fault, Minutes, Parameter, ParameterKind, Text},
    fix::Edit,
    object::Kind,
    spread::{HOSTNAME, ZONE, is_spread_over, soft_constraint},
};

const MIN: Parameter = Parameter {
    name: "min",
    describes: "The fewest replicas.",
    kind: ParameterKind::Integer {
        min: 1,
        max: 100,
        default: 2,
    },
};

/// On the workload: why it must be a single one.
const SINGLETON: &str = "prodready.dev/singleton";

pub(super) const CHECK: Check = Check {
    id: "minimum-replicas",
    title: "Too few replicas",
    category: Category::Reliability,
    severity: Severity::High,
    effort: Minutes(60),
    since: "0.1.0",
    profile: Profile::Production,
    text: Text {
        sees: "A Deployment or StatefulSet wants fewer replicas than the policy's minimum, or its autoscaler may go below it.",
        root_cause: "A single pod is replaced only after it is gone.",
        scenario: "A node is drained, a pod is evicted or a process crashes, and for as long as the next one takes to start nobody answers.",
        impact: "An outage at every node upgrade.",
        fix: "Run at least two replicas; where the process must be alone, say why in the annotation prodready.dev/singleton.",
    },
    links: &["https://kubernetes.io/docs/concepts/workloads/controllers/deployment/"],
    covers: Covers {
        audit_rows: &[20],
        peers: &[
            "kube-linter:minimum-three-replicas",
            "polaris:deploymentMissingReplicas",
            "kube-score:deployment-replicas",
            "gatekeeper:replicalimits",
            "datree:13",
            "datree:16",
            "eksup:K8S002",
            "kube-linter:hpa-minimum-three-replicas",
            "kube-score:horizontalpodautoscaler-replicas",
            "kyverno:require-deployments-have-multiple-replicas",
            "polaris:hpaMinAvailability",
            "redhat-cop:BESTPRACT-00021",
        ],
    },
    parameters: &[MIN],
    reads: &[Kind::HorizontalPodAutoscaler, Kind::ScaledObject],
    ask: Ask::Workload(ask),
};

fn ask(asked: &Asked<'_>) -> Answer {
    let workload = asked.workload;
    if !workload.is_scalable() || workload.metadata.controller().is_some() {
        return Answer::DoesNotApply;
    }
    let stated = workload
        .metadata
        .annotations
        .get(SINGLETON)
        .or_else(|| workload.spec.template.metadata.annotations.get(SINGLETON));
    if stated.is_some_and(|reason| !reason.trim().is_empty()) {
        return Answer::DoesNotApply;
    }
    let min = asked.integer(MIN.name);
    let scalers = asked
        .surroundings
        .autoscalers(workload)
        .or_known(Vec::new())
        .known()
        .unwrap_or_default();
    // KEDA drives a HorizontalPodAutoscaler of its own, and both name a minimum: the higher one holds.
    match scalers.iter().max_by_key(|scaler| scaler.min_replicas) {
        Some(scaler) => Answer::pass_if(scaler.min_replicas >= min, || {
            let message = format!(
                "{} {} may go down to {} replicas, below {min}",
                scaler.kind.info().name,
                scaler.name,
                scaler.min_replicas
            );
            let remedy = format!(
                "set minReplicas of {} {} to {min} or more",
                scaler.kind.info().name,
                scaler.name
            );
            Fault::new(workload.at("/spec/replicas"), message)
                .shortfall(min - scaler.min_replicas)
                .remedy(remedy)
        }),
        None if workload.replicas() == 0 => Answer::DoesNotApply,
        None => Answer::pass_if(workload.replicas() >= min, || {
            let message = format!("wants {} replicas, below {min}", workload.replicas());
            let fault = Fault::new(workload.at("/spec/replicas"), message)
                .shortfall(min - workload.replicas())
                .edit(Edit::set(workload.at("/spec/replicas"), min));
            // Several replicas that fail together are no better than one.
            [ZONE, HOSTNAME]
                .into_iter()
                .filter(|wanted| !is_spread_over(workload, |key| key == *wanted))
                .filter_map(|key| soft_constraint(workload, key))
                .fold(fault, Fault::edit)
        }),
    }
}
