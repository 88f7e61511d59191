//! ssh-in-container: nobody logs in by SSH.

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, Asked, Check, Containers, Covers, Fault, Minutes, Text},
    object::Container,
};

pub(super) const CHECK: Check = Check {
    id: "ssh-in-container",
    title: "SSH server in the container",
    category: Category::Security,
    severity: Severity::Medium,
    effort: Minutes(60),
    since: "0.1.0",
    profile: Profile::Production,
    text: Text {
        sees: "A container lists TCP port 22, or its command starts sshd.",
        root_cause: "Somebody wanted a shell, and made one that is always open.",
        scenario: "Keys and passwords of an own kind are guessed or lost, and who came in is in no audit log.",
        impact: "A way in past the API server and everything that guards it.",
        fix: "Remove the server; use kubectl exec or kubectl debug, which are limited by RBAC and are recorded.",
    },
    links: &[
        "https://kubernetes.io/docs/tasks/debug/debug-application/get-shell-running-container/",
    ],
    covers: Covers {
        audit_rows: &[],
        peers: &["kube-linter:ssh-port", "kubescape:C-0042"],
    },
    parameters: &[],
    reads: &[],
    ask: Ask::Containers(Containers::All, ask),
};

fn ask(container: &Container<'_>, _: &Asked<'_>) -> Answer {
    let spec = container.spec;
    let mut faults: Vec<Fault> = spec
        .ports
        .iter()
        .enumerate()
        .filter(|(_, port)| port.container_port == 22 && port.is_tcp())
        .map(|(index, _)| {
            let suffix = format!("/ports/{index}/containerPort");
            Fault::in_container(container, &suffix, "opens port 22, the port of SSH")
        })
        .collect();
    for (list, words) in [("command", &spec.command), ("args", &spec.args)] {
        let server = words.iter().position(|word| starts_server(word));
        faults.extend(server.map(|index| {
            Fault::in_container(
                container,
                &format!("/{list}/{index}"),
                "starts an SSH server",
            )
        }));
    }
    Answer::from_faults(faults)
}

fn starts_server(word: &str) -> bool {
    word.split([' ', ';', '&', '|', '\n'])
        .any(|part| part == "sshd" || part.ends_with("/sshd"))
}
