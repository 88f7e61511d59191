//! hpa-vpa-conflict: one autoscaler decides one thing.

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, Asked, Check, Covers, Fault, Minutes, Text},
    object::{
        Kind,
        autoscaler::{HorizontalPodAutoscaler, ScaleTarget, ScaledObject, VerticalPodAutoscaler},
    },
};

pub(super) const CHECK: Check = Check {
    id: "hpa-vpa-conflict",
    title: "Two autoscalers for one thing",
    category: Category::Scalability,
    severity: Severity::High,
    effort: Minutes(30),
    since: "0.1.0",
    profile: Profile::Baseline,
    text: Text {
        sees: "Two HorizontalPodAutoscalers, or one and a ScaledObject that did not make it, scale the workload; or a VerticalPodAutoscaler changes the requests of a resource by which a HorizontalPodAutoscaler scales; or two VerticalPodAutoscalers size it.",
        root_cause: "One was added by a chart, the other by hand.",
        scenario: "They answer each other: more replicas lower the use, smaller requests raise it again.",
        impact: "Replicas and sizes that swing without end.",
        fix: "Remove one of them, or let the VerticalPodAutoscaler size memory while the other scales by CPU.",
    },
    links: &["https://kubernetes.io/docs/concepts/workloads/autoscaling/vertical-pod-autoscale/"],
    covers: Covers {
        audit_rows: &[],
        peers: &[
            "kyverno:prevent-duplicate-hpa",
            "kyverno:prevent-duplicate-vpa",
            "kyverno:check-vpa-configuration",
            "kyverno:verify-vpa-target",
        ],
    },
    parameters: &[],
    reads: &[
        Kind::HorizontalPodAutoscaler,
        Kind::ScaledObject,
        Kind::VerticalPodAutoscaler,
    ],
    ask: Ask::Surroundings(ask),
};

fn ask(asked: &Asked<'_>) -> Answer {
    let workload = asked.workload;
    let around = &asked.surroundings;
    let means = |target: &ScaleTarget| {
        target.means(
            workload.kind.api_version(),
            workload.kind.as_str(),
            &workload.metadata.name,
        )
    };
    let horizontal: Vec<&HorizontalPodAutoscaler> = around
        .each()
        .filter(|one: &&HorizontalPodAutoscaler| means(&one.spec.scale_target_ref))
        .collect();
    let keda: Vec<&ScaledObject> = around
        .each()
        .filter(|one: &&ScaledObject| means(&one.spec.scale_target_ref))
        .collect();
    let vertical: Vec<&VerticalPodAutoscaler> = around
        .each()
        .filter(|one: &&VerticalPodAutoscaler| means(&one.spec.target_ref))
        .collect();
    if horizontal.is_empty() && keda.is_empty() && vertical.is_empty() {
        return Answer::DoesNotApply;
    }
    // KEDA drives one of its own, which it names after itself.
    let by_hand: Vec<&str> = horizontal
        .iter()
        .filter(|one| one.metadata.controller().is_none())
        .map(|one| one.metadata.name.as_str())
        .chain(keda.iter().map(|one| one.metadata.name.as_str()))
        .collect();
    let at = || workload.at("/metadata/name");
    let mut faults = Vec::new();
    if by_hand.len() > 1 {
        faults.push(Fault::new(
            at(),
            format!("is scaled by {} at once", by_hand.join(" and ")),
        ));
    }
    if let [first, second, ..] = vertical.as_slice() {
        let message = format!(
            "is sized by VerticalPodAutoscaler {} and {} at once",
            first.metadata.name, second.metadata.name
        );
        faults.push(Fault::new(at(), message));
    }
    for scaler in &horizontal {
        let used = scaler
            .spec
            .metrics
            .iter()
            .filter_map(|metric| metric.resource.as_ref());
        let mut used: Vec<&str> = used.map(|source| source.name.as_str()).collect();
        if scaler.spec.metrics.is_empty() {
            used.push("cpu");
        }
        let clash = vertical.iter().find_map(|one| {
            used.iter()
                .find(|resource| one.sizes(resource))
                .map(|resource| (one, *resource))
        });
        faults.extend(clash.map(|(one, resource)| {
            let message = format!(
                "is scaled by {resource}, whose request VerticalPodAutoscaler {} changes",
                one.metadata.name
            );
            Fault::new(at(), message)
        }));
    }
    Answer::from_faults(faults)
}
