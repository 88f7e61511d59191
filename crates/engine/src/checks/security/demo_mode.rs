//! demo-mode: no demo is on in production.

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, Asked, Check, Containers, Covers, Fault, Minutes, Text},
    environment::{flag, switched_off, switched_on},
    fix::Edit,
    object::{Container, Kind},
};

pub(super) const CHECK: Check = Check {
    id: "demo-mode",
    title: "Demo or sample mode on",
    category: Category::Security,
    severity: Severity::High,
    effort: Minutes(10),
    since: "0.1.0",
    profile: Profile::Production,
    text: Text {
        sees: "An environment variable or an argument turns a demo, sample, sandbox or mock mode on, or loads sample data.",
        root_cause: "The mode shows the product without its dependencies, and the manifest was made for a presentation.",
        scenario: "Everybody signs in as the demo user, or orders go to a sandbox that nobody reads.",
        impact: "Data of customers in accounts that everybody knows, or business that silently does not happen.",
        fix: "Remove the setting, or set it to false.",
    },
    links: &["https://kubernetes.io/docs/concepts/configuration/overview/"],
    covers: Covers {
        audit_rows: &[2],
        peers: &[],
    },
    parameters: &[],
    reads: &[Kind::ConfigMap],
    ask: Ask::Containers(Containers::Planned, ask),
};

/// Parts of names by which the mode is known.
const MARKS: [&str; 8] = [
    "DEMO_MODE",
    "DEMO_ENABLED",
    "ENABLE_DEMO",
    "SAMPLE_DATA",
    "LOAD_SAMPLES",
    "SANDBOX_MODE",
    "USE_MOCK",
    "MOCK_MODE",
];

/// Names that are the whole mode.
const WHOLE: [&str; 3] = ["DEMO", "SANDBOX", "MOCK"];

const FLAGS: [&str; 4] = ["--demo", "--demo-mode", "--mock", "--sample-data"];

fn ask(container: &Container<'_>, asked: &Asked<'_>) -> Answer {
    let found = asked.variables(container);
    let found = found.iter().filter(|variable| {
        let name = variable.name.to_ascii_uppercase();
        let named = WHOLE.contains(&name.as_str()) || MARKS.iter().any(|mark| name.contains(mark));
        named && switched_on(variable.value)
    });
    let mut faults: Vec<Fault> = found
        .map(|variable| {
            let message = format!(
                "runs in demo mode ({}: {})",
                variable.title(),
                variable.value
            );
            let edit = Edit::set(variable.pointer(), "false");
            let fault = Fault::in_container_at(container, variable.pointer(), message);
            if variable.config_map.is_none() {
                fault.edit(edit)
            } else {
                fault
            }
        })
        .collect();
    if let Some((value, pointer)) = flag(container, &FLAGS)
        && !switched_off(value)
    {
        faults.push(Fault::in_container_at(
            container,
            pointer,
            "is started in demo mode",
        ));
    }
    Answer::from_faults(faults)
}
