//! termination-message: the last words of a container are kept.

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, Asked, Check, Containers, Covers, Fault, Minutes, Text},
    fix::Edit,
    object::Container,
};

pub(super) const CHECK: Check = Check {
    id: "termination-message",
    title: "Last words lost when a container ends",
    category: Category::Reliability,
    severity: Severity::Low,
    effort: Minutes(5),
    since: "0.1.0",
    profile: Profile::Scale,
    text: Text {
        sees: "A container's terminationMessagePolicy is not FallbackToLogsOnError, so that only what it writes to /dev/termination-log is kept, which hardly any program does.",
        root_cause: "It is the default of the API, and hardly anybody knows of the field.",
        scenario: "A container crashes at night, and kubectl describe says Error, exit code 1, and nothing else.",
        impact: "Whoever is woken searches logs for what the status could have said.",
        fix: "Set terminationMessagePolicy to FallbackToLogsOnError.",
    },
    links: &[
        "https://kubernetes.io/docs/tasks/debug/debug-application/determine-reason-pod-failure/",
    ],
    covers: Covers {
        audit_rows: &[],
        peers: &[],
    },
    parameters: &[],
    reads: &[],
    ask: Ask::Containers(Containers::Planned, ask),
};

const WANTED: &str = "FallbackToLogsOnError";

fn ask(container: &Container<'_>, _: &Asked<'_>) -> Answer {
    let policy = container.spec.termination_message_policy.as_deref();
    let suffix = "/terminationMessagePolicy";
    Answer::pass_if(policy == Some(WANTED), || {
        let message = "says nothing of why it ended, in its status";
        Fault::in_container(container, suffix, message)
            .edit(Edit::set_in(container, suffix, WANTED))
    })
}
