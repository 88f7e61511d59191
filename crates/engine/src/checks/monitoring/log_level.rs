//! log-level: logs say what matters.

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, Asked, Check, Containers, Covers, Fault, Minutes, Text},
    environment::flag,
    fix::Edit,
    object::{Container, Kind},
};

pub(super) const CHECK: Check = Check {
    id: "log-level",
    title: "Debug or trace logging on",
    category: Category::Monitoring,
    severity: Severity::Medium,
    effort: Minutes(5),
    since: "0.1.0",
    profile: Profile::Production,
    text: Text {
        sees: "An environment variable or an argument sets the log level to debug, trace, verbose, silly or all; -v 6 and above for Kubernetes' own log flag.",
        root_cause: "It was turned up to find a fault, and never turned down.",
        scenario: "The log costs more than the service, and holds tokens and personal data that only debug prints.",
        impact: "Money, slowness, and secrets in a place where many may read.",
        fix: "Set the level to info or warning.",
    },
    links: &["https://kubernetes.io/docs/concepts/cluster-administration/logging/"],
    covers: Covers {
        audit_rows: &[44],
        peers: &[],
    },
    parameters: &[],
    reads: &[Kind::ConfigMap],
    ask: Ask::Containers(Containers::Planned, ask),
};

const LOUD: [&str; 6] = ["debug", "trace", "verbose", "silly", "all", "finest"];

const FLAGS: [&str; 5] = [
    "--log-level",
    "--loglevel",
    "--log.level",
    "-log-level",
    "--logging-level",
];

fn ask(container: &Container<'_>, asked: &Asked<'_>) -> Answer {
    let mut faults: Vec<Fault> = Vec::new();
    let mut asked_any = false;
    for variable in asked.variables(container) {
        let name = variable.name.to_ascii_uppercase().replace('.', "_");
        let about = name.contains("LOG") && name.contains("LEVEL")
            || name == "RUST_LOG"
            || name.starts_with("LOGGING_LEVEL");
        if !about {
            continue;
        }
        asked_any = true;
        if let Some(level) = loud(variable.value) {
            let message = format!("logs at level {level} ({})", variable.title());
            let edit = Edit::set(variable.pointer(), "info");
            let fault = Fault::in_container_at(container, variable.pointer(), message);
            // Where the text holds more than the level, what else it says is to stay.
            let alone = variable.value.trim().eq_ignore_ascii_case(&level);
            faults.push(if alone && variable.config_map.is_none() {
                fault.edit(edit)
            } else {
                fault
            });
        }
    }
    if let Some((value, pointer)) = flag(container, &FLAGS) {
        asked_any = true;
        if let Some(level) = loud(value) {
            faults.push(Fault::in_container_at(
                container,
                pointer,
                format!("logs at level {level}"),
            ));
        }
    }
    if let Some((value, pointer)) = flag(container, &["-v", "--v"]) {
        let number = value.parse::<i64>().ok();
        asked_any |= number.is_some();
        if number.is_some_and(|number| number >= 6) {
            faults.push(Fault::in_container_at(
                container,
                pointer,
                format!("logs at verbosity {value}"),
            ));
        }
    }
    if asked_any {
        Answer::from_faults(faults)
    } else {
        Answer::DoesNotApply
    }
}

/// The loud level of a setting such as `debug` or `info,sqlx=trace`.
fn loud(value: &str) -> Option<String> {
    let mut parts = value
        .split([',', '=', ':'])
        .map(|part| part.trim().to_ascii_lowercase());
    parts.find(|part| LOUD.contains(&part.as_str()))
}
