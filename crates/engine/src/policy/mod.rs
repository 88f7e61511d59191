//! What a platform team asks of its workloads, ready to be judged by.

mod compile;
mod defaults;
mod select;
mod set;

use std::sync::Arc;

use jiff::Timestamp;

pub use compile::FieldError;
pub use select::Candidate;
pub use set::PolicySet;

use crate::{
    api::vocabulary::{Mode, Profile, Severity, WorkloadKind},
    check::{Check, ParameterValue},
    object::{resource::Whole, selector::LabelSelector},
    question::Question,
    rule::Rule,
};

/// A compiled policy. It can only be made by [`Policy::compile`] and [`Policy::compile_stored`] and so is always in order.
#[derive(Clone, Debug)]
pub struct Policy {
    /// The policy's name.
    pub name: Arc<str>,
    /// Among policies that select the same workload, the highest governs.
    pub precedence: i32,
    /// When it was made, as RFC 3339; among equal precedence the oldest governs.
    pub created: Arc<str>,
    /// Which workloads it selects.
    pub selection: Selection,
    /// How much it asks.
    pub profile: Profile,
    /// The checks it asks, each with what is in force for it, in the order of the catalogue.
    pub settings: Vec<Setting>,
    /// The policy's own rules, in the order in which they are written.
    pub rules: Vec<Arc<Rule>>,
    /// Fields that its rules ask for and that are none; the rules are unknown. Only a policy that was stored has any:
    /// [`Policy::compile`] refuses it.
    pub unknown_fields: Vec<FieldError>,
    /// Whether it asks less than was written, by [`Policy::narrowed_to`]: then its rules are not among `rules`.
    pub narrowed: bool,
    /// Where verdicts begin.
    pub thresholds: Thresholds,
    /// What the gate does about it.
    pub enforcement: Enforcement,
    /// The checks whose fixes are filled in as a workload is stored, in the order of the catalogue.
    pub defaults: Vec<&'static Check>,
    /// Which exceptions count.
    pub exceptions: ExceptionTerms,
}

/// Which exceptions count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExceptionTerms {
    /// How many days an exception may last from its creation on; with 0 none counts.
    pub max_days: u16,
    /// Which count without approval; none where it is absent.
    pub without_approval: Option<WithoutApproval>,
}

/// Which exceptions count without approval.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WithoutApproval {
    /// Those of checks and findings of this severity or a lesser one.
    pub max_severity: Severity,
    /// Those that last no more days from their creation on.
    pub max_days: u16,
}

impl Policy {
    /// Whether a question may speak at admission: one whose answer lies in the surroundings only where the policy
    /// lists it.
    pub fn lets_speak(&self, question: &Question) -> bool {
        !question.needs_surroundings() || self.lists(question)
    }

    /// Whether a failure falls short whatever its severity.
    pub fn lists(&self, question: &Question) -> bool {
        match question {
            Question::Check(check) => self.enforcement.deny_checks.contains(&check.id),
            Question::Rule(rule) => rule.denies,
        }
    }

    /// Whether a finding of this severity falls short.
    pub fn forbids(&self, question: &Question, severity: Severity) -> bool {
        self.lists(question) || self.enforcement.deny_severities.contains(&severity)
    }

    /// The moment before which a question's findings warn where they would deny.
    pub fn enforced_from(&self, question: &Question) -> Option<Timestamp> {
        match question {
            Question::Check(check) => {
                let mut settings = self.settings.iter();
                settings
                    .find(|setting| setting.check.id == check.id)?
                    .enforced_from
            }
            Question::Rule(rule) => rule.enforced_from,
        }
    }

    /// Whether its rules read workloads as they were written.
    pub fn reads_whole_workloads(&self) -> bool {
        whole_for([self]).workloads
    }
}

/// Which kinds the rules of policies read as they were written.
pub fn whole_for<'a>(policies: impl IntoIterator<Item = &'a Policy>) -> Whole {
    let mut whole = Whole::default();
    for rule in policies.into_iter().flat_map(|policy| &policy.rules) {
        rule.reads_whole(&mut whole);
    }
    whole
}

/// Which workloads a policy selects.
#[derive(Clone, Debug)]
pub struct Selection {
    /// Namespaces by label; all where it is absent.
    pub namespaces: Option<LabelSelector>,
    /// Workloads by their own labels; all where it is absent.
    pub workloads: Option<LabelSelector>,
    /// Kinds of workloads; all where the list is empty.
    pub kinds: Vec<WorkloadKind>,
    /// Namespaces by name that are left out.
    pub excluded_namespaces: Vec<String>,
}

/// What is in force for one check.
#[derive(Clone, Debug)]
pub struct Setting {
    /// The check.
    pub check: &'static Check,
    /// Whether its failures count.
    pub switch: Switch,
    /// The severity that the policy gives it, in the place of its own.
    pub severity: Option<Severity>,
    /// What it weighs in the score.
    pub weight: u32,
    /// Parameters in the order of the declaration.
    pub parameters: Vec<ParameterValue>,
    /// Before this moment its findings warn where they would deny.
    pub enforced_from: Option<Timestamp>,
}

/// Whether a check's failures count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Switch {
    /// They do.
    On,
    /// They are forgiven. A pass still counts, so that turning a check off never lowers a score.
    Off,
}

/// Where verdicts begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Thresholds {
    /// The least score of `Ready`.
    pub production: u8,
    /// The least score of `ReadyForScale`.
    pub scale: u8,
}

/// What the gate does about a policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Enforcement {
    /// Report, warn or deny; see [`Enforcement::mode_at`].
    pub mode: Mode,
    /// Before this moment it warns where it would deny.
    pub from: Option<Timestamp>,
    /// What becomes of faults that an object had before it was changed.
    pub ratchet: Ratchet,
    /// Findings of these severities deny.
    pub deny_severities: Vec<Severity>,
    /// A score below this denies.
    pub minimum_score: Option<u8>,
    /// Findings of these checks deny, whatever their severity, even if they need surroundings.
    pub deny_checks: Vec<&'static str>,
}

/// What becomes of faults that an object had before it was changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ratchet {
    /// They deny like new ones.
    Off,
    /// They may stay.
    On,
    /// They may stay until this moment.
    Until(Timestamp),
}

impl Ratchet {
    /// Whether old faults may stay at a moment.
    pub fn holds_at(self, now: Timestamp) -> bool {
        match self {
            Self::Off => false,
            Self::On => true,
            Self::Until(end) => now < end,
        }
    }
}

impl Enforcement {
    /// Report, warn or deny at a moment: `Enforce` warns until its date has come.
    pub fn mode_at(&self, now: Timestamp) -> Mode {
        match (self.mode, self.from) {
            (Mode::Enforce, Some(from)) if now < from => Mode::Warn,
            (mode, _) => mode,
        }
    }
}
