//! owner-label: somebody can be called.

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, Asked, Check, Covers, Fault, Minutes, Parameter, ParameterKind, Text},
    object::{Kind, metadata::Labels},
};

pub(super) const CHECK: Check = Check {
    id: "owner-label",
    title: "Nobody is named as its owner",
    category: Category::Maintainability,
    severity: Severity::Medium,
    effort: Minutes(10),
    since: "0.1.0",
    profile: Profile::Scale,
    text: Text {
        sees: "Neither the workload nor its namespace has a label or annotation that says whose it is.",
        root_cause: "Everybody who deployed it knew, and then some of them left.",
        scenario: "It fails at night, and whoever is on call asks in three channels whose it is.",
        impact: "The outage lasts for as long as it takes to find somebody who knows it.",
        fix: "Label the workload or its namespace with team or owner; the parameter keys says which labels and annotations count.",
    },
    links: &["https://kubernetes.io/docs/concepts/overview/working-with-objects/common-labels/"],
    covers: Covers {
        audit_rows: &[],
        peers: &[
            "kube-linter:required-label-owner",
            "kyverno:require-labels",
            "gatekeeper:requiredlabels",
            "datree:21",
        ],
    },
    parameters: &[KEYS],
    reads: &[Kind::Namespace],
    ask: Ask::Workload(ask),
};

const KEYS: Parameter = Parameter {
    name: "keys",
    describes: "Labels and annotations that name an owner.",
    kind: ParameterKind::Texts {
        default: &[
            "team",
            "owner",
            "app.kubernetes.io/owner",
            "backstage.io/owner",
            "contact",
        ],
    },
};

fn ask(asked: &Asked<'_>) -> Answer {
    let workload = asked.workload;
    let metadata = &workload.metadata;
    let template = &workload.spec.template.metadata;
    let keys = asked.texts(KEYS.name);
    let names_owner = |labels: &Labels| {
        let mut found = keys.iter().filter_map(|key| labels.get(key));
        found.any(|value| !value.trim().is_empty())
    };
    let own = [
        &metadata.labels,
        &metadata.annotations,
        &template.labels,
        &template.annotations,
    ];
    let of_namespace = asked.surroundings.namespace_labels().known();
    let named = own.into_iter().any(names_owner) || of_namespace.is_some_and(names_owner);
    Answer::pass_if(named, || {
        let message = format!("names no owner: it has none of {}", keys.join(", "));
        Fault::new(workload.at("/metadata/labels"), message)
    })
}
