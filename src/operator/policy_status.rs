//! What the status of a policy says: the counts over all workloads that it governs.

use std::collections::BTreeMap;

use jiff::Timestamp;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use prodready_engine::{
    api::{
        category_score::CategoryScore,
        condition::{Condition, ConditionStatus},
        hundredths::Hundredths,
        policy_status::{ProductionReadinessPolicyStatus, VerdictCounts, WorkloadScore},
        vocabulary::{Category, Mode, Verdict},
    },
    score::{CATEGORY_MAX, SCORING_VERSION},
};

use super::{
    arming::Armed,
    policies::Entry,
    rescore::{Standing, Standings, Subject},
};

/// How many of the worst workloads are named.
const WORST: usize = 20;

/// What the status should say, or nothing where it says so already. `now` stamps conditions that change.
pub(super) fn changed(
    name: &str,
    entry: &Entry,
    standings: &Standings,
    armed: Armed,
    now: Timestamp,
) -> Option<ProductionReadinessPolicyStatus> {
    let governed: Vec<(&str, &Standing)> = standings.of_policy(name).collect();
    let old = entry.written.status.as_ref();
    let forgiven = governed.iter().map(|(_, standing)| standing.forgiven).sum();
    let wanted = ProductionReadinessPolicyStatus {
        conditions: conditions(entry, old, armed, now),
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
    };
    (old != Some(&wanted)).then_some(wanted)
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
    armed: Armed,
    now: Timestamp,
) -> Vec<Condition> {
    let generation = entry.written.metadata.generation;
    let told = [accepted(entry), enforcing(entry, armed)];
    told.into_iter()
        .map(|(type_, status, reason, message)| {
            let before = old.and_then(|old| {
                old.conditions
                    .iter()
                    .find(|condition| condition.type_ == type_)
            });
            let since = before
                .filter(|before| before.status == status)
                .map(|before| before.last_transition_time.clone());
            Condition {
                type_: type_.to_owned(),
                status,
                observed_generation: generation,
                last_transition_time: since.unwrap_or(Time(whole_seconds(now))),
                reason: reason.to_owned(),
                message,
            }
        })
        .collect()
}

/// Type, status, reason and message of a condition.
type Told = (&'static str, ConditionStatus, &'static str, String);

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
        let kept = if entry.in_force.is_some() {
            "; its last good form stays in force"
        } else {
            ""
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

/// The API server stores whole seconds; with more, a status would never equal what is stored.
fn whole_seconds(now: Timestamp) -> Timestamp {
    Timestamp::from_second(now.as_second()).unwrap_or(now)
}

fn count(number: usize) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}
