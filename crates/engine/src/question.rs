//! What is asked: a check of the catalogue, or a rule of a policy's own.

use std::{borrow::Cow, sync::Arc};

use crate::{
    api::vocabulary::{Category, Severity},
    check::Check,
    rule::Rule,
};

/// What is asked.
#[derive(Clone, Debug)]
pub enum Question {
    /// A check of the catalogue.
    Check(&'static Check),
    /// A rule of the policy's own.
    Rule(Arc<Rule>),
}

impl Question {
    /// The stable name, as in reports and denials. That of a rule has a point in it, that of a check none.
    pub fn id(&self) -> &str {
        match self {
            Self::Check(check) => check.id,
            Self::Rule(rule) => &rule.id,
        }
    }

    /// The part of readiness it belongs to.
    pub fn category(&self) -> Category {
        match self {
            Self::Check(check) => check.category,
            Self::Rule(rule) => rule.category,
        }
    }

    /// How bad a failure is, where a policy says nothing else.
    pub fn severity(&self) -> Severity {
        match self {
            Self::Check(check) => check.severity,
            Self::Rule(rule) => rule.severity,
        }
    }

    /// What happens on the day it bites.
    pub fn why(&self) -> &str {
        match self {
            Self::Check(check) => check.text.scenario,
            Self::Rule(rule) => &rule.why,
        }
    }

    /// What to do.
    pub fn fix(&self) -> &str {
        match self {
            Self::Check(check) => check.text.fix,
            Self::Rule(rule) => &rule.fix,
        }
    }

    /// A text of it to keep: those of a check live for ever, those of a rule go with its policy.
    pub(crate) fn kept(
        &self,
        of_check: impl FnOnce(&'static Check) -> &'static str,
        of_rule: impl FnOnce(&Rule) -> &str,
    ) -> Cow<'static, str> {
        match self {
            Self::Check(check) => Cow::Borrowed(of_check(check)),
            Self::Rule(rule) => Cow::Owned(of_rule(rule).to_owned()),
        }
    }

    /// The stable name, to keep.
    pub fn id_kept(&self) -> Cow<'static, str> {
        self.kept(|check| check.id, |rule| &rule.id)
    }

    /// Whether the answer lies outside the workload. Such a question never denies at admission unless a policy
    /// lists it: what it misses may be applied a moment later.
    pub fn needs_surroundings(&self) -> bool {
        match self {
            Self::Check(check) => check.needs_surroundings(),
            Self::Rule(rule) => rule.needs_surroundings(),
        }
    }
}

impl From<&'static Check> for Question {
    fn from(check: &'static Check) -> Self {
        Self::Check(check)
    }
}
