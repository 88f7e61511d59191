//! hpa-bounds: an autoscaler has room to scale.

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, Asked, Check, Covers, Fault, Minutes, Text},
    object::Kind,
};

pub(super) const CHECK: Check = Check {
    id: "hpa-bounds",
    title: "Autoscaler has no room",
    category: Category::Performance,
    severity: Severity::Medium,
    effort: Minutes(10),
    since: "0.1.0",
    profile: Profile::Production,
    text: Text {
        sees: "A HorizontalPodAutoscaler or ScaledObject of the workload has an upper bound that is not above its lower one.",
        root_cause: "The bounds were pinned in an incident or copied from a fixed number of replicas.",
        scenario: "Traffic doubles on the day of the sale, and the autoscaler that everybody relies on may not add a pod.",
        impact: "Requests are slow or lost although the cluster has room.",
        fix: "Set the maximum well above the minimum, to what the database behind it can bear; whether the minimum is high enough is asked by minimum-replicas.",
    },
    links: &["https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/"],
    covers: Covers {
        audit_rows: &[],
        peers: &[
            "polaris:hpaMaxAvailability",
            "gatekeeper:horizontalpodautoscaler",
        ],
    },
    parameters: &[],
    reads: &[Kind::HorizontalPodAutoscaler, Kind::ScaledObject],
    ask: Ask::Surroundings(ask),
};

fn ask(asked: &Asked<'_>) -> Answer {
    let workload = asked.workload;
    Answer::about(asked.surroundings.autoscalers(workload), |scalers| {
        if scalers.is_empty() {
            return Answer::DoesNotApply;
        }
        let pinned = scalers.iter().filter(|scaler| {
            let most = scaler.max_replicas;
            most.is_some_and(|most| most <= scaler.min_replicas.max(1))
        });
        let faults = pinned.map(|scaler| {
            let message = format!(
                "{} {} may not go beyond {} replicas, where it begins",
                scaler.kind.info().name,
                scaler.name,
                scaler.min_replicas.max(1)
            );
            Fault::new(workload.at("/metadata/name"), message)
        });
        Answer::from_faults(faults.collect())
    })
}
