//! What a declaration of a check is made of, and what a check may answer.

mod answer;
mod asked;

pub use answer::{Answer, Fault, ObjectName};
pub use asked::{Asked, AskedNamespace, Settings};

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    object::{Container, ContainerClass, Kind, Quantity, Workload},
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
