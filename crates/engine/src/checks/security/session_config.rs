//! session-config: sessions end, and outlive a pod.

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, Asked, Check, Containers, Covers, Fault, Minutes, Text},
    environment::Variable,
    object::{Container, Kind},
};

pub(super) const CHECK: Check = Check {
    id: "session-config",
    title: "Sessions without end or in one pod",
    category: Category::Security,
    severity: Severity::Medium,
    effort: Minutes(60),
    since: "0.1.0",
    profile: Profile::Scale,
    text: Text {
        sees: "An environment variable gives sessions or tokens no end (0, -1, never), or keeps sessions in memory or in files while more than one replica is wanted.",
        root_cause: "With one process on one machine both work.",
        scenario: "A stolen session works for ever; or the second replica does not know who is signed in, and users are signed out with each request.",
        impact: "Accounts that stay open, or a service that cannot be scaled.",
        fix: "Give sessions hours rather than for ever, and keep them in Redis, a database or a signed cookie.",
    },
    links: &["https://cheatsheetseries.owasp.org/cheatsheets/Session_Management_Cheat_Sheet.html"],
    covers: Covers {
        audit_rows: &[54],
        peers: &[],
    },
    parameters: &[],
    reads: &[Kind::ConfigMap],
    ask: Ask::Containers(Containers::Planned, ask),
};

/// Values that keep sessions with one process.
const LOCAL: [&str; 6] = [
    "memory",
    "memorystore",
    "in-memory",
    "file",
    "array",
    "local",
];

fn ask(container: &Container<'_>, asked: &Asked<'_>) -> Answer {
    let about: Vec<&Variable<'_>> = asked
        .variables(container)
        .iter()
        .filter(|variable| {
            let name = variable.name.to_ascii_uppercase();
            name.contains("SESSION") || name.contains("JWT") || name.contains("TOKEN")
        })
        .collect();
    if about.is_empty() {
        return Answer::DoesNotApply;
    }
    let workload = asked.workload;
    let several = workload.is_scalable() && workload.replicas() > 1;
    let faults = about.into_iter().filter_map(|variable| {
        let name = variable.name.to_ascii_uppercase();
        let value = variable.value.trim().to_ascii_lowercase();
        let lifetime = ["TIMEOUT", "TTL", "LIFETIME", "EXPIR", "MAX_AGE"]
            .iter()
            .any(|part| name.contains(part));
        let store = ["STORE", "DRIVER", "BACKEND", "ENGINE"]
            .iter()
            .any(|part| name.contains(part));
        let message = if lifetime && ["0", "-1", "never", "none"].contains(&value.as_str()) {
            format!("never ends a session ({}: {value})", variable.title())
        } else if several && store && name.contains("SESSION") && LOCAL.contains(&value.as_str()) {
            format!(
                "keeps sessions in one of {} replicas ({}: {value})",
                workload.replicas(),
                variable.title()
            )
        } else {
            return None;
        };
        Some(Fault::in_container_at(
            container,
            variable.pointer(),
            message,
        ))
    });
    Answer::from_faults(faults.collect())
}
