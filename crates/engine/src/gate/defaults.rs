//! What the gate fills in, where a policy lists the check: the fix of a finding, as far as it only adds what is absent.
//!
//! What is written stays as it is written. An exception keeps its finding from being mended, and so does an owner of an
//! unknown kind, whose controller would take the change back.

use std::collections::BTreeSet;

use json_patch::{AddOperation, PatchOperation, jsonptr};
use serde_json::Value;

use super::{Case, Objections, Reach, denial::one_line, honoured, objections};
use crate::{
    api::vocabulary::WorkloadKind,
    exception,
    fix::{Edit, apply_patch, patch},
    judge::{Judgement, judge_by_some},
    object::{Original, Pointer, Workload},
    question::Question,
};

/// The annotation that names the checks whose fixes were filled in.
pub const MARK: &str = "prodready.dev/defaulted";

/// How often it is judged again what was filled in. One fix may let another check speak; none lets an endless row.
const ROUNDS: usize = 8;

/// How many of the fields are named to the person.
const NAMED: usize = 8;

/// What was filled in into an object.
#[derive(Clone, Debug, PartialEq)]
pub struct Filled {
    /// The change as a JSON Patch (RFC 6902), the mark included.
    pub patch: Vec<PatchOperation>,
    /// What was added, in the order of the patch.
    pub added: Vec<Added>,
    /// The object with it.
    pub object: Value,
}

/// Something that was filled in.
#[derive(Clone, Debug, PartialEq)]
pub struct Added {
    /// The check whose finding it mends.
    pub check: &'static str,
    /// The field.
    pub at: Pointer,
    /// Its value.
    pub value: Value,
}

/// Whether filling in has its time: when an object is made, and when a change of it makes new pods all the same. To
/// fill in at any other change would restart pods that nobody meant to restart. Pods and Jobs cannot be filled in
/// later: the API server takes no such change.
pub fn fills_in(kind: WorkloadKind, object: &Value, old: Option<&Value>) -> bool {
    let Some(old) = old else {
        return true;
    };
    let decides = match kind {
        WorkloadKind::Pod | WorkloadKind::Job => return false,
        WorkloadKind::CronJob => "/spec",
        WorkloadKind::Deployment
        | WorkloadKind::StatefulSet
        | WorkloadKind::DaemonSet
        | WorkloadKind::ReplicaSet => "/spec/template",
    };
    object.pointer(decides) != old.pointer(decides)
}

/// What the policy has filled in into `object`, which is the case's workload as the API server holds it, its own
/// defaults applied; nothing where nothing is left out.
pub fn fill_in(case: &Case<'_>, object: Value) -> Option<Filled> {
    if case.policy.defaults.is_empty() || case.reach == Reach::WarnAtMost {
        return None;
    }
    let mut filled = Filled {
        patch: Vec::new(),
        added: Vec::new(),
        object,
    };
    let mut later = None;
    for _ in 0..ROUNDS {
        let workload = later.as_ref().unwrap_or(case.workload);
        if filled.mend(&Case { workload, ..*case })? == 0 {
            break;
        }
        later = Some(Workload::read(case.workload.kind, &filled.object).ok()?);
    }
    if filled.added.is_empty() {
        return None;
    }
    filled.mark()
}

/// A workload that is there, or is to be, as the gate would have it stored if it were made now.
pub fn made_now(case: &Case<'_>) -> Option<(Workload, Vec<Added>)> {
    if case.policy.defaults.is_empty() {
        return None;
    }
    let mut object = case.workload.document();
    as_the_api_server_does(case.workload.kind, &mut object);
    let filled = fill_in(case, object)?;
    let read = Workload::read(case.workload.kind, &filled.object).ok()?;
    let mut workload = Workload {
        spec: read.spec,
        ..case.workload.clone()
    };
    if let Some(Original::Text(text)) = &workload.metadata.original {
        let mut original: Value = serde_json::from_str(text).ok()?;
        apply_patch(&mut original, &filled.patch)?;
        workload.metadata.original = Some(Original::of(original));
    }
    Some((workload, filled.added))
}

/// Why a workload would be denied if it were made now under its policy, enforced: what is filled in denies nothing.
/// `judgement` is that on the workload as it is.
pub fn objections_if_made(case: &Case<'_>, judgement: &Judgement) -> Objections {
    let found = objections(judgement, case.policy);
    if found.is_empty() {
        return found;
    }
    match made_now(case) {
        None => found,
        Some((workload, _)) => {
            let (around, policy) = (case.surroundings, case.policy);
            let judgement = exception::judge(&workload, around, policy, case.now);
            objections(&judgement, policy)
        }
    }
}

