//! default-secret-key: no secret is one that everybody knows.

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, Asked, Check, Containers, Covers, Fault, Minutes, Text},
    credential::is_secret_name,
    environment::Variable,
    object::{Container, Kind},
};

pub(super) const CHECK: Check = Check {
    id: "default-secret-key",
    title: "Secret that everybody knows",
    category: Category::Security,
    severity: Severity::Critical,
    effort: Minutes(15),
    since: "0.1.0",
    profile: Profile::Baseline,
    text: Text {
        sees: "An environment variable, or a key of a ConfigMap that becomes one, has the name of a secret and a value that documentation, tutorials and image defaults use, such as changeme, secret, admin or django-insecure-….",
        root_cause: "The value was a placeholder, and the system worked with it.",
        scenario: "A scanner tries the ten values that everybody tries, and signs in or signs sessions itself.",
        impact: "Everything that the secret guards is open to anybody.",
        fix: "Make a random value, keep it in a Secret that comes from a secret manager, and refer to it by secretKeyRef.",
    },
    links: &["https://docs.djangoproject.com/en/stable/ref/settings/#secret-key"],
    covers: Covers {
        audit_rows: &[47],
        peers: &[],
    },
    parameters: &[],
    reads: &[Kind::ConfigMap],
    ask: Ask::Containers(Containers::Planned, ask),
};

/// Values of documentation, tutorials and images, in lower case without separators.
const KNOWN: [&str; 34] = [
    "admin",
    "admin123",
    "administrator",
    "change",
    "changeit",
    "changeme",
    "changethis",
    "default",
    "demo",
    "example",
    "guest",
    "insecure",
    "keyboardcat",
    "letmein",
    "mysecret",
    "mysecretkey",
    "mysecretpassword",
    "none",
    "pass",
    "passw0rd",
    "password",
    "password1",
    "password123",
    "postgres",
    "root",
    "secret",
    "secretkey",
    "secret123",
    "supersecret",
    "supersecretkey",
    "test",
    "todo",
    "yoursecretkey",
    "yoursecret",
];

/// Beginnings of values that frameworks generate for development.
const BEGINNINGS: [&str; 3] = ["django-insecure-", "insecure-", "dev-secret"];

fn ask(container: &Container<'_>, asked: &Asked<'_>) -> Answer {
    let named: Vec<&Variable<'_>> = asked
        .variables(container)
        .iter()
        .filter(|variable| is_secret_name(&variable.name) || is_key(&variable.name))
        .collect();
    if named.is_empty() {
        return Answer::DoesNotApply;
    }
    let faults = named
        .into_iter()
        .filter(|variable| is_known(variable.value));
    let faults = faults.map(|variable| {
        let message = format!("gives {} a value that everybody knows", variable.title());
        Fault::in_container_at(container, variable.pointer(), message)
    });
    Answer::from_faults(faults.collect())
}

/// `SECRET_KEY_BASE`, `APP_KEY`: keys by which frameworks sign.
fn is_key(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    name.contains("SECRET_KEY") || name.ends_with("APP_KEY") || name.ends_with("SIGNING_KEY")
}

fn is_known(value: &str) -> bool {
    let lower = value.trim().to_ascii_lowercase();
    let plain: String = lower
        .chars()
        .filter(|letter| !"-_ .!".contains(*letter))
        .collect();
    BEGINNINGS.iter().any(|start| lower.starts_with(start)) || KNOWN.contains(&plain.as_str())
}
