//! What a declaration of a check is made of, and what a check may answer.

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    credential::{Credential, InCommand},
    environment::Variable,
    facts::Facts,
    fix::Edit,
    object::{
        Container, ContainerClass, Kind, Pointer, Quantity, Workload, namespaced::Service,
        resource::Surrounding,
    },
    role::Role,
    surroundings::{Entrance, Grant, Seen, Surroundings},
};

/// One question about a workload: stable, documented, with one answer.
#[derive(Debug)]
pub struct Check {
    /// The stable name in kebab case, as in policies and reports.
    pub id: &'static str,
    /// The fault in a few words, without a full stop.
    pub title: &'static str,
    /// The part of readiness it belongs to.
    pub category: Category,
    /// How bad a failure is, where a policy says nothing else.
    pub severity: Severity,
    /// How long the fix usually takes.
    pub effort: Minutes,
    /// The release it came with.
    pub since: &'static str,
    /// The lowest profile that asks it; the higher ones ask it too.
    pub profile: Profile,
    /// The prose, for the reader who was woken by the pager.
    pub text: Text,
    /// Where the rules are written down.
    pub links: &'static [&'static str],
    /// What it replaces.
    pub covers: Covers,
    /// What a policy may set.
    pub parameters: &'static [Parameter],
    /// The kinds beside the workload that it reads; watches and RBAC follow from this.
    pub reads: &'static [Kind],
    /// Whom it asks, and the question itself.
    pub ask: Ask,
}

impl Check {
    /// Whether the answer lies outside the workload. Such a check never denies at admission unless a
    /// policy lists it: what it misses may be applied a moment later.
    pub fn needs_surroundings(&self) -> bool {
        matches!(self.ask, Ask::Surroundings(_) | Ask::Namespace(_))
    }

    /// The position of a parameter in the declaration.
    pub fn parameter(&self, name: &str) -> Option<usize> {
        self.parameters
            .iter()
            .position(|parameter| parameter.name == name)
    }
}

/// An effort.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Minutes(pub u32);

/// The prose of a check. Every part is whole sentences with a full stop.
#[derive(Clone, Copy, Debug)]
pub struct Text {
    /// What is looked at, and when it fails.
    pub sees: &'static str,
    /// Why the fault exists.
    pub root_cause: &'static str,
    /// What happens on the day it bites.
    pub scenario: &'static str,
    /// What that costs.
    pub impact: &'static str,
    /// What to do.
    pub fix: &'static str,
}

/// What a check replaces.
#[derive(Clone, Copy, Debug)]
pub struct Covers {
    /// Rows of the audits behind this product.
    pub audit_rows: &'static [u16],
    /// Ids of other tools, as `tool:id`.
    pub peers: &'static [&'static str],
}

/// Something a policy may set for a check.
#[derive(Clone, Copy, Debug)]
pub struct Parameter {
    /// The name, in camel case.
    pub name: &'static str,
    /// What it means, with its unit.
    pub describes: &'static str,
    /// Its type, bounds and default.
    pub kind: ParameterKind,
}

/// A parameter's type, bounds and default.
#[derive(Clone, Copy, Debug)]
pub enum ParameterKind {
    /// A whole number.
    Integer {
        /// The least allowed.
        min: i64,
        /// The greatest allowed.
        max: i64,
        /// Where a policy says nothing.
        default: i64,
    },
    /// An amount such as `100m` or `128Mi`.
    Quantity {
        /// Where a policy says nothing.
        default: &'static str,
    },
    /// A list of texts.
    Texts {
        /// Where a policy says nothing.
        default: &'static [&'static str],
    },
}

/// A parameter's value in force.
#[derive(Clone, Debug, PartialEq)]
pub enum ParameterValue {
    /// A whole number.
    Integer(i64),
    /// An amount.
    Quantity(Quantity),
    /// A list of texts.
    Texts(Vec<String>),
}

