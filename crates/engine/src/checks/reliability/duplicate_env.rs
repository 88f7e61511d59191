//! duplicate-env: each variable is set once.

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, Asked, Check, Containers, Covers, Fault, Minutes, Text},
    object::Container,
};

pub(super) const CHECK: Check = Check {
    id: "duplicate-env",
    title: "Variable set twice",
    category: Category::Reliability,
    severity: Severity::Medium,
    effort: Minutes(5),
    since: "0.1.0",
    profile: Profile::Baseline,
    text: Text {
        sees: "One container sets an environment variable of the same name twice in env. A variable that also comes by envFrom is not meant: env overrides it, and is made for that.",
        root_cause: "Of two entries the last one wins without a word, and editors of long lists add what is already there.",
        scenario: "Somebody changes the first entry in an incident, applies it, and nothing changes.",
        impact: "Time is lost when there is none, and what runs is not what a reader believes.",
        fix: "Remove all entries of the name but the last, which is the one in force.",
    },
    links: &[
        "https://kubernetes.io/docs/tasks/inject-data-application/define-environment-variable-container/",
    ],
    covers: Covers {
        audit_rows: &[],
        peers: &[
            "kube-linter:duplicate-env-var",
            "kube-score:environment-variable-key-duplication",
            "kubescape:C-0295",
        ],
    },
    parameters: &[],
    reads: &[],
    ask: Ask::Containers(Containers::All, ask),
};

fn ask(container: &Container<'_>, _: &Asked<'_>) -> Answer {
    let variables = &container.spec.env;
    if variables.is_empty() {
        return Answer::DoesNotApply;
    }
    let faults = variables
        .iter()
        .enumerate()
        .filter_map(|(index, variable)| {
            let later = &variables[index + 1..];
            let overriding = later.iter().filter(|other| other.name == variable.name);
            // Told once for each name: at the last entry that is of no effect.
            (overriding.count() == 1).then(|| {
                let message = format!(
                    "sets the variable {} twice, and only the last one counts",
                    variable.name
                );
                Fault::in_container(container, &format!("/env/{index}/name"), message)
            })
        });
    Answer::from_faults(faults.collect())
}
