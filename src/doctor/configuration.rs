//! The gate's configurations: whether they are there, whole, and as the operator wrote them.

use std::collections::BTreeSet;

use jiff::Timestamp;
use k8s_openapi::{
    api::admissionregistration::v1::{
        MutatingWebhookConfiguration, ValidatingWebhookConfiguration,
    },
    apimachinery::pkg::apis::meta::v1::{LabelSelector, ManagedFieldsEntry, ObjectMeta},
};
use prodready_engine::{api::vocabulary::Mode, policy::Policy};
use serde::Serialize;
use serde_json::Value;

use super::{Diagnosis, Looked, cloud::take_out_clouds};
use crate::{
    operator::Settings,
    webhook::{configuration::FIELD_MANAGER, entry::Entry, registration},
    written::Written,
};

const SUBJECT: &str = "Webhook configuration";

const SUBJECT_DEFAULTS: &str = "Defaults";

/// Fields by which fewer requests come, or none. What else others may write there, as labels, changes nothing.
const NARROWING: [&str; 6] = [
    "f:namespaceSelector",
    "f:objectSelector",
    "f:matchConditions",
    "f:rules",
    "f:failurePolicy",
    "f:matchPolicy",
];

/// Fields by which the gate is found and believed.
const REACHING: [&str; 2] = ["f:clientConfig", "f:timeoutSeconds"];

const REMEDY: &str = "the operator leaves it so, for some clouds narrow every webhook; to have it written anew: prodready gate on";

pub(super) fn examine(
    found: &Looked<ValidatingWebhookConfiguration>,
    noted: Option<bool>,
    settings: &Settings,
    policies: &[Written],
) -> Diagnosis {
    let name = &settings.webhook_configuration;
    match found {
        Looked::NotSeen(why) => Diagnosis::unknown(SUBJECT, why),
        Looked::Absent => missing(name, noted),
        Looked::Found(found) => {
            let problems = [lost(found, policies), changed(&found.metadata)].concat();
            let entries = found.webhooks.as_deref().unwrap_or_default();
            let by_cloud = by_cloud(&found.metadata, entries, |entry| {
                entry.namespace_selector.as_mut()
            });
            if let Some(told) = by_cloud {
                Diagnosis::remark(SUBJECT, "NarrowedByCloud", format!("{name} {told}"))
            } else if problems.is_empty() {
                let entries = found.webhooks.iter().flatten().count();
                let told =
                    format!("{name} is there with {entries} entries, as the operator wrote it");
                Diagnosis::good(SUBJECT, told)
            } else {
                let told = format!(
                    "{name} was changed by somebody else: {}",
                    problems.join("; ")
                );
                Diagnosis::wrong(SUBJECT, "ConfigurationChanged", told, REMEDY)
            }
        }
    }
}

/// The one for what policies have filled in; nothing where no policy has, as long as it is not there.
pub(super) fn examine_defaults(
    found: &Looked<MutatingWebhookConfiguration>,
    noted: Option<bool>,
    settings: &Settings,
    policies: &[Written],
) -> Option<Diagnosis> {
    let name = &settings.webhook_configuration;
    let now = Timestamp::now();
    let fills_in = |policy: &Policy| {
        !policy.defaults.is_empty() && policy.enforcement.mode_at(now) != Mode::Audit
    };
    let mut compiled = policies.iter().filter_map(|policy| policy.compile().ok());
    let is_wanted = compiled.any(|policy| fills_in(&policy));
    match found {
        Looked::Found(found) => {
            let changed = changed(&found.metadata);
            let entries = found.webhooks.as_deref().unwrap_or_default();
            let by_cloud = by_cloud(&found.metadata, entries, |entry| {
                entry.namespace_selector.as_mut()
            });
            Some(if let Some(told) = by_cloud {
                let told = format!("mutatingwebhookconfiguration {name} {told}");
                Diagnosis::remark(SUBJECT_DEFAULTS, "NarrowedByCloud", told)
            } else if changed.is_empty() {
                let told =
                    format!("mutatingwebhookconfiguration {name} is as the operator wrote it");
                Diagnosis::good(SUBJECT_DEFAULTS, told)
            } else {
                let told = format!(
                    "mutatingwebhookconfiguration {name} was changed by somebody else: {}",
                    changed.join("; ")
                );
                Diagnosis::wrong(SUBJECT_DEFAULTS, "ConfigurationChanged", told, REMEDY)
            })
        }
        Looked::Absent | Looked::NotSeen(_) if !is_wanted => None,
        Looked::NotSeen(why) => Some(Diagnosis::unknown(SUBJECT_DEFAULTS, why)),
        Looked::Absent => {
            let (reason, told, remedy) = match noted {
                Some(true) => (
                    "ConfigurationDeleted",
                    "somebody deleted it, and nothing is filled in until it is wanted back",
                    "prodready gate on",
                ),
                Some(false) | None => (
                    "ConfigurationNotWritten",
                    "nothing is filled in",
                    "look at the lines about the operator, its account and its leader; its log says why",
                ),
            };
            let told = format!("mutatingwebhookconfiguration {name} is not there: {told}");
            Some(Diagnosis::wrong(SUBJECT_DEFAULTS, reason, told, remedy))
        }
    }
}

