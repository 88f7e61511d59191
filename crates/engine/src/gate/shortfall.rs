//! What a policy does not allow, and what becomes of it at this moment.

use jiff::Timestamp;

use super::{Case, ratchet::Past};
use crate::{
    judge::{Finding, Judgement},
    policy::{Policy, Ratchet},
    question::Question,
    score::Scored,
};

/// A finding with its check or rule.
pub(super) type Found<'a> = (&'a Question, &'a Finding);

/// What a policy does not allow.
#[derive(Debug, Default)]
pub(super) struct Shortfall<'a> {
    /// Findings, the gravest first.
    pub(super) findings: Vec<Found<'a>>,
    /// The least score, where the score is below it.
    pub(super) below: Option<u8>,
    score: Option<u8>,
}

impl<'a> Shortfall<'a> {
    pub(super) fn find(judgement: &'a Judgement, scored: &Scored, policy: &Policy) -> Self {
        let mut findings: Vec<_> = Self::findings(judgement, policy).collect();
        findings.sort_by_key(|(_, finding)| std::cmp::Reverse(finding.severity));
        let below = policy
            .enforcement
            .minimum_score
            .filter(|minimum| scored.total.is_some_and(|total| total < *minimum));
        Self {
            findings,
            below,
            score: scored.total,
        }
    }

    /// The findings that a policy does not allow.
    pub(super) fn findings(
        judgement: &'a Judgement,
        policy: &Policy,
    ) -> impl Iterator<Item = Found<'a>> {
        let findings = judgement.findings();
        findings.filter(|(question, finding)| policy.forbids(question, finding.severity))
    }

    pub(super) fn is_empty(&self) -> bool {
        self.findings.is_empty() && self.below.is_none()
    }
}

/// What a policy does not allow, by what becomes of it under `Enforce`.
#[derive(Debug)]
pub(super) struct Sorted<'a> {
    /// What denies.
    pub(super) denies: Shortfall<'a>,
    /// What will deny from a date on.
    pub(super) later: Vec<(Timestamp, Found<'a>)>,
    /// What the object had before, and may keep.
    pub(super) old: Shortfall<'a>,
    /// Until when it may keep that, where there is a date.
    pub(super) old_until: Option<Timestamp>,
}

impl<'a> Sorted<'a> {
    pub(super) fn new(case: &Case<'_>, short: Shortfall<'a>, mut past: Option<Past>) -> Self {
        let policy = case.policy;
        let mut sorted = Self {
            denies: Shortfall::default(),
            later: Vec::new(),
            old: Shortfall::default(),
            old_until: match policy.enforcement.ratchet {
                Ratchet::Until(end) => Some(end),
                Ratchet::Off | Ratchet::On => None,
            },
        };
        if past
            .as_ref()
            .is_some_and(|past| past.scored_at_most(short.score))
        {
            sorted.old.below = short.below;
        } else {
            sorted.denies.below = short.below;
        }
        let document = past.is_some().then(|| case.workload.document());
        let mut had = |(question, finding): Found<'a>| {
            past.as_mut()
                .zip(document.as_ref())
                .is_some_and(|(past, document)| past.had(question, finding, document))
        };
        for found in short.findings {
            if had(found) {
                sorted.old.findings.push(found);
            } else if let Some(from) = later(policy, found.0, case.now) {
                sorted.later.push((from, found));
            } else {
                sorted.denies.findings.push(found);
            }
        }
        sorted
    }
}

/// The date from which a question's findings deny, where it has not come yet.
fn later(policy: &Policy, question: &Question, now: Timestamp) -> Option<Timestamp> {
    policy.enforced_from(question).filter(|from| now < *from)
}
