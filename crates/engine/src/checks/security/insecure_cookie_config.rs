//! insecure-cookie-config: cookies travel encrypted and out of reach of scripts.

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, Asked, Check, Containers, Covers, Fault, Minutes, Text},
    environment::{Variable, switched_off, switched_on},
    fix::Edit,
    object::{Container, Kind},
};

pub(super) const CHECK: Check = Check {
    id: "insecure-cookie-config",
    title: "Cookies not secure",
    category: Category::Security,
    severity: Severity::Medium,
    effort: Minutes(10),
    since: "0.1.0",
    profile: Profile::Production,
    text: Text {
        sees: "An environment variable says that session or CSRF cookies are not secure or not http-only.",
        root_cause: "On a developer's machine there is no HTTPS, and secure cookies would not arrive.",
        scenario: "Somebody on the same network reads the session from a request over HTTP, or a script in the page does.",
        impact: "Somebody else takes over the sessions of users.",
        fix: "Set it to true; the cookie then travels by HTTPS only.",
    },
    links: &["https://developer.mozilla.org/en-US/docs/Web/HTTP/Cookies#security"],
    covers: Covers {
        audit_rows: &[3],
        peers: &[],
    },
    parameters: &[],
    reads: &[Kind::ConfigMap],
    ask: Ask::Containers(Containers::Planned, ask),
};

fn ask(container: &Container<'_>, asked: &Asked<'_>) -> Answer {
    let about: Vec<&Variable<'_>> = asked
        .variables(container)
        .iter()
        .filter(|variable| {
            let name = variable.name.to_ascii_uppercase();
            name.contains("COOKIE")
                && (name.contains("SECURE")
                    || name.contains("HTTPONLY")
                    || name.contains("HTTP_ONLY"))
        })
        .collect();
    if about.is_empty() {
        return Answer::DoesNotApply;
    }
    let faults = about.into_iter().filter(|variable| {
        let insecure = variable.name.to_ascii_uppercase().contains("INSECURE");
        if insecure {
            switched_on(variable.value)
        } else {
            switched_off(variable.value)
        }
    });
    let faults = faults.map(|variable| {
        let message = format!(
            "sends cookies that are not protected ({}: {})",
            variable.title(),
            variable.value
        );
        let safe = if switched_on(variable.value) {
            "false"
        } else {
            "true"
        };
        let edit = Edit::set(variable.pointer(), safe);
        let fault = Fault::in_container_at(container, variable.pointer(), message);
        if variable.config_map.is_none() {
            fault.edit(edit)
        } else {
            fault
        }
    });
    Answer::from_faults(faults.collect())
}
