//! shell-entrypoint: the order to end reaches the process.

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, Asked, Check, Containers, Covers, Fault, Minutes, Text},
    object::Container,
};

pub(super) const CHECK: Check = Check {
    id: "shell-entrypoint",
    title: "Signals stop at a shell",
    category: Category::Reliability,
    severity: Severity::Low,
    effort: Minutes(15),
    since: "0.1.0",
    profile: Profile::Production,
    text: Text {
        sees: "A container that runs for ever is started by a shell whose script starts something else without exec, so that SIGTERM goes to the shell.",
        root_cause: "The shell was needed to put a variable together, or to start two things one after the other.",
        scenario: "At each rollout the shell ignores the order to end, the grace period passes, and the process is killed in the middle of its work.",
        impact: "Requests and jobs cut off, and rollouts that take half a minute longer for each pod.",
        fix: "Write exec before the last command, or name the program itself in command; $(NAME) in args is filled in without a shell.",
    },
    links: &["https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-termination"],
    covers: Covers {
        audit_rows: &[],
        peers: &[],
    },
    parameters: &[],
    reads: &[],
    ask: Ask::Containers(Containers::Probed, ask),
};

/// Programs that read a script from an argument.
const SHELLS: [&str; 5] = ["sh", "bash", "ash", "dash", "zsh"];

fn ask(container: &Container<'_>, _: &Asked<'_>) -> Answer {
    let spec = container.spec;
    let lists = [("command", &spec.command), ("args", &spec.args)];
    let words: Vec<(String, &str)> = lists
        .into_iter()
        .flat_map(|(list, words)| {
            let numbered = words.iter().enumerate();
            numbered.map(move |(index, word)| (format!("/{list}/{index}"), word.as_str()))
        })
        .collect();
    // Arguments alone follow the image's own entrypoint, which is not known.
    let Some((_, first)) = words.first().filter(|_| !spec.command.is_empty()) else {
        return Answer::DoesNotApply;
    };
    let program = first.rsplit('/').next().unwrap_or(first);
    let script = words
        .iter()
        .position(|(_, word)| word.starts_with('-') && word.ends_with('c'))
        .and_then(|option| words.get(option + 1));
    let Some((place, script)) = script.filter(|_| SHELLS.contains(&program)) else {
        return Answer::Passes;
    };
    Answer::pass_if(hands_over(script), || {
        let message = format!("is started by {program}, which keeps SIGTERM to itself");
        Fault::in_container(container, place, message)
    })
}

/// Whether the shell becomes its last command, or passes signals on. A single command needs no exec in most shells,
/// but in some.
fn hands_over(script: &str) -> bool {
    let lines = script.split(['\n', ';', '&', '|', '(']).map(str::trim);
    let mut commands = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
    commands.any(|line| line.starts_with("exec ") || line.starts_with("trap "))
}
