//! What the status of a policy says: the counts over all workloads that it governs.

use std::collections::BTreeMap;

use jiff::Timestamp;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use prodready_engine::{
    api::{
        category_score::CategoryScore,
        condition::{Condition, ConditionStatus},
        hundredths::Hundredths,
        policy_status::{
            ProductionReadinessPolicyStatus, ProtectedNamespace, VerdictCounts, WorkloadScore,
        },
        vocabulary::{Category, Mode, Verdict},
    },
    score::{CATEGORY_MAX, SCORING_VERSION},
};

use super::{
    arming::Armed,
    hazards,
    policies::Entry,
    reachability,
    rescore::{Standing, Standings, Subject},
};
use crate::{rights::Right, webhook::probe::Outcome};

/// How many of the worst workloads are named.
const WORST: usize = 20;

/// How many protected namespaces are named.
const PROTECTED: usize = 100;

/// How many missing rights a condition spells out.
const RIGHTS: usize = 10;

/// What a status says beside the policy and its workloads.
#[derive(Clone, Copy)]
pub(super) struct Beside<'a> {
    pub(super) armed: Armed,
    /// The same of what is filled in.
    pub(super) fills_in: Armed,
    /// What the probe came to last.
    pub(super) probed: Option<&'a Outcome>,
    /// The rights that are missing.
    pub(super) missing: Option<&'a [Right]>,
    pub(super) known: hazards::Known<'a>,
    /// It stamps conditions that change.
    pub(super) now: Timestamp,
}

/// What the status should say, or nothing where it says so already.
pub(super) fn changed(
    name: &str,
    entry: &Entry,
    standings: &Standings,
    beside: Beside<'_>,
) -> Option<ProductionReadinessPolicyStatus> {
    let governed: Vec<(&str, &Standing)> = standings.of_policy(name).collect();
    let old = entry.written.status.as_ref();
    let forgiven = governed.iter().map(|(_, standing)| standing.forgiven).sum();
    let wanted = ProductionReadinessPolicyStatus {
        conditions: conditions(entry, old, standings, beside),
        observed_generation: entry.written.metadata.generation,
        scoring_version: Some(SCORING_VERSION.to_owned()),
        score: mean(governed.iter().map(|(_, standing)| standing.score)),
        lowest_score: governed
            .iter()
            .filter_map(|(_, standing)| standing.score)
            .min()
            .map(i32::from),
        verdict: governed.iter().map(|(_, standing)| standing.verdict).min(),
        ready: ready(&governed),
        workloads: count(governed.len()),
        verdicts: verdicts(&governed),
        categories: categories(&governed),
        worst: worst(&governed),
        would_deny: count(
            governed
                .iter()
                .filter(|(_, standing)| standing.would_deny)
                .count(),
        ),
        forgiven: count(forgiven),
        score_without_exceptions: (forgiven > 0)
            .then(|| mean(governed.iter().map(|(_, standing)| standing.score_without)))
            .flatten(),
        protected_namespaces: protected_namespaces(entry, beside.known),
    };
    (old != Some(&wanted)).then_some(wanted)
}

/// What the status should say while it is not known how workloads fare, because a right to read them is missing:
/// what it said before, and that.
pub(super) fn without_rights(
    entry: &Entry,
    missing: &[Right],
    now: Timestamp,
) -> Option<ProductionReadinessPolicyStatus> {
    let old = entry.written.status.as_ref();
    let mut wanted = old.cloned().unwrap_or_default();
    let told = rights_granted(Some(missing));
    let condition = condition(told, entry.written.metadata.generation, old, now);
    wanted
        .conditions
        .retain(|before| before.type_ != condition.type_);
    wanted.conditions.push(condition);
    (old != Some(&wanted)).then_some(wanted)
}

fn protected_namespaces(entry: &Entry, known: hazards::Known<'_>) -> Vec<ProtectedNamespace> {
    let in_force = entry.in_force.iter();
    let asking = in_force.filter(|policy| policy.enforcement.mode != Mode::Audit);
    asking
        .flat_map(|policy| hazards::protected_and_selected(policy, known))
        .take(PROTECTED)
        .map(|(name, why)| ProtectedNamespace {
            name: name.clone(),
            why: why.clone(),
        })
        .collect()
}