/// Whom a check asks.
#[derive(Clone, Copy, Debug)]
pub enum Ask {
    /// Some of the containers, one by one; the check may pass in part.
    Containers(Containers, fn(&Container<'_>, &Asked<'_>) -> Answer),
    /// The workload as a whole.
    Workload(fn(&Asked<'_>) -> Answer),
    /// The workload as a whole, with an answer that lies in its surroundings.
    Surroundings(fn(&Asked<'_>) -> Answer),
    /// A namespace, with all that is in it: for what is no workload's.
    Namespace(fn(&AskedNamespace<'_>) -> Answer),
}

/// Which containers a check asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Containers {
    /// App containers, native sidecars, init containers and ephemeral ones: for rights, which all have.
    All,
    /// App containers, native sidecars and init containers: for what ephemeral ones may not have.
    Planned,
    /// App containers and native sidecars of workloads that run for ever, but none that a mesh fills in: for probes.
    Probed,
    /// As [`Containers::All`], but none of a Windows pod: for Linux-only fields.
    AllLinux,
}

impl Containers {
    /// Whether a container of this workload is asked.
    pub fn include(self, workload: &Workload, container: &Container<'_>) -> bool {
        match self {
            Self::All => true,
            Self::AllLinux => !workload.pod().is_windows(),
            Self::Planned => container.class != ContainerClass::Ephemeral,
            Self::Probed => {
                workload.runs_for_ever()
                    && container.runs_for_ever()
                    && !workload.leaves_to_injector(container)
            }
        }
    }
}

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

/// What a check may answer.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// All is well.
    Passes,
    /// Something is wrong, at one or more places.
    Fails(Vec<Fault>),
    /// The question makes no sense here.
    DoesNotApply,
    /// It cannot be told, with why.
    Unknown(String),
}

impl Answer {
    /// A failure at one place.
    pub fn fails(fault: Fault) -> Self {
        Self::Fails(vec![fault])
    }

    /// A failure where there is at least one fault, else a pass.
    pub fn from_faults(faults: Vec<Fault>) -> Self {
        if faults.is_empty() {
            Self::Passes
        } else {
            Self::Fails(faults)
        }
    }

    /// A pass where `holds`, else a failure with the fault.
    pub fn pass_if(holds: bool, fault: impl FnOnce() -> Fault) -> Self {
        if holds {
            Self::Passes
        } else {
            Self::fails(fault())
        }
    }

    /// The answer about something seen, or that it cannot be told.
    pub fn about<T>(seen: Seen<T>, answer: impl FnOnce(T) -> Self) -> Self {
        match seen {
            Seen::Known(found) => answer(found),
            Seen::NotSeen(why) => Self::Unknown(why),
        }
    }
}

/// An object of the subject's namespace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObjectName {
    /// The kind.
    pub kind: Kind,
    /// The name.
    pub name: String,
}

impl std::fmt::Display for ObjectName {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}/{}", self.kind.info().name, self.name)
    }
}

/// One thing that is wrong: where, what, and how to mend it.
#[derive(Clone, Debug, PartialEq)]
pub struct Fault {
    /// The field, which may be absent yet.
    pub pointer: Pointer,
    /// The container's name, where one is meant.
    pub container: Option<String>,
    /// The object beside the subject that the field is of, where it is not the subject's own.
    pub object: Option<ObjectName>,
    /// What is wrong with which value of this very workload, without a full stop. Never a credential.
    pub message: String,
    /// Graver than the check's own severity.
    pub severity: Option<Severity>,
    /// How far it falls short, in the check's own unit; a change that makes it more makes it worse.
    pub shortfall: u64,
    /// The remedy for this very workload, where it can say more than the check's text.
    pub remedy: Option<String>,
    /// The change that mends it, where a safe value is known.
    pub edits: Vec<Edit>,
}

impl Fault {
    /// Something wrong with the workload.
    pub fn new(pointer: Pointer, message: impl Into<String>) -> Self {
        Self {
            pointer,
            container: None,
            object: None,
            message: message.into(),
            severity: None,
            shortfall: 0,
            remedy: None,
            edits: Vec::new(),
        }
    }

    /// Something wrong with an object beside the subject.
    pub fn in_object<T: Surrounding>(
        object: &T,
        pointer: &str,
        message: impl Into<String>,
    ) -> Self {
        Self {
            object: Some(ObjectName {
                kind: T::KIND,
                name: object.metadata().name.clone(),
            }),
            ..Self::new(Pointer::new(pointer), message)
        }
    }

    /// Something wrong with a container, at a place within it such as `/image`.
    pub fn in_container(
        container: &Container<'_>,
        suffix: &str,
        message: impl Into<String>,
    ) -> Self {
        Self::in_container_at(container, container.at(suffix), message)
    }

    /// Something wrong with a container, at a place that is known as a whole, such as a variable's.
    pub fn in_container_at(
        container: &Container<'_>,
        pointer: Pointer,
        message: impl Into<String>,
    ) -> Self {
        Self {
            container: Some(container.name().to_owned()),
            ..Self::new(pointer, message)
        }
    }

    /// Graver (or milder) than the check's own severity.
    #[must_use]
    pub fn severity(self, severity: Severity) -> Self {
        Self {
            severity: Some(severity),
            ..self
        }
    }

    /// How far it falls short, where that is a number.
    #[must_use]
    pub fn shortfall(self, shortfall: i64) -> Self {
        let shortfall = u64::try_from(shortfall).unwrap_or(0);
        Self { shortfall, ..self }
    }

    /// With the remedy for this very workload.
    #[must_use]
    pub fn remedy(self, remedy: impl Into<String>) -> Self {
        Self {
            remedy: Some(remedy.into()),
            ..self
        }
    }

    /// With a change that mends it.
    #[must_use]
    pub fn edit(mut self, edit: Edit) -> Self {
        self.edits.push(edit);
        self
    }
}
