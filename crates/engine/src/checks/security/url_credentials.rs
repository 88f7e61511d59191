//! url-credentials: no URL with a password stands in a variable or a command line.

use super::args_secret::{ending, place};
use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, Asked, Check, Containers, Covers, Fault, Minutes, Text},
    credential::Credential,
    object::Container,
};

pub(super) const CHECK: Check = Check {
    id: "url-credentials",
    title: "URL with a password in it",
    category: Category::Security,
    severity: Severity::Critical,
    effort: Minutes(30),
    since: "0.1.0",
    profile: Profile::Baseline,
    text: Text {
        sees: "A literal variable, a command or an argument holds a URL with a password: as user:password@host, as a parameter, or as database drivers write it. A password that is a reference, such as $(DB_PASSWORD), does not count. Such a value is reported here and by neither env-secret-literal nor args-secret.",
        root_cause: "The address and the password were written down as one, and the whole was taken for an address.",
        scenario: "Programs print the URLs that they connect to, so the password is in the manifest, in the logs and in error messages.",
        impact: "Whoever reads a log can read and change the data behind the URL.",
        fix: "Change the password, because this one is known. Keep it in a Secret, and either pass it beside the URL or build the URL from a variable, as in postgres://shop:$(DB_PASSWORD)@db/shop.",
    },
    links: &[
        "https://kubernetes.io/docs/concepts/configuration/secret/",
        "https://kubernetes.io/docs/tasks/inject-data-application/define-interdependent-environment-variables/",
    ],
    covers: Covers {
        audit_rows: &[1],
        peers: &["kubescape:C-0012"],
    },
    parameters: &[],
    reads: &[],
    ask: Ask::Containers(Containers::All, ask),
};

/// Offers no edit: a patch would carry the password in its guard.
fn ask(container: &Container<'_>, asked: &Asked<'_>) -> Answer {
    let faults = in_variables(container, asked).chain(in_command_line(container, asked));
    Answer::from_faults(faults.collect())
}

fn in_variables(container: &Container<'_>, asked: &Asked<'_>) -> impl Iterator<Item = Fault> {
    let found = asked.literals_in_env(container);
    let urls = found.filter(|(_, credential)| *credential == Credential::Url);
    urls.map(|(index, credential)| {
        let name = &container.spec.env[index].name;
        Fault::in_container(
            container,
            &format!("/env/{index}/value"),
            format!("variable {name} holds {credential}"),
        )
    })
}

fn in_command_line(container: &Container<'_>, asked: &Asked<'_>) -> impl Iterator<Item = Fault> {
    let found = asked.literals_in_command(container);
    found
        .filter(|found| found.credential == Credential::Url)
        .map(|found| {
            let (list, index) = place(container, found.position);
            Fault::in_container(
                container,
                &format!("/{list}/{index}"),
                format!("{list} hold{} {}", ending(list), found.credential),
            )
        })
}