fn mean(scores: impl Iterator<Item = Option<u8>>) -> Option<i32> {
    let scores: Vec<i32> = scores.flatten().map(i32::from).collect();
    (!scores.is_empty()).then(|| scores.iter().sum::<i32>() / count(scores.len()))
}

fn ready(governed: &[(&str, &Standing)]) -> String {
    let ready = governed
        .iter()
        .filter(|(_, standing)| standing.verdict.is_ready())
        .count();
    format!("{ready}/{}", governed.len())
}

fn verdicts(governed: &[(&str, &Standing)]) -> VerdictCounts {
    let of = |verdict| {
        count(
            governed
                .iter()
                .filter(|(_, standing)| standing.verdict == verdict)
                .count(),
        )
    };
    VerdictCounts {
        ready: of(Verdict::Ready),
        ready_for_scale: of(Verdict::ReadyForScale),
        not_ready: of(Verdict::NotReady),
        do_not_launch: of(Verdict::DoNotLaunch),
    }
}

/// The mean of each category over the workloads in which it applies.
fn categories(governed: &[(&str, &Standing)]) -> Vec<CategoryScore> {
    let mut sums: BTreeMap<Category, (u64, u64)> = BTreeMap::new();
    for total in governed
        .iter()
        .flat_map(|(_, standing)| &standing.categories)
    {
        let (sum, number) = sums.entry(total.category).or_default();
        *sum += u64::from(total.hundredths);
        *number += 1;
    }
    let mean = |(name, (sum, number)): (Category, (u64, u64))| CategoryScore {
        name,
        score: Hundredths(u32::try_from(sum / number).unwrap_or(u32::MAX)),
        max: CATEGORY_MAX,
    };
    sums.into_iter().map(mean).collect()
}

fn worst(governed: &[(&str, &Standing)]) -> Vec<WorkloadScore> {
    let mut ranked: Vec<_> = governed
        .iter()
        .filter(|(_, standing)| !standing.verdict.is_ready())
        .collect();
    ranked.sort_by_key(|(namespace, standing)| {
        (
            standing.verdict,
            standing.score,
            *namespace,
            standing.subject.clone(),
        )
    });
    let row = |(namespace, standing): &&(&str, &Standing)| {
        let Subject::Workload(kind, name) = &standing.subject else {
            return None;
        };
        Some(WorkloadScore {
            namespace: (*namespace).to_owned(),
            kind: kind.to_string(),
            name: name.to_string(),
            score: standing.score.map(i32::from),
            verdict: standing.verdict,
        })
    };
    ranked.iter().filter_map(row).take(WORST).collect()
}

fn conditions(
    entry: &Entry,
    old: Option<&ProductionReadinessPolicyStatus>,
    standings: &Standings,
    beside: Beside<'_>,
) -> Vec<Condition> {
    let in_force = entry.in_force.as_ref();
    let safe = in_force.map(|policy| hazards::safe(policy, beside.known, standings));
    let told = [
        Some(accepted(entry)),
        Some(enforcing(entry, beside.armed)),
        defaulting(entry, beside),
        Some(gate_reachable(beside)),
        Some(rights_granted(beside.missing)),
        safe,
    ];
    let generation = entry.written.metadata.generation;
    told.into_iter()
        .flatten()
        .map(|told| condition(told, generation, old, beside.now))
        .collect()
}

fn condition(
    (type_, status, reason, message): Told,
    observed_generation: Option<i64>,
    old: Option<&ProductionReadinessPolicyStatus>,
    now: Timestamp,
) -> Condition {
    let mut before = old.iter().flat_map(|old| &old.conditions);
    let since = before
        .find(|before| before.type_ == type_ && before.status == status)
        .map(|before| before.last_transition_time.clone());
    Condition {
        type_: type_.to_owned(),
        status,
        observed_generation,
        last_transition_time: since.unwrap_or(Time(whole_seconds(now))),
        reason: reason.to_owned(),
        message,
    }
}

/// Type, status, reason and message of a condition.
pub(super) type Told = (&'static str, ConditionStatus, &'static str, String);

