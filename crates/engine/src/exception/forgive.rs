//! Takes what exceptions forgive out of a judgement.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use jiff::Timestamp;

use super::{
    paid::paid,
    scope::{fits, selects},
    term::{Standing, ends_soon, last_moment, standing},
};
use crate::{
    api::vocabulary::Severity,
    checks,
    judge::{self, CheckResult, Finding, Judgement},
    object::exception::ReadinessException,
    policy::Policy,
    question::Question,
    score::score,
    subject::Subject,
    surroundings::Surroundings,
};

/// What exceptions do for one workload, or for a namespace.
#[derive(Clone, Debug, Default)]
pub struct Excepted {
    /// What each exception does that is for it.
    pub effects: Vec<Effect>,
    /// The findings that are forgiven; they are in no outcome.
    pub forgiven: Vec<Forgiven>,
    /// What the score would be if nothing were forgiven; none where there is no exception, or no score.
    pub score_without: Option<u8>,
}

/// What an exception does for one workload, or for a namespace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Effect {
    /// The exception's name.
    pub exception: Arc<str>,
    /// Whether it counts here.
    pub standing: Standing,
    /// How many findings fit.
    pub findings: u32,
    /// What those that it forgives would cost, in hundredths of a point.
    pub points: u32,
    /// Of a baseline the checks that it names and that fail no more here; nothing for other exceptions.
    pub paid: Box<[String]>,
    /// The rules that it names and that the policy does not have.
    pub unknown: Box<[String]>,
}

/// A finding that an exception forgives.
#[derive(Clone, Debug)]
pub struct Forgiven {
    /// The exception's name.
    pub exception: Arc<str>,
    /// From this moment on it is forgiven no more.
    pub expiration_time: Timestamp,
    /// Whether that moment is near.
    pub ends_soon: bool,
    /// The check or rule that failed.
    pub question: Question,
    /// What is wrong.
    pub finding: Finding,
    /// What it would cost, in hundredths of a point.
    pub points: u32,
    /// Whether it was there before the policy, as somebody with the right to do so said.
    pub is_of_before: bool,
}

impl Excepted {
    /// What all that is forgiven would cost, in hundredths of a point.
    pub fn points(&self) -> u32 {
        self.forgiven.iter().map(|forgiven| forgiven.points).sum()
    }
}

/// Judges a workload or a namespace by a policy at a moment, with the exceptions that stand around it.
pub fn judge<'a>(
    subject: impl Into<Subject<'a>>,
    surroundings: Surroundings<'a>,
    policy: &'a Policy,
    now: Timestamp,
) -> Judgement {
    judge_at(subject.into(), surroundings, policy, |_| Some(now))
}

/// The same as if there were no baseline: with what a baseline keeps among the findings.
pub fn judge_without_baseline<'a>(
    subject: impl Into<Subject<'a>>,
    surroundings: Surroundings<'a>,
    policy: &'a Policy,
    now: Timestamp,
) -> Judgement {
    judge_at(subject.into(), surroundings, policy, |exception| {
        (!exception.is_baseline()).then_some(now)
    })
}

/// Judges an object as it was before a change, with exceptions that have expired since: what one of them let in was
/// never allowed to stay, so that it is no fault of before. What a baseline keeps was there before the policy.
pub fn judge_before<'a>(
    subject: impl Into<Subject<'a>>,
    surroundings: Surroundings<'a>,
    policy: &'a Policy,
    now: Timestamp,
) -> Judgement {
    judge_at(subject.into(), surroundings, policy, |exception| {
        if exception.is_approved_baseline() {
            Some(now)
        } else {
            Some(now.min(last_moment(exception)))
        }
    })
}

/// Judges with the exceptions that have a moment to stand at, each at its own.
fn judge_at<'a>(
    subject: Subject<'a>,
    surroundings: Surroundings<'a>,
    policy: &'a Policy,
    moment: impl Fn(&ReadinessException) -> Option<Timestamp>,
) -> Judgement {
    let judgement = judge::judge(subject, surroundings, policy);
    honour_at(judgement, subject, surroundings, policy, moment)
}

/// Takes what the exceptions around a subject forgive at a moment out of the judgement on it.
pub fn honour<'a>(
    judgement: Judgement,
    subject: impl Into<Subject<'a>>,
    surroundings: Surroundings<'a>,
    policy: &Policy,
    now: Timestamp,
) -> Judgement {
    honour_at(judgement, subject.into(), surroundings, policy, |_| {
        Some(now)
    })
}

/// The same with the exceptions that have a moment to stand at, each at its own.
fn honour_at(
    judgement: Judgement,
    subject: Subject<'_>,
    surroundings: Surroundings<'_>,
    policy: &Policy,
    moment: impl Fn(&ReadinessException) -> Option<Timestamp>,
) -> Judgement {
    let mut own: Vec<Dated<'_>> = surroundings
        .each::<ReadinessException>()
        .filter(|exception| selects(exception, subject))
        .filter_map(|exception| Some((exception, moment(exception)?)))
        .collect();
    if own.is_empty() {
        return judgement;
    }
    // Where several forgive one finding, the one that ends last has it: nobody is warned of an end without effect.
    own.sort_by_key(|(exception, _)| Reverse(exception.spec.expiration_time));
    forgive(judgement, subject, &own, policy)
}

