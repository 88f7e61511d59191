//! What an object had before its change: only what is new or worse may deny.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{Case, at_admission};
use crate::{
    api::vocabulary::Severity,
    exception,
    judge::{Finding, Judgement},
    object::{Pointer, Workload},
    policy::Policy,
    question::Question,
    score::score,
};

/// The faults of an object as it was before a change.
#[derive(Debug)]
pub(super) struct Past {
    /// One fault of before answers for one of now, not for more.
    faults: BTreeMap<Identity, Vec<Extent>>,
    score: Option<u8>,
}

/// What makes two findings one and the same, whatever moved around them: check or rule, container and field, with the
/// names of list items in the place of their numbers.
type Identity = (String, Option<String>, String);

/// How bad a fault is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Extent {
    severity: Severity,
    shortfall: u64,
}

impl Extent {
    fn of(finding: &Finding) -> Self {
        Self {
            severity: finding.severity,
            shortfall: finding.fault.shortfall,
        }
    }

    fn covers(self, other: Self) -> bool {
        self.severity >= other.severity && self.shortfall >= other.shortfall
    }
}

impl Past {
    /// What exceptions forgive, or forgave before they expired, is no fault of before: once one does not fit any more,
    /// or has ended, its finding is new. What an approved baseline keeps is one: it was there before the policy.
    pub(super) fn of(old: &Workload, case: &Case<'_>) -> Self {
        let judgement = exception::judge_before(old, case.surroundings, case.policy, case.now);
        Self::new(old, judgement, case.policy)
    }

    /// The faults of a parent whose number of replicas changes. An exception that has expired changes nothing here:
    /// the number does not bring about what it forgave.
    pub(super) fn of_parent(case: &Case<'_>) -> Self {
        let parent = case.workload;
        let judgement = exception::judge(parent, case.surroundings, case.policy, case.now);
        Self::new(parent, judgement, case.policy)
    }

    fn new(old: &Workload, judgement: Judgement, policy: &Policy) -> Self {
        let judgement = at_admission(judgement, policy);
        let document = old.document();
        let mut faults: BTreeMap<Identity, Vec<Extent>> = BTreeMap::new();
        let excepted = judgement.exceptions.forgiven.iter();
        let of_before = excepted
            .filter(|forgiven| forgiven.is_of_before)
            .map(|forgiven| (&forgiven.question, &forgiven.finding));
        for (question, finding) in judgement.findings().chain(of_before) {
            let identity = identity(question, finding, &document);
            faults
                .entry(identity)
                .or_default()
                .push(Extent::of(finding));
        }
        Self {
            faults,
            score: score(&judgement, policy.thresholds).total,
        }
    }

    /// Whether the object had this fault already, and not less of it.
    pub(super) fn had(&mut self, question: &Question, finding: &Finding, document: &Value) -> bool {
        let Some(faults) = self.faults.get_mut(&identity(question, finding, document)) else {
            return false;
        };
        let now = Extent::of(finding);
        let before = faults.iter().position(|was| was.covers(now));
        before.map(|index| faults.swap_remove(index)).is_some()
    }

    /// Whether the score was this low already.
    pub(super) fn scored_at_most(&self, score: Option<u8>) -> bool {
        self.score.is_some_and(|was| score >= Some(was))
    }
}

fn identity(question: &Question, finding: &Finding, document: &Value) -> Identity {
    let fault = &finding.fault;
    (
        question.id().to_owned(),
        fault.container.clone(),
        by_name(&fault.pointer, document),
    )
}

/// A pointer with the names of list items in the place of their numbers.
fn by_name(pointer: &Pointer, document: &Value) -> String {
    let mut at = Some(document);
    let mut path = String::new();
    for part in pointer.parts() {
        let item = at.and_then(|value| match value {
            Value::Array(items) => items.get(part.parse::<usize>().ok()?),
            value => value.get(part.as_ref()),
        });
        let in_list = at.is_some_and(Value::is_array);
        path.push('/');
        match item.filter(|_| in_list).and_then(name_of) {
            Some(name) => path.push_str(&name),
            None => path.push_str(&part),
        }
        at = item;
    }
    path
}

/// The field by which Kubernetes itself merges lists of such items (API reference, `x-kubernetes-list-map-keys`
/// and `x-kubernetes-patch-merge-key`); a text is its own name.
fn name_of(item: &Value) -> Option<String> {
    if let Value::String(text) = item {
        return Some(format!("={text}"));
    }
    [
        "name",
        "mountPath",
        "devicePath",
        "containerPort",
        "ip",
        "topologyKey",
    ]
    .into_iter()
    .find_map(|key| item.get(key).map(|name| format!("{key}={name}")))
}