fn accepted(entry: &Entry) -> Told {
    if entry.mistakes.is_empty() {
        (
            "Accepted",
            ConditionStatus::True,
            "Valid",
            "the policy is in force".to_owned(),
        )
    } else {
        let mistakes: Vec<String> = entry.mistakes.iter().map(ToString::to_string).collect();
        let kept = match &entry.in_force {
            Some(policy) if policy.unknown_fields == entry.mistakes => {
                "; such a rule is unknown, and all else of the policy is in force"
            }
            Some(_) => "; its last good form stays in force",
            None => "",
        };
        (
            "Accepted",
            ConditionStatus::False,
            "Invalid",
            format!("{}{kept}", mistakes.join("; ")),
        )
    }
}

fn enforcing(entry: &Entry, armed: Armed) -> Told {
    let mode = entry
        .in_force
        .as_ref()
        .map_or(Mode::Audit, |policy| policy.enforcement.mode);
    let (status, reason, message) = match mode {
        Mode::Enforce | Mode::Warn if armed == Armed::Removed => (
            ConditionStatus::False,
            "GateRemoved",
            "somebody deleted the gate's configuration; `prodready gate on` brings it back",
        ),
        Mode::Enforce => (
            ConditionStatus::True,
            "Enforce",
            "what falls short is denied",
        ),
        Mode::Warn => (
            ConditionStatus::False,
            "Warn",
            "what falls short is warned about",
        ),
        Mode::Audit => (
            ConditionStatus::False,
            "Audit",
            "what falls short is reported only",
        ),
    };
    ("Enforcing", status, reason, message.to_owned())
}

/// Said only of policies that have something filled in.
fn defaulting(entry: &Entry, beside: Beside<'_>) -> Option<Told> {
    let policy = entry.in_force.as_ref()?;
    let checks: Vec<&str> = policy.defaults.iter().map(|check| check.id).collect();
    if checks.is_empty() {
        return None;
    }
    let (status, reason, message) = match policy.enforcement.mode_at(beside.now) {
        Mode::Audit => (
            ConditionStatus::False,
            "Audit",
            "nothing is filled in, for in mode Audit the gate is not asked".to_owned(),
        ),
        Mode::Warn | Mode::Enforce if beside.fills_in == Armed::Removed => (
            ConditionStatus::False,
            "ConfigurationRemoved",
            "somebody deleted the MutatingWebhookConfiguration; `prodready gate on` brings it back"
                .to_owned(),
        ),
        Mode::Warn | Mode::Enforce => (
            ConditionStatus::True,
            "FillsIn",
            format!("what is left out is filled in: {}", checks.join(", ")),
        ),
    };
    Some(("Defaulting", status, reason, message))
}

fn gate_reachable(beside: Beside<'_>) -> Told {
    let unknown = || ("NotProbed", "the gate was not probed yet".to_owned());
    let (reason, message) = beside.probed.map_or_else(unknown, reachability::told);
    let status = match beside.probed {
        _ if beside.armed == Armed::Removed => {
            let told =
                "somebody deleted the gate's configuration; `prodready gate on` brings it back";
            let status = ConditionStatus::False;
            return ("GateReachable", status, "GateRemoved", told.to_owned());
        }
        Some(Outcome::Answered { .. }) => ConditionStatus::True,
        Some(Outcome::NotAsked | Outcome::Failed { .. }) => ConditionStatus::False,
        None | Some(Outcome::Forbidden(_) | Outcome::Unknown(_)) => ConditionStatus::Unknown,
    };
    ("GateReachable", status, reason, message)
}

fn rights_granted(missing: Option<&[Right]>) -> Told {
    let (status, reason, message) = match missing {
        None => (
            ConditionStatus::Unknown,
            "NotAsked",
            "the API server has not said yet which rights the operator has".to_owned(),
        ),
        Some([]) => (
            ConditionStatus::True,
            "Granted",
            "the operator has every right that it needs".to_owned(),
        ),
        Some(missing) => (ConditionStatus::False, "Missing", listed(missing)),
    };
    ("RightsGranted", status, reason, message)
}

fn listed(missing: &[Right]) -> String {
    let shown: Vec<String> = missing
        .iter()
        .take(RIGHTS)
        .map(ToString::to_string)
        .collect();
    let more = match missing.len() - shown.len() {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    format!(
        "the operator may not: {}{more}; the chart's ClusterRole and Role have these rights",
        shown.join(", ")
    )
}

/// The API server stores whole seconds; with more, a status would never equal what is stored.
fn whole_seconds(now: Timestamp) -> Timestamp {
    Timestamp::from_second(now.as_second()).unwrap_or(now)
}

fn count(number: usize) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}
