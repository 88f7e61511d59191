//! dashboard: there is a picture to look at.

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, Asked, Check, Covers, Fault, Minutes, Text},
    object::{Kind, monitor::GrafanaDashboard, namespaced::ConfigMap},
    role::Role,
};

pub(super) const CHECK: Check = Check {
    id: "dashboard",
    title: "No dashboard mentions it",
    category: Category::Monitoring,
    severity: Severity::Low,
    effort: Minutes(60),
    since: "0.1.0",
    profile: Profile::Scale,
    text: Text {
        sees: "No GrafanaDashboard, and no ConfigMap of its namespace with the label grafana_dashboard, mentions the workload or its namespace; and no annotation prodready.dev/dashboard says where it is.",
        root_cause: "Everybody draws queries by hand when they need them.",
        scenario: "In an incident three people write the same query in three ways.",
        impact: "Minutes are lost in which users wait.",
        fix: "Make a dashboard with rate, errors and duration, and keep it as code beside the workload.",
    },
    links: &["https://grafana.com/docs/grafana/latest/dashboards/"],
    covers: Covers {
        audit_rows: &[13],
        peers: &[],
    },
    parameters: &[],
    reads: &[Kind::GrafanaDashboard, Kind::ConfigMap],
    ask: Ask::Surroundings(ask),
};

/// By which a workload or namespace says where its dashboard is.
const SAYS: &str = "prodready.dev/dashboard";

fn ask(asked: &Asked<'_>) -> Answer {
    let workload = asked.workload;
    let around = &asked.surroundings;
    let role = asked.role();
    if !workload.runs_for_ever() || matches!(role, Role::Batch) {
        return Answer::DoesNotApply;
    }

    let template = &workload.spec.template.metadata;
    let said = [&workload.metadata.annotations, &template.annotations];
    let about = |text: &str| mentions(text, workload.name(), around.namespace());
    let by_object = around
        .everywhere::<GrafanaDashboard>()
        .any(|one| about(&one.metadata.name) || one.spec.json.as_deref().is_some_and(about));
    let by_map = around.each::<ConfigMap>().any(|map| {
        let shown = map.metadata.labels.contains_key("grafana_dashboard");
        shown && (map.data.values().any(|text| about(text)) || about(&map.metadata.name))
    });
    if by_object || by_map || said.iter().any(|one| one.contains_key(SAYS)) {
        return Answer::Passes;
    }
    Answer::about(around.absent(Kind::GrafanaDashboard), |()| {
        let message = "is shown on no dashboard";
        Answer::fails(Fault::new(workload.at("/metadata/name"), message))
    })
}

/// Whether a text names the workload or its namespace as a whole word.
fn mentions(text: &str, name: &str, namespace: &str) -> bool {
    let mut words = text
        .split(|letter: char| !(letter.is_ascii_alphanumeric() || letter == '-' || letter == '_'));
    words.any(|word| word == name || word == namespace)
}
