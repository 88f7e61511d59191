//! Rules of a policy's own, in CEL: compiled once for a policy, and asked like the checks of the catalogue.
//!
//! A rule is true where a workload is ready. What it cannot tell (a key that is not there, an object that was not
//! seen, an evaluation that costs too much) is unknown: never a failure, never a pass.

mod analysis;
mod asked;
mod budget;
mod compile;
mod expression;
mod fields;
mod function;
mod held;
mod library;
mod mistake;
mod related;
mod scene;
mod value;
mod words;

use std::sync::Arc;

use jiff::Timestamp;

use analysis::Reads;
use budget::{Budget, STEPS};
pub(crate) use compile::{Rules, is_rule_id, rules};
use expression::Expression;
pub use related::Related;
pub use scene::Scene;
use scene::Variables;

use crate::{
    api::{
        rule::{ForEach, Rule as Written},
        vocabulary::{Category, Severity, WorkloadKind},
    },
    check::{Answer, Fault},
    object::{Container, Kind, Pointer, resource::Whole},
};

/// The names of the functions that an expression may call.
pub fn functions() -> impl Iterator<Item = &'static str> {
    function::all().map(|function| function.name)
}

/// A question of a policy's own. It can only be made by compiling a policy and so is always in order.
#[derive(Debug)]
pub struct Rule {
    /// The id: a prefix of its owner, a point and a name.
    pub id: Arc<str>,
    /// The fault in a few words.
    pub title: String,
    /// The part of readiness it belongs to.
    pub category: Category,
    /// How bad a failure is.
    pub severity: Severity,
    /// What it weighs in the score.
    pub weight: u32,
    /// What happens on the day it bites.
    pub why: String,
    /// What to do.
    pub fix: String,
    /// Before this moment its findings warn where they would deny.
    pub enforced_from: Option<Timestamp>,
    /// Whether a failure falls short whatever its severity and whatever it reads.
    pub denies: bool,
    /// As somebody wrote it, for whoever wants to read it.
    pub written: Box<Written>,
    kinds: Vec<WorkloadKind>,
    for_each: Option<ForEach>,
    pointer: Pointer,
    message: Message,
    applies: Option<Expression>,
    holds: Expression,
    params: value::Owned,
    reads: Reads,
    /// A field that it asks for and that is none, in words: it is unknown for every workload then.
    unknown_field: Option<String>,
}

/// What is said about a failure.
#[derive(Debug)]
struct Message {
    expression: Option<Expression>,
    /// Where the expression makes none.
    text: String,
}

impl Rule {
    /// Whether it reads objects that may be applied a moment after the workload.
    pub fn needs_surroundings(&self) -> bool {
        !self.reads.related.is_empty()
    }

    /// Whether it reads the workload as it was before a change.
    pub fn reads_past(&self) -> bool {
        self.reads.old_object
    }

    /// Adds the kinds of which it reads objects as they were written.
    pub fn reads_whole(&self, whole: &mut Whole) {
        let reads = &self.reads;
        whole.workloads |= reads.object || reads.old_object || reads.container;
        whole
            .kinds
            .extend(self.reads.related.iter().map(|related| related.kind()));
        if self.reads.namespace_object {
            whole.kinds.insert(Kind::Namespace);
        }
    }

    /// Asks the rule: once for the workload, or once for each container. No answer where it asks none.
    pub fn ask(&self, scene: &Scene<'_>) -> Vec<Answer> {
        let workload = scene.workload();
        if !self.kinds.is_empty() && !self.kinds.contains(&workload.kind) {
            return Vec::new();
        }
        // One for all that is asked about a workload: many containers buy no more.
        let budget = Budget::new(STEPS);
        match self.for_each {
            None => vec![self.of_whole(scene, &budget)],
            Some(ForEach::Containers) => workload
                .planned_containers()
                .map(|container| self.of_container(scene, &container, &budget))
                .collect(),
        }
    }

    fn of_whole(&self, scene: &Scene<'_>, budget: &Budget) -> Answer {
        let answer = self.variables(scene).and_then(|variables| {
            self.judged(&variables, budget, |message| {
                Fault::new(self.pointer.clone(), message)
            })
        });
        answer.unwrap_or_else(Answer::Unknown)
    }

    fn of_container(
        &self,
        scene: &Scene<'_>,
        container: &Container<'_>,
        budget: &Budget,
    ) -> Answer {
        let fault = |message| Fault::in_container(container, &self.pointer.to_string(), message);
        let answer = self.variables(scene).and_then(|variables| {
            if !self.reads.container {
                return self.judged(&variables, budget, fault);
            }
            let written = scene.container(container)?;
            self.judged(&variables.in_container(&written), budget, fault)
        });
        answer.unwrap_or_else(Answer::Unknown)
    }

    /// What its expressions see, or why they come to nothing.
    fn variables<'s>(&'s self, scene: &'s Scene<'_>) -> Result<Variables<'s>, String> {
        match &self.unknown_field {
            Some(told) => Err(told.clone()),
            None => scene.variables(self),
        }
    }

    fn judged(
        &self,
        variables: &Variables<'_>,
        budget: &Budget,
        fault: impl FnOnce(String) -> Fault,
    ) -> Result<Answer, String> {
        if let Some(applies) = &self.applies
            && !applies
                .holds(variables, budget)
                .map_err(|why| format!("appliesTo: {why}"))?
        {
            return Ok(Answer::DoesNotApply);
        }
        Ok(if self.holds.holds(variables, budget)? {
            Answer::Passes
        } else {
            Answer::fails(fault(self.message.about(variables, budget)))
        })
    }
}

impl Message {
    /// In one line: a denial's layout is not the object's to write.
    fn about(&self, variables: &Variables<'_>, budget: &Budget) -> String {
        let made = self
            .expression
            .as_ref()
            .and_then(|expression| expression.text(variables, budget).ok());
        let made = made.filter(|made| !made.trim().is_empty());
        let text = made.unwrap_or_else(|| self.text.clone());
        text.chars()
            .map(|letter| if letter.is_control() { ' ' } else { letter })
            .collect()
    }
}

#[cfg(test)]
mod tests;
