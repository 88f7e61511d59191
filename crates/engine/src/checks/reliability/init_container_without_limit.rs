//! init-container-without-limit: a start that waits comes to an end.

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, Asked, Check, Containers, Covers, Fault, Minutes, Text},
    object::{Container, ContainerClass},
};

pub(super) const CHECK: Check = Check {
    id: "init-container-without-limit",
    title: "Init container may wait for ever",
    category: Category::Reliability,
    severity: Severity::Low,
    effort: Minutes(20),
    since: "0.1.0",
    profile: Profile::Production,
    text: Text {
        sees: "An init container runs a loop that waits for something (until, while, wait-for) without a timeout or a number of tries.",
        root_cause: "The application cannot start before the database does, and the loop was the quickest way.",
        scenario: "The name it waits for is misspelt or has moved; the pod stays in Init for ever and no alert looks at that.",
        impact: "A rollout that hangs, or after a restart of the cluster, pods that wait for each other.",
        fix: "Let the application retry by itself, or end the loop: timeout 120 sh -c '…'.",
    },
    links: &["https://kubernetes.io/docs/concepts/workloads/pods/init-containers/"],
    covers: Covers {
        audit_rows: &[],
        peers: &[],
    },
    parameters: &[],
    reads: &[],
    ask: Ask::Containers(Containers::Planned, ask),
};

/// What ends a loop.
const ENDS: [&str; 8] = [
    "timeout ",
    "--timeout",
    "-t ",
    "break",
    "exit 1",
    "-lt ",
    "-le ",
    "seq ",
];

fn ask(container: &Container<'_>, _: &Asked<'_>) -> Answer {
    let spec = container.spec;
    if container.class != ContainerClass::Init {
        return Answer::DoesNotApply;
    }
    let lists = [("command", &spec.command), ("args", &spec.args)];
    let all: Vec<&str> = lists
        .iter()
        .flat_map(|(_, words)| words.iter())
        .map(String::as_str)
        .collect();
    let whole = all.join(" ");
    if ENDS.iter().any(|end| whole.contains(end)) {
        return Answer::Passes;
    }
    let waiting = lists.iter().find_map(|(list, words)| {
        let index = words.iter().position(|word| waits(word))?;
        Some(format!("/{list}/{index}"))
    });
    match waiting {
        Some(place) => {
            let message = "waits in a loop that nothing ends";
            Answer::fails(Fault::in_container(container, &place, message))
        }
        None => Answer::Passes,
    }
}

fn waits(word: &str) -> bool {
    let mut parts = word.split([' ', ';', '\n', '/']);
    parts.any(|part| {
        matches!(
            part,
            "until" | "while" | "wait-for" | "wait-for-it" | "wait-for-it.sh"
        )
    })
}
