//! structured-logging: logs can be searched.

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, Asked, Check, Containers, Covers, Fault, Minutes, Text},
    environment::flag,
    object::{Container, ContainerClass, Kind},
    role::Role,
};

pub(super) const CHECK: Check = Check {
    id: "structured-logging",
    title: "Logs as plain text",
    category: Category::Monitoring,
    severity: Severity::Low,
    effort: Minutes(30),
    since: "0.1.0",
    profile: Profile::Scale,
    text: Text {
        sees: "An environment variable or an argument sets the log format to plain text (text, plain, console, pretty). Where nothing says the format it cannot be told.",
        root_cause: "Plain text reads well in a terminal, and there it was set up.",
        scenario: "In an incident somebody searches a million lines with regular expressions.",
        impact: "The cause is found late, while users wait.",
        fix: "Set the format to json or logfmt.",
    },
    links: &[
        "https://kubernetes.io/docs/concepts/cluster-administration/system-logs/#structured-logging",
    ],
    covers: Covers {
        audit_rows: &[44],
        peers: &[],
    },
    parameters: &[],
    reads: &[Kind::ConfigMap, Kind::Service],
    ask: Ask::Containers(Containers::Probed, ask),
};

const FLAGS: [&str; 5] = [
    "--log-format",
    "--log.format",
    "--logging-format",
    "--zap-encoder",
    "--log-encoding",
];

const PLAIN: [&str; 6] = ["text", "plain", "console", "pretty", "simple", "human"];

const STRUCTURED: [&str; 5] = ["json", "logfmt", "ecs", "gelf", "structured"];

fn ask(container: &Container<'_>, asked: &Asked<'_>) -> Answer {
    let role = asked.role();
    if !matches!(role, Role::Service | Role::Worker) || container.class != ContainerClass::App {
        return Answer::DoesNotApply;
    }
    let by_variable = asked.variables(container).iter().find_map(|variable| {
        let name = variable.name.to_ascii_uppercase();
        let about = name.contains("LOG")
            && (name.contains("FORMAT") || name.contains("ENCOD") || name.contains("STYLE"));
        about.then(|| (variable.value.to_owned(), variable.pointer()))
    });
    let by_flag = || flag(container, &FLAGS).map(|(value, pointer)| (value.to_owned(), pointer));
    let Some((value, pointer)) = by_variable.or_else(by_flag) else {
        return Answer::Unknown("nothing says in which format it logs".to_owned());
    };
    let value = value.trim().to_ascii_lowercase();
    if STRUCTURED.iter().any(|format| value.contains(format)) {
        Answer::Passes
    } else if PLAIN.contains(&value.as_str()) {
        let message = format!("logs plain text ({value})");
        Answer::fails(Fault::in_container_at(container, pointer, message))
    } else {
        Answer::Unknown(format!("it is not known what the log format {value} is"))
    }
}
