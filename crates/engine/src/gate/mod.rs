//! What the gate answers to an object that is about to be stored.

mod defaults;
mod denial;
mod exceptions;
mod ratchet;
mod shortfall;

use std::cell::{Cell, OnceCell};

use jiff::Timestamp;

pub use defaults::{Added, Filled, MARK, fill_in, fills_in, made_now, objections_if_made};
pub use denial::{Cause, Denial, SPELT_OUT};
pub(crate) use denial::{remedy, sentence};
use ratchet::Past;
use shortfall::{Shortfall, Sorted};

use crate::{
    api::vocabulary::Mode,
    exception::{self, Excepted},
    judge::{CheckResult, Judgement, Outcome, judge_by_some},
    object::Workload,
    policy::Policy,
    question::Question,
    score::{Scored, score},
    surroundings::Surroundings,
};

/// How far the gate may go with an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// As far as the policy says.
    Policy,
    /// Warnings at most: the object belongs to an owner of a kind that nobody here knows, and denying
    /// it could keep that owner's controller from repairing something.
    WarnAtMost,
}

/// What is decided about, and by what.
#[derive(Clone, Copy, Debug)]
pub struct Case<'a> {
    /// The object as it is to be stored.
    pub workload: &'a Workload,
    /// What stands around it.
    pub surroundings: Surroundings<'a>,
    /// The policy that governs it.
    pub policy: &'a Policy,
    /// How far the gate may go.
    pub reach: Reach,
    /// The moment of the decision.
    pub now: Timestamp,
}

/// The gate's answer.
#[derive(Clone, Debug, PartialEq)]
pub enum Decision {
    /// The object may be stored; each warning is one line for the person who sent it.
    Allowed {
        /// One line each.
        warnings: Vec<String>,
    },
    /// The object may not be stored.
    Denied(Box<Denial>),
}

/// The answer, and the count behind it for logs and audit annotations.
#[derive(Clone, Debug, PartialEq)]
pub struct Decided {
    /// The answer.
    pub decision: Decision,
    /// The score, where the answer depended on it or names it: faults outside the object cost nothing here.
    pub score: Option<u8>,
    /// How many findings there are, those that do not deny included.
    pub findings: usize,
}

/// Decides about a workload that is created or changed. `old` reads the object as it was before, where it was;
/// it is asked only where the answer depends on it.
pub fn decide(case: &Case<'_>, old: impl FnOnce() -> Option<Workload>) -> Decided {
    let policy = case.policy;
    let read = OnceCell::new();
    let old = once(&read, old);
    let before = policy
        .rules
        .iter()
        .any(|rule| rule.reads_past())
        .then(&old)
        .flatten();
    let speaking = judged(case, before);
    let objects = policy.enforcement.minimum_score.is_some()
        || Shortfall::findings(&speaking, policy).next().is_some();
    if !objects {
        return Decided {
            decision: exceptions::with_ending(allowed(), case, &speaking.exceptions),
            score: None,
            findings: speaking.findings().count(),
        };
    }
    let judgement = with_silent(case, before, speaking);
    let scored = score(&judgement, policy.thresholds);
    let short = Shortfall::find(&judgement, &scored, policy);
    let excepted = &judgement.exceptions;
    let decision = if short.is_empty() {
        allowed()
    } else {
        match (policy.enforcement.mode_at(case.now), case.reach) {
            (Mode::Audit, _) => allowed(),
            (Mode::Warn, _) | (Mode::Enforce, Reach::WarnAtMost) => Decision::Allowed {
                warnings: denial::warnings(case, &scored, &short, excepted),
            },
            (Mode::Enforce, Reach::Policy) => {
                let holds = policy.enforcement.ratchet.holds_at(case.now);
                let past = holds.then(&old).flatten().map(|old| Past::of(old, case));
                enforced(case, &scored, &Sorted::new(case, short, past), excepted)
            }
        }
    };
    Decided {
        decision: exceptions::with_ending(decision, case, excepted),
        findings: judgement.findings().count(),
        score: scored.total,
    }
}

