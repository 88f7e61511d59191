//! interactive-container: nobody sits at a terminal.

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, Asked, Check, Containers, Covers, Fault, Minutes, Text},
    fix::Edit,
    object::Container,
};

pub(super) const CHECK: Check = Check {
    id: "interactive-container",
    title: "Terminal kept open",
    category: Category::Security,
    severity: Severity::Low,
    effort: Minutes(5),
    since: "0.1.0",
    profile: Profile::Scale,
    text: Text {
        sees: "A container sets stdin or tty to true.",
        root_cause: "The fields are for a person at a terminal, and stay when a manifest is made from an experiment.",
        scenario: "A shell that waits for input never ends, and a process that sees a terminal prints colours and progress into the logs.",
        impact: "Logs are hard to read for programs, and a way in by kubectl attach stays open.",
        fix: "Remove stdin and tty; kubectl debug opens a terminal where one is needed.",
    },
    links: &["https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/"],
    covers: Covers {
        audit_rows: &[],
        peers: &["gatekeeper:disallowinteractive"],
    },
    parameters: &[],
    reads: &[],
    ask: Ask::Containers(Containers::Planned, ask),
};

fn ask(container: &Container<'_>, _: &Asked<'_>) -> Answer {
    let fields = [("stdin", container.spec.stdin), ("tty", container.spec.tty)];
    let open = fields.into_iter().filter(|(_, value)| *value == Some(true));
    let faults = open.map(|(field, _)| {
        let place = format!("/{field}");
        Fault::in_container(
            container,
            &place,
            format!("keeps a terminal open ({field}: true)"),
        )
        .edit(Edit::Remove {
            at: container.at(&place),
        })
    });
    Answer::from_faults(faults.collect())
}