/// What clouds added, where nothing else differs from what the operator wrote.
fn by_cloud<W: Clone + Serialize>(
    metadata: &ObjectMeta,
    entries: &[W],
    selector: fn(&mut W) -> Option<&mut LabelSelector>,
) -> Option<String> {
    let mut left = entries.to_vec();
    let clouds = take_out_clouds(left.iter_mut().filter_map(selector));
    if clouds.is_empty() || !registration::is_meant(metadata, &left) {
        return None;
    }
    let clouds: Vec<String> = clouds.into_iter().collect();
    Some(format!(
        "is as the operator wrote it but for what this cloud adds to every webhook; never asked about are: {}",
        clouds.join("; ")
    ))
}

fn missing(name: &str, noted: Option<bool>) -> Diagnosis {
    let (reason, told, remedy) = match noted {
        Some(true) => (
            "ConfigurationDeleted",
            "somebody deleted it, and nothing is enforced until it is wanted back",
            "prodready gate on",
        ),
        Some(false) => (
            "ConfigurationNotWritten",
            "the operator has not written it yet",
            "look at the lines about the operator, its account and its leader; its log says why",
        ),
        None => (
            "ConfigurationMissing",
            "nothing is enforced",
            "if somebody deleted it: prodready gate on; else the operator's log says why it is not written",
        ),
    };
    let told = format!("validatingwebhookconfiguration {name} is not there: {told}");
    Diagnosis::wrong(SUBJECT, reason, told, remedy)
}

/// The entries that policies want and that are not there.
fn lost(found: &ValidatingWebhookConfiguration, policies: &[Written]) -> Vec<String> {
    let now = Timestamp::now();
    let compiled = policies.iter().filter_map(|policy| policy.compile().ok());
    let modes: Vec<_> = compiled
        .map(|policy| policy.enforcement.mode_at(now))
        .collect();
    let there: BTreeSet<&str> = found
        .webhooks
        .iter()
        .flatten()
        .map(|entry| entry.name.as_str())
        .collect();
    Entry::VALIDATING
        .into_iter()
        .filter(|entry| entry.mode().is_none_or(|mode| modes.contains(&mode)))
        .filter(|entry| !there.contains(entry.name()))
        .map(|entry| format!("entry {} is not there", entry.name()))
        .collect()
}

/// What others wrote last: the API server keeps who wrote which field.
fn changed(metadata: &ObjectMeta) -> Vec<String> {
    let managers = metadata.managed_fields.iter().flatten();
    managers
        .filter(|manager| manager.manager.as_deref() != Some(FIELD_MANAGER))
        .flat_map(by)
        .collect()
}

fn by(manager: &ManagedFieldsEntry) -> Vec<String> {
    let who = manager.manager.as_deref().unwrap_or("somebody");
    let when = manager.time.as_ref().map_or_else(String::new, |time| {
        format!(" at {}", time.0.strftime("%Y-%m-%d %H:%M:%S UTC"))
    });
    let fields = manager
        .fields_v1
        .as_ref()
        .map_or(&Value::Null, |fields| &fields.0);
    let entries = fields["f:webhooks"].as_object().into_iter().flatten();
    entries
        .flat_map(|(key, fields)| {
            let entry = entry_name(key);
            let known = NARROWING.iter().chain(&REACHING);
            known
                .filter(|field| !fields[**field].is_null())
                .map(|field| {
                    let field = field.trim_start_matches("f:");
                    format!("{who} wrote {field} of {entry}{when}")
                })
                .collect::<Vec<_>>()
        })
        .collect()
}

/// `k:{"name":"enforce.prodready.dev"}` is how fields of list items are kept.
fn entry_name(key: &str) -> String {
    let key = key.trim_start_matches("k:");
    let read: Option<Value> = serde_json::from_str(key).ok();
    let name = read.and_then(|read| read["name"].as_str().map(str::to_owned));
    name.unwrap_or_else(|| key.to_owned())
}
