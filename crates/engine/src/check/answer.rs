//! What a check may answer, and what is wrong where it fails.

use crate::{
    api::vocabulary::Severity,
    fix::Edit,
    object::{Container, Kind, Pointer, resource::Surrounding},
    surroundings::Seen,
};

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
