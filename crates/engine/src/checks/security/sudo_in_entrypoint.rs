//! sudo-in-entrypoint: no process asks for more rights.

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, Asked, Check, Containers, Covers, Fault, Minutes, Text},
    object::Container,
};

pub(super) const CHECK: Check = Check {
    id: "sudo-in-entrypoint",
    title: "sudo in the entrypoint",
    category: Category::Security,
    severity: Severity::Medium,
    effort: Minutes(30),
    since: "0.1.0",
    profile: Profile::Production,
    text: Text {
        sees: "A word of a container's command or arguments is sudo, or starts a part of a shell line.",
        root_cause: "The image was made for an unprivileged user, and one step needs root.",
        scenario: "Whoever gets into the process does as the entrypoint does, and is root.",
        impact: "That the container does not run as root is worth nothing.",
        fix: "Do what needs root when the image is built, or in an init container that has that one right.",
    },
    links: &["https://kubernetes.io/docs/concepts/security/pod-security-standards/"],
    covers: Covers {
        audit_rows: &[],
        peers: &["kubescape:C-0062"],
    },
    parameters: &[],
    reads: &[],
    ask: Ask::Containers(Containers::Planned, ask),
};

fn ask(container: &Container<'_>, _: &Asked<'_>) -> Answer {
    let spec = container.spec;
    if spec.command.is_empty() && spec.args.is_empty() {
        return Answer::DoesNotApply;
    }
    let lists = [("command", &spec.command), ("args", &spec.args)];
    let found = lists.into_iter().flat_map(|(list, words)| {
        let asking = words.iter().enumerate().filter(|(_, word)| asks(word));
        asking.map(move |(index, _)| (list, index))
    });
    let faults = found.map(|(list, index)| {
        let suffix = format!("/{list}/{index}");
        Fault::in_container(container, &suffix, "asks for root's rights with sudo")
    });
    Answer::from_faults(faults.collect())
}

fn asks(word: &str) -> bool {
    let mut parts = word.split([' ', ';', '&', '|', '(', '\n', '\t']);
    parts.any(|part| part == "sudo" || part.ends_with("/sudo"))
}
