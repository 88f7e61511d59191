//! service-selector-conflict: a Service leads to one application.

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, Asked, Check, Covers, Fault, Minutes, Text},
    object::{Kind, Workload, image::ImageReference, selector::contains_all},
};

pub(super) const CHECK: Check = Check {
    id: "service-selector-conflict",
    title: "One Service leads to two applications",
    category: Category::Reliability,
    severity: Severity::Medium,
    effort: Minutes(20),
    since: "0.1.0",
    profile: Profile::Production,
    text: Text {
        sees: "A Service that selects the workload selects another one of the namespace too, with another image and without being a canary of it (the names of one are not the beginning of the other's, and no label track, version, color, variant or canary tells them apart).",
        root_cause: "The selector is shorter than the labels: app alone, where two workloads have it.",
        scenario: "Every second request arrives at the worker instead of the web server.",
        impact: "Half of the requests fail, and which half changes.",
        fix: "Add the label to the selector that tells them apart, such as app.kubernetes.io/component.",
    },
    links: &["https://kubernetes.io/docs/concepts/services-networking/service/#defining-a-service"],
    covers: Covers {
        audit_rows: &[],
        peers: &[
            "kyverno:require-unique-service-selector",
            "gatekeeper:uniqueserviceselector",
        ],
    },
    parameters: &[],
    reads: &[Kind::Service],
    ask: Ask::Surroundings(ask),
};

/// Labels by which parts of one application are told apart on purpose.
const VARIANTS: [&str; 6] = [
    "track",
    "version",
    "color",
    "variant",
    "canary",
    "app.kubernetes.io/version",
];

fn ask(asked: &Asked<'_>) -> Answer {
    let workload = asked.workload;
    if !workload.runs_for_ever() {
        return Answer::DoesNotApply;
    }
    Answer::about(asked.services(), |services| {
        if services.is_empty() {
            return Answer::DoesNotApply;
        }
        let faults = services.iter().filter_map(|service| {
            let selector = &service.spec.selector;
            let mut others = asked.surroundings.workloads();
            let other = others.find(|other| {
                other.runs_for_ever()
                    && other.metadata.controller().is_none()
                    && (other.kind, other.name()) != (workload.kind, workload.name())
                    && contains_all(other.pod_labels(), selector)
                    && !are_variants(workload, other)
            })?;
            let message = format!(
                "Service {} leads to it and to {} alike",
                service.metadata.name,
                other.display_name()
            );
            Some(Fault::new(workload.at("/metadata/name"), message))
        });
        Answer::from_faults(faults.collect())
    })
}

/// Whether two workloads are the same application on purpose.
fn are_variants(one: &Workload, other: &Workload) -> bool {
    let images = |workload: &Workload| -> Vec<String> {
        let containers = workload.pod().containers.iter();
        let parsed = containers.map(|container| {
            ImageReference::parse(&container.image)
                .repository
                .to_owned()
        });
        parsed.collect()
    };
    let (a, b) = (one.name(), other.name());
    let differ = |label: &&str| one.pod_labels().get(*label) != other.pod_labels().get(*label);
    images(one) == images(other)
        || a.starts_with(b)
        || b.starts_with(a)
        || VARIANTS.iter().any(differ)
}
