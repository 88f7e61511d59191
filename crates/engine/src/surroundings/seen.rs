//! The difference between "there is none" and "none was seen".

use std::collections::BTreeMap;

use crate::object::{Kind, resource::Ships};

/// Something about the surroundings, or why it cannot be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Seen<T> {
    /// It is so.
    Known(T),
    /// It may lie where nobody looked, with where that is.
    NotSeen(String),
}

impl<T> Seen<T> {
    /// The same about something else.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Seen<U> {
        match self {
            Self::Known(value) => Seen::Known(change(value)),
            Self::NotSeen(why) => Seen::NotSeen(why),
        }
    }

    /// The same, with `value` in the place of what was not seen: for answers that stand unless something
    /// elsewhere says otherwise.
    #[must_use]
    pub fn or_known(self, value: T) -> Self {
        match self {
            Self::Known(known) => Self::Known(known),
            Self::NotSeen(_) => Self::Known(value),
        }
    }

    /// What is known, if it is.
    pub fn known(self) -> Option<T> {
        match self {
            Self::Known(value) => Some(value),
            Self::NotSeen(_) => None,
        }
    }
}

/// For each kind, what it means that no object of it was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Completeness {
    /// Kinds whose objects may lie elsewhere, with where that is.
    elsewhere: BTreeMap<Kind, String>,
}

impl Completeness {
    /// Everything is here: what was not found does not exist.
    pub fn complete() -> Self {
        Self::default()
    }

    /// Files: what ships with a workload is here; what belongs to the namespace or cluster is not.
    pub fn of_files() -> Self {
        let with_cluster = Kind::ALL
            .iter()
            .filter(|info| info.ships == Ships::WithCluster);
        Self {
            elsewhere: with_cluster
                .map(|info| {
                    (
                        info.kind,
                        format!(
                            "no {} among the files; it usually comes with the cluster",
                            info.name
                        ),
                    )
                })
                .collect(),
        }
    }

    /// Anything may lie elsewhere, with where that is.
    pub fn partial(why: &str) -> Self {
        Self {
            elsewhere: Kind::ALL
                .iter()
                .map(|info| (info.kind, format!("no {} seen: {why}", info.name)))
                .collect(),
        }
    }

    /// With objects of this kind out of sight.
    #[must_use]
    pub fn without(mut self, kind: Kind, why: impl Into<String>) -> Self {
        self.elsewhere.insert(kind, why.into());
        self
    }

    /// What it means that no object of this kind was found.
    pub fn absent(&self, kind: Kind) -> Seen<()> {
        match self.elsewhere.get(&kind) {
            None => Seen::Known(()),
            Some(why) => Seen::NotSeen(why.clone()),
        }
    }

    /// Where objects of this kind may lie.
    pub fn why(&self, kind: Kind) -> String {
        self.elsewhere
            .get(&kind)
            .cloned()
            .unwrap_or_else(|| format!("there is no {} for it", kind.info().name))
    }
}
