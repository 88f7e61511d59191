//! debug-mode: production runs in production mode.

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, Asked, Check, Containers, Covers, Fault, Minutes, Text},
    fix::Edit,
    object::{Container, container::EnvVar},
};

pub(super) const CHECK: Check = Check {
    id: "debug-mode",
    title: "Debug or development mode on",
    category: Category::Security,
    severity: Severity::High,
    effort: Minutes(15),
    since: "0.1.0",
    profile: Profile::Production,
    text: Text {
        sees: "An environment variable that a framework reads turns its debug or development mode on, or the JVM is started with its debugger open.",
        root_cause: "The mode is right on a developer's machine, and the manifest was made from one.",
        scenario: "An error page shows source lines, settings and the session of another user, or the debugger's port runs any code that is sent to it.",
        impact: "What the application knows is shown to whoever makes it fail, and it is slow as well.",
        fix: "Remove the variable, or set it to the production value that is named in the finding.",
    },
    links: &[
        "https://docs.djangoproject.com/en/stable/ref/settings/#debug",
        "https://flask.palletsprojects.com/en/stable/config/#DEBUG",
    ],
    covers: Covers {
        audit_rows: &[41],
        peers: &[],
    },
    parameters: &[],
    reads: &[],
    ask: Ask::Containers(Containers::Planned, ask),
};

/// Variables, the values that turn the mode on, and the value for production. Sources: the documentation of
/// Django, Flask, Node.js and Express, Ruby on Rails and Rack, ASP.NET Core, Gin, Spring Boot, Laravel and Symfony.
const SWITCHES: [(&str, &[&str], &str); 13] = [
    ("DEBUG", ON, "false"),
    ("DJANGO_DEBUG", ON, "false"),
    ("FLASK_DEBUG", ON, "0"),
    ("FLASK_ENV", &["development"], "production"),
    ("NODE_ENV", &["development", "dev"], "production"),
    ("RAILS_ENV", &["development", "test"], "production"),
    ("RACK_ENV", &["development", "test"], "production"),
    ("ASPNETCORE_ENVIRONMENT", &["development"], "Production"),
    ("DOTNET_ENVIRONMENT", &["development"], "Production"),
    ("GIN_MODE", &["debug", "test"], "release"),
    (
        "SPRING_PROFILES_ACTIVE",
        &["dev", "development", "local"],
        "prod",
    ),
    ("APP_DEBUG", ON, "false"),
    ("APP_ENV", &["dev", "development", "local"], "prod"),
];

/// What settings take for yes.
const ON: &[&str] = &["true", "1", "yes", "on"];

/// How the JVM's debugger is opened; it runs whatever it is sent.
const DEBUGGERS: [&str; 2] = ["-agentlib:jdwp", "-Xrunjdwp"];

/// Variables from which a JVM takes options.
const JVM_OPTIONS: [&str; 4] = [
    "JAVA_TOOL_OPTIONS",
    "JAVA_OPTS",
    "JDK_JAVA_OPTIONS",
    "CATALINA_OPTS",
];

fn ask(container: &Container<'_>, _: &Asked<'_>) -> Answer {
    let spec = container.spec;
    let mut faults: Vec<Fault> = spec
        .env
        .iter()
        .enumerate()
        .filter_map(|(index, variable)| of_variable(container, index, variable))
        .collect();
    for (list, words) in [("command", &spec.command), ("args", &spec.args)] {
        let debugger = words.iter().position(|word| opens_debugger(word));
        faults.extend(debugger.map(|index| {
            let message = "opens the JVM's debugger, which runs whatever it is sent";
            Fault::in_container(container, &format!("/{list}/{index}"), message)
        }));
    }
    Answer::from_faults(faults)
}

fn of_variable(container: &Container<'_>, index: usize, variable: &EnvVar) -> Option<Fault> {
    let place = format!("/env/{index}/value");
    let value = variable.value.as_deref()?.trim();
    let name = variable.name.as_str();
    if JVM_OPTIONS.contains(&name) && opens_debugger(value) {
        let message = format!("opens the JVM's debugger by {name}, which runs whatever it is sent");
        return Some(Fault::in_container(container, &place, message));
    }
    let (_, bad, good) = SWITCHES.iter().find(|(known, _, _)| *known == name)?;
    let mut parts = value.split(',').map(str::trim);
    let on = parts.find(|part| bad.iter().any(|bad| bad.eq_ignore_ascii_case(part)))?;
    let message = format!("runs in debug or development mode ({name}: {on})");
    Some(
        Fault::in_container(container, &place, message)
            .edit(Edit::set(container.at(&place), *good)),
    )
}

fn opens_debugger(options: &str) -> bool {
    DEBUGGERS.iter().any(|debugger| options.contains(debugger))
}