/// An exception, and the moment at which it is looked at.
type Dated<'a> = (&'a ReadinessException, Timestamp);

fn forgive(
    mut judgement: Judgement,
    subject: Subject<'_>,
    exceptions: &[Dated<'_>],
    policy: &Policy,
) -> Judgement {
    let scored = score(&judgement, policy.thresholds);
    let mut by = vec![None; scored.costs.len()];
    let mut effects = Vec::with_capacity(exceptions.len());
    for (exception, moment) in exceptions {
        let gravest = gravest(exception, policy);
        let standing = standing(exception, policy.exceptions, gravest, *moment);
        let fitting: Vec<usize> = judgement
            .findings()
            .enumerate()
            .filter(|(_, (question, finding))| {
                fits(&exception.spec, subject, question.id(), finding)
            })
            .filter(|(_, (_, finding))| standing.reaches(finding.severity, policy.exceptions))
            .map(|(index, _)| index)
            .collect();
        let mut points = 0;
        if standing.is_in_force() {
            for index in &fitting {
                if by[*index].is_none() {
                    by[*index] = Some((*exception, *moment));
                    points += scored.costs[*index];
                }
            }
        }
        effects.push(Effect {
            exception: exception.metadata.name.as_str().into(),
            standing,
            findings: u32::try_from(fitting.len()).unwrap_or(u32::MAX),
            points,
            paid: paid(exception, subject, &judgement),
            unknown: unknown_rules(exception, policy),
        });
    }
    let forgiven = take_out(&mut judgement, &by, &scored.costs);
    judgement.exceptions = Excepted {
        effects,
        forgiven,
        score_without: scored.total,
    };
    judgement
}

/// The gravest severity, as the policy has it, of the checks and rules that an exception names.
fn gravest(exception: &ReadinessException, policy: &Policy) -> Severity {
    let named = |id: &str| exception.spec.checks.iter().any(|name| name == id);
    let checks = policy
        .settings
        .iter()
        .filter(|setting| named(setting.check.id))
        .map(|setting| setting.severity.unwrap_or(setting.check.severity));
    let rules = policy.rules.iter().filter(|rule| named(&rule.id));
    checks
        .chain(rules.map(|rule| rule.severity))
        .max()
        .unwrap_or(Severity::Low)
}

/// The names that are neither a check of the catalogue, as the schema sees to, nor a rule of the policy.
fn unknown_rules(exception: &ReadinessException, policy: &Policy) -> Box<[String]> {
    let is_known = |id: &str| {
        policy.narrowed
            || checks::find(id).is_some()
            || policy.rules.iter().any(|rule| rule.id.as_ref() == id)
    };
    let named = exception.spec.checks.iter();
    named.filter(|id| !is_known(id)).cloned().collect()
}

/// Moves the findings that somebody forgives out of the outcomes, and returns them. `by` and `costs` are in the
/// order of the findings.
fn take_out(judgement: &mut Judgement, by: &[Option<Dated<'_>>], costs: &[u32]) -> Vec<Forgiven> {
    let mut forgivers = by.iter().zip(costs);
    let mut forgiven = Vec::new();
    for outcome in &mut judgement.outcomes {
        let CheckResult::Failed {
            findings,
            passed,
            asked,
            ..
        } = &mut outcome.result
        else {
            continue;
        };
        let (mut left, mut gone) = (Vec::new(), Vec::new());
        for finding in std::mem::take(findings) {
            match forgivers.next() {
                Some((Some((exception, moment)), points)) => gone.push(Forgiven {
                    exception: exception.metadata.name.as_str().into(),
                    expiration_time: exception.spec.expiration_time,
                    ends_soon: ends_soon(exception, *moment),
                    question: outcome.question.clone(),
                    finding,
                    points: *points,
                    is_of_before: exception.is_approved_baseline(),
                }),
                _ => left.push(finding),
            }
        }
        if !gone.is_empty() {
            *asked -= parts_forgiven(&gone, &left, *asked - *passed);
        }
        forgiven.extend(gone);
        if !left.is_empty() {
            *findings = left;
        } else if *passed > 0 {
            outcome.result = CheckResult::Passed;
        } else {
            outcome.result = CheckResult::Forgiven;
        }
    }
    forgiven
}

/// Of the parts of a check that failed, how many are forgiven: the containers about which nothing is left to say. A
/// check that asks about the whole is forgiven as a whole or not at all.
fn parts_forgiven(gone: &[Forgiven], left: &[Finding], failed: u32) -> u32 {
    if left.is_empty() {
        return failed;
    }
    let mut still: BTreeMap<Option<&str>, bool> = BTreeMap::new();
    for forgiven in gone {
        still.insert(forgiven.finding.fault.container.as_deref(), false);
    }
    let remaining: BTreeSet<_> = left
        .iter()
        .map(|finding| finding.fault.container.as_deref())
        .collect();
    for container in remaining {
        still.insert(container, true);
    }
    if u32::try_from(still.len()) != Ok(failed) {
        return 0;
    }
    let forgiven = still.values().filter(|is_left| !**is_left).count();
    u32::try_from(forgiven).unwrap_or(0)
}
