//! What the status of an exception says.

use jiff::Timestamp;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;

use super::{
    forgive::Effect,
    term::{ends_soon, has_expired},
};
use crate::{
    api::{
        condition::{Condition, ConditionStatus},
        exception::ReadinessExceptionStatus,
        hundredths::Hundredths,
    },
    object::exception::ReadinessException,
};

/// How many workloads are named.
const NAMED: usize = 20;

/// What the status should say, from what the exception does for each workload that fits, by kind and name. `now`
/// stamps conditions that change.
pub fn status(
    exception: &ReadinessException,
    effects: &[(String, Effect)],
    now: Timestamp,
) -> ReadinessExceptionStatus {
    let findings: u32 = effects.iter().map(|(_, effect)| effect.findings).sum();
    let points = effects.iter().map(|(_, effect)| effect.points).sum();
    let names = effects.iter().map(|(name, _)| name.clone());
    let in_force = effects
        .iter()
        .any(|(_, effect)| effect.standing.is_in_force());
    let told = [
        in_force_condition(exception, effects, now),
        matches_condition(effects.len(), findings),
        ends_soon_condition(exception, now),
    ];
    ReadinessExceptionStatus {
        conditions: told
            .into_iter()
            .map(|told| condition(exception, told, now))
            .collect(),
        observed_generation: exception.metadata.generation,
        in_force,
        workloads: names.take(NAMED).collect(),
        workload_count: i32::try_from(effects.len()).unwrap_or(i32::MAX),
        findings: i32::try_from(findings).unwrap_or(i32::MAX),
        points_forgiven: Hundredths(points),
    }
}

/// Type, status, reason and message of a condition.
type Told = (&'static str, bool, &'static str, String);

fn in_force_condition(
    exception: &ReadinessException,
    effects: &[(String, Effect)],
    now: Timestamp,
) -> Told {
    let best = effects
        .iter()
        .map(|(_, effect)| effect.standing)
        .max_by_key(|standing| standing.is_in_force());
    let kind = "InForce";
    match best {
        Some(standing) => {
            let (reason, why) = (standing.reason(), standing.to_string());
            (kind, standing.is_in_force(), reason, why)
        }
        None if has_expired(exception, now) => {
            (kind, false, "Expired", "it has expired".to_owned())
        }
        None => (
            kind,
            false,
            "NoWorkload",
            "it fits no workload that a policy governs".to_owned(),
        ),
    }
}

fn matches_condition(workloads: usize, findings: u32) -> Told {
    let kind = "Matches";
    match (workloads, findings) {
        (0, _) => (
            kind,
            false,
            "NoWorkload",
            "no workload of this namespace that a policy governs fits: check names and labels"
                .to_owned(),
        ),
        (_, 0) => (
            kind,
            false,
            "NoFinding",
            "no finding fits: it can be deleted, or names the wrong checks or containers"
                .to_owned(),
        ),
        (workloads, findings) => (
            kind,
            true,
            "Findings",
            format!("findings: {findings}, workloads: {workloads}"),
        ),
    }
}

fn ends_soon_condition(exception: &ReadinessException, now: Timestamp) -> Told {
    let end = exception.spec.expiration_time;
    if ends_soon(exception, now) {
        let message = format!("it ends at {end}: mend what it forgives, or ask anew");
        ("EndsSoon", true, "Within14Days", message)
    } else {
        ("EndsSoon", false, "NotNow", format!("its end is {end}"))
    }
}

fn condition(
    exception: &ReadinessException,
    (type_, holds, reason, message): Told,
    now: Timestamp,
) -> Condition {
    let status = if holds {
        ConditionStatus::True
    } else {
        ConditionStatus::False
    };
    let before = exception
        .status
        .iter()
        .flat_map(|old| old.conditions.iter());
    let since = before
        .filter(|before| before.type_ == type_ && before.status == status)
        .map(|before| before.last_transition_time.clone())
        .next();
    // The API server stores whole seconds; with more, a status would never equal what is stored.
    let whole = Timestamp::from_second(now.as_second()).unwrap_or(now);
    Condition {
        type_: type_.to_owned(),
        status,
        observed_generation: exception.metadata.generation,
        last_transition_time: since.unwrap_or(Time(whole)),
        reason: reason.to_owned(),
        message,
    }
}