/// Decides about a change of the number of replicas alone. The case is about the parent as it is stored; only
/// what the number itself brings about is spoken of.
pub fn decide_scale(case: &Case<'_>, replicas: i64) -> Decided {
    let parent = case.workload;
    let mut scaled = parent.clone();
    scaled.scale(replicas);
    let past = Past::of_parent(case);
    let case = &Case {
        workload: &scaled,
        ..*case
    };
    let judgement = with_silent(case, Some(parent), judged(case, Some(parent)));
    let scored = score(&judgement, case.policy.thresholds);
    let short = Shortfall::find(&judgement, &scored, case.policy);
    let mut sorted = Sorted::new(case, short, Some(past));
    sorted.old = Shortfall::default();
    let decision = match case.policy.enforcement.mode_at(case.now) {
        Mode::Warn if !sorted.denies.is_empty() => Decision::Allowed {
            warnings: denial::warnings(case, &scored, &sorted.denies, &judgement.exceptions),
        },
        Mode::Audit | Mode::Warn => allowed(),
        Mode::Enforce => enforced(case, &scored, &sorted, &judgement.exceptions),
    };
    Decided {
        decision,
        findings: judgement.findings().count(),
        score: scored.total,
    }
}

/// Why a workload would be denied if it were made now under its policy, enforced.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Objections {
    /// The checks and rules whose findings would deny, the gravest first, each once.
    pub checks: Vec<String>,
    /// The least score, where the score is below it.
    pub below: Option<u8>,
}

impl Objections {
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.checks.is_empty() && self.below.is_none()
    }
}

/// Why the workload would be denied if it were made now under its policy, enforced; its modes, dates and
/// ratchet aside.
pub fn objections(judgement: &Judgement, policy: &Policy) -> Objections {
    let judgement = at_admission(judgement.clone(), policy);
    let scored = score(&judgement, policy.thresholds);
    let short = Shortfall::find(&judgement, &scored, policy);
    let mut checks: Vec<String> = Vec::new();
    for (question, _) in &short.findings {
        if !checks.iter().any(|id| id == question.id()) {
            checks.push(question.id().to_owned());
        }
    }
    Objections {
        checks,
        below: short.below,
    }
}

/// What the checks and rules say that may speak at admission.
fn judged(case: &Case<'_>, before: Option<&Workload>) -> Judgement {
    let speaks = |question: &Question| case.policy.lets_speak(question);
    let around = case.surroundings;
    let judgement = judge_by_some(case.workload, before, around, case.policy, speaks);
    honoured(case, judgement)
}

fn honoured(case: &Case<'_>, judgement: Judgement) -> Judgement {
    let Case {
        workload,
        surroundings,
        policy,
        now,
        ..
    } = *case;
    exception::honour(judgement, workload, surroundings, policy, now)
}

/// Reads the object as it was before no more than once.
fn once<'a>(
    read: &'a OnceCell<Option<Workload>>,
    old: impl FnOnce() -> Option<Workload>,
) -> impl Fn() -> Option<&'a Workload> {
    let old = Cell::new(Some(old));
    move || {
        let workload = read.get_or_init(|| old.take().and_then(|old| old()));
        workload.as_ref()
    }
}

/// With what the other checks pass: it counts in the score, so that nobody is denied for a score that is lower here
/// than in the report. What they miss does not count: it may be applied a moment later.
fn with_silent(case: &Case<'_>, before: Option<&Workload>, mut speaking: Judgement) -> Judgement {
    let silent = |question: &Question| !case.policy.lets_speak(question);
    let around = case.surroundings;
    let silent = judge_by_some(case.workload, before, around, case.policy, silent);
    let silent = honoured(case, silent);
    let is_well = |outcome: &Outcome| !matches!(outcome.result, CheckResult::Failed { .. });
    speaking
        .outcomes
        .extend(silent.outcomes.into_iter().filter(is_well));
    speaking
}

fn enforced(
    case: &Case<'_>,
    scored: &Scored,
    sorted: &Sorted<'_>,
    excepted: &Excepted,
) -> Decision {
    if sorted.denies.is_empty() {
        Decision::Allowed {
            warnings: denial::let_through(case, sorted),
        }
    } else {
        Decision::Denied(Box::new(Denial::new(case, scored, sorted, excepted)))
    }
}

fn allowed() -> Decision {
    Decision::Allowed {
        warnings: Vec::new(),
    }
}

/// The judgement without the faults of checks that may not speak at admission.
fn at_admission(mut judgement: Judgement, policy: &Policy) -> Judgement {
    judgement.outcomes.retain(|outcome| {
        policy.lets_speak(&outcome.question)
            || !matches!(outcome.result, CheckResult::Failed { .. })
    });
    judgement
}
