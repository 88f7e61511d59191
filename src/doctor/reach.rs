//! Whether the API server reaches the gate: it is asked to, as the operator does every minute.

use k8s_openapi::api::admissionregistration::v1::ValidatingWebhookConfiguration;

use super::{Diagnosis, Looked};
use crate::webhook::{entry::Entry, probe::Outcome};

const SUBJECT: &str = "Reachability";

pub(super) fn examine(
    outcome: &Outcome,
    configuration: &Looked<ValidatingWebhookConfiguration>,
) -> Diagnosis {
    match outcome {
        Outcome::Answered { replica } => {
            let told = format!("the API server asks the gate and it answers (replica {replica})");
            Diagnosis::good(SUBJECT, told)
        }
        Outcome::Failed { cause, message } => {
            let told = format!("{}: {message}", cause.told());
            Diagnosis::wrong(SUBJECT, cause.reason(), told, cause.remedy())
        }
        Outcome::NotAsked => not_asked(configuration),
        Outcome::Forbidden(message) => Diagnosis::unknown(
            SUBJECT,
            format!("you may not try it, or somebody else forbids it: {message}"),
        ),
        Outcome::Unknown(message) => Diagnosis::unknown(SUBJECT, message),
    }
}

fn not_asked(configuration: &Looked<ValidatingWebhookConfiguration>) -> Diagnosis {
    let has_entry = |found: &ValidatingWebhookConfiguration| {
        let mut entries = found.webhooks.iter().flatten();
        entries.any(|entry| entry.name == Entry::Probe.name())
    };
    let told = match configuration {
        Looked::Found(found) if has_entry(found) => {
            "the API server does not ask the gate: what comes by its configuration was narrowed"
        }
        Looked::Found(_) => {
            "the API server does not ask the gate: its configuration has no entry for the probe"
        }
        Looked::Absent => "the API server does not ask the gate: its configuration is not there",
        Looked::NotSeen(_) => {
            "the API server does not ask the gate, and its configuration may not be seen by you"
        }
    };
    Diagnosis::wrong(SUBJECT, "NotAsked", told, "prodready gate on")
}
