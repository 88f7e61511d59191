//! git-sync-command: no variable decides what is run.

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, Asked, Check, Containers, Covers, Fault, Minutes, Text},
    environment::flag,
    object::Container,
};

pub(super) const CHECK: Check = Check {
    id: "git-sync-command",
    title: "git-sync runs another program",
    category: Category::Security,
    severity: Severity::Medium,
    effort: Minutes(15),
    since: "0.1.0",
    profile: Profile::Production,
    text: Text {
        sees: "A container of git-sync sets GITSYNC_GIT or GIT_SYNC_GIT (or the flag --git), by which it runs another program in the place of git.",
        root_cause: "A wrapper was needed for credentials or proxies.",
        scenario: "Whoever may change the variable runs what they like with the rights of the pod.",
        impact: "A setting becomes code that runs.",
        fix: "Use the settings of git-sync for credentials and proxies, and remove the variable.",
    },
    links: &["https://github.com/kubernetes/git-sync"],
    covers: Covers {
        audit_rows: &[],
        peers: &["checkov:CKV_K8S_159"],
    },
    parameters: &[],
    reads: &[],
    ask: Ask::Containers(Containers::Planned, ask),
};

const NAMES: [&str; 2] = ["GITSYNC_GIT", "GIT_SYNC_GIT"];

fn ask(container: &Container<'_>, _: &Asked<'_>) -> Answer {
    if !container.image().base_name().contains("git-sync") {
        return Answer::DoesNotApply;
    }
    let own = container.spec.env.iter().enumerate();
    let mut faults: Vec<Fault> = own
        .filter(|(_, variable)| NAMES.contains(&variable.name.as_str()))
        .map(|(index, variable)| {
            let message = format!(
                "runs another program in the place of git ({})",
                variable.name
            );
            Fault::in_container(container, &format!("/env/{index}"), message)
        })
        .collect();
    if let Some((_, pointer)) = flag(container, &["--git"]) {
        let message = "runs another program in the place of git (--git)";
        faults.push(Fault::in_container_at(container, pointer, message));
    }
    Answer::from_faults(faults)
}
