//! What the status of an exception says.

use std::collections::{BTreeMap, BTreeSet};

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

/// What one exception does for each subject that fits, by kind and name.
pub type Effects<'a> = Vec<(String, &'a Effect)>;

/// What each exception does, by its namespace and name. `effects` are those in each subject, which is given by its namespace and
/// by kind and name.
pub fn by_exception<'a>(
    effects: impl IntoIterator<Item = (&'a str, String, &'a [Effect])>,
) -> BTreeMap<(&'a str, &'a str), Effects<'a>> {
    let mut by_exception: BTreeMap<_, Effects<'a>> = BTreeMap::new();
    for (namespace, subject, effects) in effects {
        for effect in effects {
            let own = by_exception
                .entry((namespace, effect.exception.as_ref()))
                .or_default();
            own.push((subject.clone(), effect));
        }
    }
    by_exception
}

/// What the status should say, from what the exception does for each workload that fits, by kind and name. `now`
/// stamps conditions that change.
pub fn status(
    exception: &ReadinessException,
    effects: &[(String, &Effect)],
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
        checks_known_condition(effects),
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
type Told = (&'static str, ConditionStatus, &'static str, String);

fn in_force_condition(
    exception: &ReadinessException,
    effects: &[(String, &Effect)],
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
            (kind, truth(standing.is_in_force()), reason, why)
        }
        None if has_expired(exception, now) => {
            let why = "it has expired".to_owned();
            (kind, ConditionStatus::False, "Expired", why)
        }
        None => (
            kind,
            ConditionStatus::False,
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
            ConditionStatus::False,
            "NoWorkload",
            "no workload of this namespace that a policy governs fits: check names and labels"
                .to_owned(),
        ),
        (_, 0) => (
            kind,
            ConditionStatus::False,
            "NoFinding",
            "no finding fits: it can be deleted, or names the wrong checks or containers"
                .to_owned(),
        ),
        (workloads, findings) => (
            kind,
            ConditionStatus::True,
            "Findings",
            format!("findings: {findings}, workloads: {workloads}"),
        ),
    }
}

/// The schema sees to the checks' ids; which rules there are only a policy knows. One that has it is enough.
fn checks_known_condition(effects: &[(String, &Effect)]) -> Told {
    let kind = "ChecksKnown";
    let unknown = effects
        .iter()
        .map(|(_, effect)| effect.unknown.iter().collect::<BTreeSet<_>>())
        .reduce(|unknown, more| &unknown & &more);
    match unknown {
        None => (
            kind,
            ConditionStatus::Unknown,
            "NoWorkload",
            "no policy governs a workload that fits, so that it is not known which rules there are"
                .to_owned(),
        ),
        Some(unknown) if unknown.is_empty() => (
            kind,
            ConditionStatus::True,
            "Known",
            "every name is a check or a rule of the policy that governs".to_owned(),
        ),
        Some(unknown) => {
            let names: Vec<&str> = unknown.into_iter().map(String::as_str).collect();
            let message = format!(
                "neither a check nor a rule of the policy that governs: {}",
                names.join(", ")
            );
            (kind, ConditionStatus::False, "UnknownRule", message)
        }
    }
}

fn ends_soon_condition(exception: &ReadinessException, now: Timestamp) -> Told {
    let end = exception.spec.expiration_time;
    if ends_soon(exception, now) {
        let message = format!("it ends at {end}: mend what it forgives, or ask anew");
        ("EndsSoon", ConditionStatus::True, "Within14Days", message)
    } else {
        let message = format!("its end is {end}");
        ("EndsSoon", ConditionStatus::False, "NotNow", message)
    }
}

fn condition(
    exception: &ReadinessException,
    (type_, status, reason, message): Told,
    now: Timestamp,
) -> Condition {
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

fn truth(holds: bool) -> ConditionStatus {
    if holds {
        ConditionStatus::True
    } else {
        ConditionStatus::False
    }
}
