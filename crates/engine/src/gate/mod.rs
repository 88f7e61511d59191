//! What the gate answers to an object that is about to be stored.

mod denial;
mod ratchet;
#[cfg(test)]
mod tests;

pub use denial::{Cause, Denial};
pub(crate) use denial::{remedy, sentence};

use crate::{
    api::vocabulary::Mode,
    check::Check,
    judge::{CheckResult, Finding, Judgement, judge},
    object::Workload,
    policy::Policy,
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
    /// The count, with the checks that may speak at admission.
    pub scored: Scored,
    /// How many findings there are, those that do not deny included.
    pub findings: usize,
}

/// Decides about a workload that is created, or changed from what `old` gives, which is asked only where
/// something denies. A change is denied only for what it makes worse; the rest is warned about.
pub fn decide(
    workload: &Workload,
    old: impl FnOnce() -> Option<Workload>,
    surroundings: Surroundings<'_>,
    policy: &Policy,
    reach: Reach,
) -> Decided {
    let judgement = at_admission(judge(workload, surroundings, policy), policy);
    let scored = score(&judgement, policy.thresholds);
    let denying = Denying::find(&judgement, &scored, policy);
    let denies = policy.enforcement.mode == Mode::Enforce && reach == Reach::Policy;
    let old = if denies && !denying.is_empty() {
        old()
    } else {
        None
    };
    let Some(old) = old else {
        return decided(workload, policy, reach, &judgement, scored, &denying);
    };
    let before = at_admission(judge(&old, surroundings, policy), policy);
    let (worse, kept) = denying.split(&before, &scored, policy);
    if worse.is_empty() {
        return Decided {
            decision: Decision::Allowed {
                warnings: denial::kept(workload, policy, &scored, &kept),
            },
            scored,
            findings: judgement.findings().count(),
        };
    }
    decided(workload, policy, reach, &judgement, scored, &worse)
}

/// Whether the workload would be denied if its policy were enforced now.
pub fn would_deny(judgement: &Judgement, policy: &Policy) -> bool {
    let judgement = at_admission(judgement.clone(), policy);
    let scored = score(&judgement, policy.thresholds);
    !Denying::find(&judgement, &scored, policy).is_empty()
}

/// Decides about a change of the number of replicas alone. `workload` is the parent as it is stored;
/// only what the change itself brings about may deny.
pub fn decide_scale(
    workload: &Workload,
    replicas: i64,
    surroundings: Surroundings<'_>,
    policy: &Policy,
) -> Decided {
    let mut scaled = workload.clone();
    scaled.spec.replicas = Some(replicas);
    let before = at_admission(judge(workload, surroundings, policy), policy);
    let after = at_admission(judge(&scaled, surroundings, policy), policy);
    let scored = score(&after, policy.thresholds);
    let denying = Denying::find(&after, &scored, policy);
    let (denying, _) = denying.split(&before, &scored, policy);
    decided(&scaled, policy, Reach::Policy, &after, scored, &denying)
}

fn decided(
    workload: &Workload,
    policy: &Policy,
    reach: Reach,
    judgement: &Judgement,
    scored: Scored,
    denying: &Denying<'_>,
) -> Decided {
    let findings = judgement.findings().count();
    let decision = match (policy.enforcement.mode, reach) {
        _ if denying.is_empty() => Decision::Allowed {
            warnings: Vec::new(),
        },
        (Mode::Audit, _) => Decision::Allowed {
            warnings: Vec::new(),
        },
        (Mode::Warn, _) | (Mode::Enforce, Reach::WarnAtMost) => Decision::Allowed {
            warnings: denial::warnings(workload, policy, &scored, denying),
        },
        (Mode::Enforce, Reach::Policy) => {
            Decision::Denied(Box::new(Denial::new(workload, policy, &scored, denying)))
        }
    };
    Decided {
        decision,
        scored,
        findings,
    }
}

/// What denies: findings, and a score that is too low.
struct Denying<'a> {
    findings: Vec<(&'static Check, &'a Finding)>,
    below: Option<u8>,
}

impl<'a> Denying<'a> {
    fn find(judgement: &'a Judgement, scored: &Scored, policy: &Policy) -> Self {
        let enforcement = &policy.enforcement;
        let denies = |check: &Check, finding: &Finding| {
            enforcement.deny_checks.contains(&check.id)
                || enforcement.deny_severities.contains(&finding.severity)
        };
        let mut findings: Vec<_> = judgement
            .findings()
            .filter(|(check, finding)| denies(check, finding))
            .collect();
        findings.sort_by_key(|(_, finding)| std::cmp::Reverse(finding.severity));
        let below = enforcement
            .minimum_score
            .filter(|minimum| scored.total.is_some_and(|total| total < *minimum));
        Self { findings, below }
    }

    /// What is worse than before, and what was so already.
    fn split<'b>(self, before: &'b Judgement, scored: &Scored, policy: &Policy) -> (Self, Self)
    where
        'a: 'b,
    {
        let was_better = score(before, policy.thresholds).total > scored.total;
        let mut had = ratchet::Before::of(before);
        let (old, new) = self
            .findings
            .into_iter()
            .partition(|(check, finding)| had.had(check, finding));
        let worse = Self {
            findings: new,
            below: self.below.filter(|_| was_better),
        };
        let kept = Self {
            findings: old,
            below: self.below.filter(|_| !was_better),
        };
        (worse, kept)
    }

    fn is_empty(&self) -> bool {
        self.findings.is_empty() && self.below.is_none()
    }
}

/// The judgement without the checks whose answer lies in the surroundings: what they miss may be applied
/// a moment later. A policy that lists such a check wants it all the same.
fn at_admission(judgement: Judgement, policy: &Policy) -> Judgement {
    let speaks = |check: &Check| {
        !check.needs_surroundings() || policy.enforcement.deny_checks.contains(&check.id)
    };
    let outcomes = judgement
        .outcomes
        .into_iter()
        .filter(|outcome| {
            speaks(outcome.check) || !matches!(outcome.result, CheckResult::Failed { .. })
        })
        .collect();
    Judgement { outcomes }
}