/// What the API server itself fills in before it asks the gate, of the fields that the gate may fill in
/// (k8s.io/kubernetes `pkg/apis/core/v1/defaults.go`, `SetDefaults_Pod`). A file has it not yet.
fn as_the_api_server_does(kind: WorkloadKind, object: &mut Value) {
    const LINKS: &str = "enableServiceLinks";
    if kind != WorkloadKind::Pod {
        return;
    }
    if let Some(spec) = object.pointer_mut("/spec").and_then(Value::as_object_mut) {
        spec.entry(LINKS).or_insert(Value::Bool(true));
    }
}

impl Filled {
    /// Mends what can be mended of the findings on the object as it is by now, and tells how many fields that added;
    /// nothing where a change did not fit the object that it was made for.
    fn mend(&mut self, case: &Case<'_>) -> Option<usize> {
        let before = self.added.len();
        let listed = |question: &Question| match question {
            Question::Check(check) => case.policy.defaults.iter().any(|one| one.id == check.id),
            Question::Rule(_) => false,
        };
        let judgement = judge_by_some(case.workload, None, case.surroundings, case.policy, listed);
        let judgement = honoured(case, judgement);
        for (question, finding) in judgement.findings() {
            if let (Question::Check(check), None) = (question, &finding.fault.object) {
                self.add(check.id, &finding.fault.edits)?;
            }
        }
        Some(self.added.len() - before)
    }

    /// Makes the edits of one finding where all of them only add.
    fn add(&mut self, check: &'static str, edits: &[Edit]) -> Option<()> {
        let steps = patch(&self.object, edits).unwrap_or_default();
        let mut added = Vec::new();
        for step in &steps {
            match step {
                PatchOperation::Test(_) => {}
                PatchOperation::Add(AddOperation { path, value }) if self.may_be_added(path) => {
                    added.push(Added {
                        check,
                        at: Pointer::new(path.as_str()),
                        value: value.clone(),
                    });
                }
                _ => return Some(()),
            }
        }
        self.added.extend(added);
        self.take(steps)
    }

    fn may_be_added(&self, path: &jsonptr::Pointer) -> bool {
        let at = Pointer::new(path.as_str());
        is_absent_member(&at, &self.object) || self.made_around(&at)
    }

    /// Whether a place lies in what was added before, such as at the end of a list.
    fn made_around(&self, at: &Pointer) -> bool {
        let mut added = self.added.iter();
        added.any(|added| at != &added.at && at.is_within(&added.at))
    }

    /// Names the checks in the annotation, beside those that are named there already. What cannot be marked is not
    /// filled in.
    fn mark(mut self) -> Option<Self> {
        let at = Pointer::new("/metadata/annotations").key(MARK);
        let before = self.object.pointer(at.as_str()).and_then(Value::as_str);
        let text = {
            let named = before.unwrap_or_default().split(',').map(str::trim);
            let named = named.filter(|name| !name.is_empty());
            let checks: BTreeSet<&str> = named.chain(self.checks()).collect();
            checks.into_iter().collect::<Vec<_>>().join(", ")
        };
        if before != Some(text.as_str()) {
            let steps = patch(&self.object, &[Edit::set(at, text)])?;
            self.take(steps)?;
        }
        Some(self)
    }

    fn take(&mut self, steps: Vec<PatchOperation>) -> Option<()> {
        apply_patch(&mut self.object, &steps)?;
        for step in steps {
            if !self.patch.contains(&step) {
                self.patch.push(step);
            }
        }
        Some(())
    }

    /// The checks whose findings were mended, each once, by name.
    pub fn checks(&self) -> BTreeSet<&'static str> {
        self.added.iter().map(|added| added.check).collect()
    }

    /// One line for each field, for the person who sent the object, within the API server's limits.
    pub fn warnings(&self, policy: &str) -> Vec<String> {
        let (fields, were) = match self.added.len() {
            1 => ("1 field".to_owned(), "was"),
            many => (format!("{many} fields"), "were"),
        };
        let headline = format!("policy {policy} filled in {fields} that {were} left out:");
        let named = self.added.iter().take(NAMED).map(|added| {
            let Added { check, at, value } = added;
            format!("{check}: {}: {value}", at.field_path())
        });
        let more = self.added.len().saturating_sub(NAMED);
        let more =
            (more > 0).then(|| format!("and {more} more; annotation {MARK} names the checks"));
        let lines = std::iter::once(headline).chain(named).chain(more);
        lines.map(|line| one_line(&line)).collect()
    }
}

/// Whether a place is a field that is not there. A list that is there is never made longer.
fn is_absent_member(at: &Pointer, object: &Value) -> bool {
    let parent = at.as_str().rsplit_once('/').map(|(parent, _)| parent);
    let parent = parent.and_then(|parent| object.pointer(parent));
    parent.is_none_or(Value::is_object) && object.pointer(at.as_str()).is_none()
}
