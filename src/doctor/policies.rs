//! The policies: what their statuses complain of.

use kube::{Client, ResourceExt as _, api::ListParams};
use prodready_engine::api::condition::{Condition, ConditionStatus};

use super::{Diagnosis, why};
use crate::written::{self, Written};

const SUBJECT: &str = "Policies";

/// The policies, or why they are not seen.
pub(super) type Listed = Result<Vec<Written>, String>;

pub(super) async fn listed(client: &Client) -> Listed {
    let listed = written::api(client.clone())
        .list(&ListParams::default())
        .await;
    let listed = listed.map_err(|err| why(&err))?;
    Ok(listed.items.into_iter().map(Written::read).collect())
}

pub(super) fn examine(listed: &Listed) -> Vec<Diagnosis> {
    let policies = match listed {
        Ok(policies) => policies,
        Err(why) => return vec![Diagnosis::unknown(SUBJECT, why)],
    };
    let complaints: Vec<Diagnosis> = policies.iter().flat_map(of).collect();
    if complaints.is_empty() {
        let told = format!("{} in force, none is dangerous", policies.len());
        return vec![Diagnosis::good(SUBJECT, told)];
    }
    complaints
}

/// Conditions that are about this policy alone; the others are looked at by themselves.
fn of(written: &Written) -> Vec<Diagnosis> {
    let policy = &written.policy;
    let name = policy.name_any();
    let conditions = policy.status.iter().flat_map(|status| &status.conditions);
    let current = conditions.filter(|condition| {
        condition.status == ConditionStatus::False
            && condition.observed_generation == policy.metadata.generation
    });
    let told = current.filter_map(|condition| complaint(&name, condition));
    let mut told: Vec<Diagnosis> = told.collect();
    let mistakes = match written.compile() {
        Ok(policy) => policy.unknown_fields,
        Err(mistakes) => mistakes,
    };
    if told.is_empty() && !mistakes.is_empty() {
        let mistakes: Vec<String> = mistakes.iter().map(ToString::to_string).collect();
        told.push(invalid(&name, &mistakes.join("; ")));
    }
    told
}

fn complaint(name: &str, condition: &Condition) -> Option<Diagnosis> {
    match condition.type_.as_str() {
        "Accepted" => Some(invalid(name, &condition.message)),
        "Safe" => Some(Diagnosis::wrong(
            SUBJECT,
            "PolicyDangerous",
            format!("policy {name} is dangerous: {}", condition.message),
            "change what the policy selects",
        )),
        _ => None,
    }
}

fn invalid(name: &str, mistakes: &str) -> Diagnosis {
    Diagnosis::wrong(
        SUBJECT,
        "PolicyInvalid",
        format!("policy {name} has a mistake: {mistakes}"),
        "correct the field",
    )
}
