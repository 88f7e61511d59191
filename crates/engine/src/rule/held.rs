//! What a part of an expression may be, as far as that is known before it is evaluated.

use std::collections::BTreeSet;

use crate::schema::Type;

/// What a part of an expression may be. By default nothing that has fields: a number, a text, null.
#[derive(Clone, Debug, Default)]
pub(super) struct Held {
    /// It may be anything at all.
    is_anything: bool,
    /// The types of Kubernetes that it may be of.
    pub(super) types: BTreeSet<Type>,
    /// What the items may be, where it may be a list that is none of Kubernetes'.
    pub(super) items: Option<Box<Held>>,
}

impl Held {
    /// Anything at all.
    pub(super) fn anything() -> Self {
        Self {
            is_anything: true,
            ..Self::default()
        }
    }

    /// Something of one of these types.
    pub(super) fn of(types: BTreeSet<Type>) -> Self {
        Self {
            types,
            ..Self::default()
        }
    }

    /// A list of such items.
    pub(super) fn list(items: Self) -> Self {
        Self {
            items: Some(Box::new(items)),
            ..Self::default()
        }
    }

    /// Whether nothing can be said about its fields.
    pub(super) fn is_unknown(&self) -> bool {
        self.is_anything || self.types.is_empty() && self.items.is_none()
    }

    /// Adds what it may be as well.
    pub(super) fn join(&mut self, other: Self) {
        self.is_anything |= other.is_anything;
        self.types.extend(other.types);
        match (&mut self.items, other.items) {
            (Some(own), Some(items)) => own.join(*items),
            (own @ None, items) => *own = items,
            (Some(_), None) => {}
        }
    }
}
