//! args-secret: no credential stands in a command line.

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, Asked, Check, Containers, Covers, Fault, Minutes, Text},
    credential::Credential,
    object::Container,
};

pub(super) const CHECK: Check = Check {
    id: "args-secret",
    title: "Credential in a command line",
    category: Category::Security,
    severity: Severity::Critical,
    effort: Minutes(30),
    since: "0.1.0",
    profile: Profile::Baseline,
    text: Text {
        sees: "A container's command or args hold a credential: behind an option such as --password, in an assignment, in a script for sh -c, or by its shape. Variables, substitutions and files do not count; a URL with a password is reported by url-credentials alone.",
        root_cause: "The credential was written into the command line instead of into a Secret.",
        scenario: "Everybody who may read the manifest has the credential, and so has every process on the node that lists processes, and every tool that logs command lines.",
        impact: "The system behind the credential is open until it is changed.",
        fix: "Change the credential, because this one is known; put the new one into a Secret, and pass a file with it, or a variable as $(NAME).",
    },
    links: &[
        "https://kubernetes.io/docs/concepts/configuration/secret/",
        "https://kubernetes.io/docs/concepts/security/secrets-good-practices/",
    ],
    covers: Covers {
        audit_rows: &[1],
        peers: &["kubescape:C-0012"],
    },
    parameters: &[],
    reads: &[],
    ask: Ask::Containers(Containers::All, ask),
};

/// Offers no edit: a patch would carry the literal in its guard.
fn ask(container: &Container<'_>, asked: &Asked<'_>) -> Answer {
    let found = asked.literals_in_command(container);
    let faults = found
        .filter(|found| found.credential != Credential::Url)
        .map(|found| {
            let (list, index) = place(container, found.position);
            Fault::in_container(
                container,
                &format!("/{list}/{index}"),
                format!(
                    "{list} hold{} {} as plain text",
                    ending(list),
                    found.credential
                ),
            )
        });
    Answer::from_faults(faults.collect())
}

/// The list that an argument of the whole command line stands in, and its position there.
pub(super) fn place(container: &Container<'_>, position: usize) -> (&'static str, usize) {
    let commands = container.spec.command.len();
    if position < commands {
        ("command", position)
    } else {
        ("args", position - commands)
    }
}

/// "command holds", "args hold".
pub(super) fn ending(list: &str) -> &'static str {
    if list == "command" { "s" } else { "" }
}
