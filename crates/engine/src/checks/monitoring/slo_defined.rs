//! slo-defined: it is known how good is good enough.

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, Asked, Check, Covers, Fault, Minutes, Text},
    object::{
        Kind,
        monitor::{PrometheusServiceLevel, ServiceLevelObjective},
    },
};

pub(super) const CHECK: Check = Check {
    id: "slo-defined",
    title: "No service level objective",
    category: Category::Monitoring,
    severity: Severity::Medium,
    effort: Minutes(120),
    since: "0.1.0",
    profile: Profile::Scale,
    text: Text {
        sees: "No objective for a service that is reached from outside: no PrometheusServiceLevel of Sloth, no ServiceLevelObjective of Pyrra that mentions it, and no annotation prodready.dev/slo that says where it is.",
        root_cause: "Nobody ever agreed on a number.",
        scenario: "Some say that it is slow, others that it is fine, and both are right.",
        impact: "No way to tell whether reliability or features come next.",
        fix: "Agree on one number, such as 99.9 % of requests well within 300 ms over 30 days, and write it as an SLO.",
    },
    links: &["https://sre.google/workbook/implementing-slos/"],
    covers: Covers {
        audit_rows: &[13, 32],
        peers: &[],
    },
    parameters: &[],
    reads: &[
        Kind::Service,
        Kind::Ingress,
        Kind::HttpRoute,
        Kind::Gateway,
        Kind::PrometheusServiceLevel,
        Kind::ServiceLevelObjective,
    ],
    ask: Ask::Surroundings(ask),
};

/// By which a workload says where its objective is.
const SAYS: &str = "prodready.dev/slo";

fn ask(asked: &Asked<'_>) -> Answer {
    let workload = asked.workload;
    let around = &asked.surroundings;
    Answer::about(asked.entrances(), |entrances| {
        if entrances.is_empty() {
            return Answer::DoesNotApply;
        }
        let template = &workload.spec.template.metadata;
        let said = [&workload.metadata.annotations, &template.annotations];
        let services = asked.services().known().unwrap_or_default();
        let mut names: Vec<&str> = services
            .iter()
            .map(|service| service.metadata.name.as_str())
            .collect();
        names.push(workload.name());
        let by_sloth = around.everywhere::<PrometheusServiceLevel>().any(|one| {
            names.contains(&one.spec.service.as_str())
                || names.contains(&one.metadata.name.as_str())
        });
        let by_pyrra = around.everywhere::<ServiceLevelObjective>().any(|one| {
            let text = one.spec.to_string();
            names
                .iter()
                .any(|name| mentions(&text, name, around.namespace()))
        });
        if by_sloth || by_pyrra || said.iter().any(|one| one.contains_key(SAYS)) {
            return Answer::Passes;
        }
        Answer::about(around.absent(Kind::PrometheusServiceLevel), |()| {
            let message = "has no objective of how well it must serve";
            Answer::fails(Fault::new(workload.at("/metadata/name"), message))
        })
    })
}

/// Whether a text names the workload or its namespace as a whole word.
fn mentions(text: &str, name: &str, namespace: &str) -> bool {
    let mut words = text
        .split(|letter: char| !(letter.is_ascii_alphanumeric() || letter == '-' || letter == '_'));
    words.any(|word| word == name || word == namespace)
}
