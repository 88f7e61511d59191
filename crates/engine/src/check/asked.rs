//! What a check is given to answer from.

use super::{Check, ParameterValue};
use crate::{
    credential::{Credential, InCommand},
    environment::Variable,
    facts::Facts,
    object::{Container, Quantity, Workload, namespaced::Service},
    role::Role,
    surroundings::{Entrance, Grant, Seen, Surroundings},
};

/// What a check is given beside the container it asks.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// The workload.
    pub workload: &'a Workload,
    /// What stands around it.
    pub surroundings: Surroundings<'a>,
    facts: &'a Facts<'a>,
    settings: Settings<'a>,
}

/// What a check of namespaces is given.
#[derive(Clone, Copy, Debug)]
pub struct AskedNamespace<'a> {
    /// The namespace, with all that is in it.
    pub surroundings: Surroundings<'a>,
    settings: Settings<'a>,
}

/// The parameters in force for a check.
#[derive(Clone, Copy, Debug)]
pub struct Settings<'a> {
    /// In the order of the declaration.
    values: &'a [ParameterValue],
    check: &'static Check,
}

impl<'a> Settings<'a> {
    /// The parameters of a check. `values` stand in the order of the declaration.
    pub fn new(check: &'static Check, values: &'a [ParameterValue]) -> Self {
        Self { values, check }
    }

    fn integer(&self, name: &str) -> i64 {
        match self.parameter(name) {
            Some(ParameterValue::Integer(value)) => *value,
            other => undeclared(self.check, name, other),
        }
    }

    fn quantity(&self, name: &str) -> &'a Quantity {
        match self.parameter(name) {
            Some(ParameterValue::Quantity(value)) => value,
            other => undeclared(self.check, name, other),
        }
    }

    fn texts(&self, name: &str) -> &'a [String] {
        match self.parameter(name) {
            Some(ParameterValue::Texts(value)) => value,
            other => undeclared(self.check, name, other),
        }
    }

    fn parameter(&self, name: &str) -> Option<&'a ParameterValue> {
        self.values.get(self.check.parameter(name)?)
    }
}

impl<'a> Asked<'a> {
    /// What a check of a policy is given about one workload.
    pub fn new(settings: Settings<'a>, facts: &'a Facts<'a>) -> Self {
        Self {
            workload: facts.workload(),
            surroundings: facts.around(),
            facts,
            settings,
        }
    }

    /// What part the workload plays.
    pub fn role(&self) -> Role {
        self.facts.role().role
    }

    /// The Services that stand for the workload.
    pub fn services(&self) -> Seen<&'a [&'a Service]> {
        self.facts.services()
    }

    /// The ways from outside to the workload.
    pub fn entrances(&self) -> Seen<&'a [Entrance<'a>]> {
        self.facts.entrances()
    }

    /// What the workload's account may do.
    pub fn grants(&self) -> Seen<&'a [Grant<'a>]> {
        self.facts.grants()
    }

    /// The variables of one of the workload's containers whose values are known.
    pub fn variables(&self, container: &Container<'_>) -> &'a [Variable<'a>] {
        self.facts.variables(container)
    }

    /// The credentials that stand in values of one of the workload's containers' `env`, with the variable's position.
    pub fn literals_in_env(
        &self,
        container: &Container<'_>,
    ) -> impl Iterator<Item = (usize, Credential)> + use<'a> {
        let own = self.facts.literals(container);
        own.into_iter().flat_map(|own| own.env.iter().copied())
    }

    /// The credentials that stand in one of the workload's containers' `command` and `args`.
    pub fn literals_in_command(
        &self,
        container: &Container<'_>,
    ) -> impl Iterator<Item = InCommand> + use<'a> {
        let own = self.facts.literals(container);
        own.into_iter().flat_map(|own| own.command.iter().copied())
    }

    /// A whole number that the policy may set. `name` must be declared as one.
    pub fn integer(&self, name: &str) -> i64 {
        self.settings.integer(name)
    }

    /// An amount that the policy may set. `name` must be declared as one.
    pub fn quantity(&self, name: &str) -> &'a Quantity {
        self.settings.quantity(name)
    }

    /// A list of texts that the policy may set. `name` must be declared as one.
    pub fn texts(&self, name: &str) -> &'a [String] {
        self.settings.texts(name)
    }
}

impl<'a> AskedNamespace<'a> {
    /// What a check of a policy is given about one namespace.
    pub fn new(settings: Settings<'a>, surroundings: Surroundings<'a>) -> Self {
        Self {
            surroundings,
            settings,
        }
    }

    /// A list of texts that the policy may set. `name` must be declared as one.
    pub fn texts(&self, name: &str) -> &'a [String] {
        self.settings.texts(name)
    }
}

#[expect(
    clippy::panic,
    reason = "a mistake in a declaration, found by the first example of the check"
)]
fn undeclared(check: &Check, name: &str, found: Option<&ParameterValue>) -> ! {
    panic!(
        "check {} reads parameter {name}, which is declared as {found:?}",
        check.id
    )
}
