//! alert-rules: somebody is called when it fails.

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, Asked, Check, Covers, Fault, Minutes, Text},
    object::{Kind, monitor::PrometheusRule},
    role::Role,
};

pub(super) const CHECK: Check = Check {
    id: "alert-rules",
    title: "No alert mentions it",
    category: Category::Monitoring,
    severity: Severity::High,
    effort: Minutes(60),
    since: "0.1.0",
    profile: Profile::Scale,
    text: Text {
        sees: "No PrometheusRule has an alert whose expression or name mentions the workload, one of its Services or its namespace. Rules of the platform for all workloads do not mention anybody, and cannot be told from rules for others: say by prodready.dev/alerts on the workload or its namespace where the alerts are.",
        root_cause: "Alerts were to come after the launch.",
        scenario: "It fails on a Friday evening, and is noticed on Monday.",
        impact: "Outages last until somebody happens to look.",
        fix: "Write alerts on what users notice: errors, slowness, and no data at all.",
    },
    links: &["https://prometheus.io/docs/practices/alerting/"],
    covers: Covers {
        audit_rows: &[13],
        peers: &[],
    },
    parameters: &[],
    reads: &[Kind::PrometheusRule, Kind::Service, Kind::Namespace],
    ask: Ask::Surroundings(ask),
};

/// By which a workload or namespace says where its alerts are.
const SAYS: &str = "prodready.dev/alerts";

fn ask(asked: &Asked<'_>) -> Answer {
    let workload = asked.workload;
    let around = &asked.surroundings;
    let role = asked.role();
    if !workload.runs_for_ever() || matches!(role, Role::Batch) {
        return Answer::DoesNotApply;
    }

    let template = &workload.spec.template.metadata;
    let of_namespace = around
        .namespace_object()
        .known()
        .map(|one| &one.metadata.annotations);
    let mut said = [&workload.metadata.annotations, &template.annotations]
        .into_iter()
        .chain(of_namespace);
    if said.any(|annotations| annotations.contains_key(SAYS)) {
        return Answer::Passes;
    }
    let services = asked.services().known().unwrap_or_default();
    let mut names: Vec<&str> = services
        .iter()
        .map(|service| service.metadata.name.as_str())
        .collect();
    names.push(workload.name());
    let about = |text: &str| {
        names
            .iter()
            .any(|name| mentions(text, name, around.namespace()))
    };
    let found = around.everywhere::<PrometheusRule>().any(|rules| {
        let alerts = rules.spec.groups.iter().flat_map(|group| &group.rules);
        let mut alerts = alerts.filter(|rule| rule.alert.is_some());
        alerts.any(|rule| about(&rule.expr))
    });
    if found {
        return Answer::Passes;
    }
    Answer::about(around.absent(Kind::PrometheusRule), |()| {
        let message = "is mentioned by no alert";
        Answer::fails(Fault::new(workload.at("/metadata/name"), message))
    })
}

/// Whether a text names the workload or its namespace as a whole word.
fn mentions(text: &str, name: &str, namespace: &str) -> bool {
    let mut words = text
        .split(|letter: char| !(letter.is_ascii_alphanumeric() || letter == '-' || letter == '_'));
    words.any(|word| word == name || word == namespace)
}
