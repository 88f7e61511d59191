//! The way through an object to the place that is to change.

use std::borrow::Cow;

use json_patch::PatchOperation;
use serde_json::{Value, json};

use super::{
    test,
    tree::{Shape, Tree},
};
use crate::{
    credential::{in_command, in_variable},
    object::Pointer,
};

/// The way through a document to a place in it, as far as it goes.
pub(super) struct Way<'a, T> {
    pub(super) at: &'a Pointer,
    /// From the whole document to the last value that is there.
    passed: Vec<T>,
}

impl<'a, T: Tree> Way<'a, T> {
    pub(super) fn through(document: T, at: &'a Pointer) -> Self {
        let mut passed = vec![document];
        let mut last = document;
        for part in at.parts() {
            let Some(next) = last.child(&part) else {
                break;
            };
            passed.push(next);
            last = next;
        }
        Self { at, passed }
    }

    /// What stands at the place.
    pub(super) fn end(&self) -> Option<T> {
        self.passed.get(self.at.parts().count()).copied()
    }

    /// Whether what stands at the place, which is `value`, may be shown by a `test` of a patch: it holds no credential.
    pub(super) fn may_show(&self, value: &Value) -> bool {
        let last = self.at.parts().last().unwrap_or_default();
        let above = self.passed.len().checked_sub(2);
        let parent = above.and_then(|above| self.passed.get(above)).copied();
        let beside = parent.and_then(|parent| Some(parent.child("name")?.value()));
        let name = beside.as_ref().and_then(Value::as_str).unwrap_or(&last);
        // One word of a command says nothing without the word before it.
        !match parent {
            Some(words) if value.is_string() && matches!(words.shape(), Shape::List(_)) => {
                holds_credential(name, &words.value())
            }
            _ => holds_credential(name, value),
        }
    }

    /// A `test` of the name of every named list element on the way.
    pub(super) fn guards(&self) -> Option<Vec<PatchOperation>> {
        let steps = self.passed.iter().zip(self.passed.iter().skip(1));
        let in_lists = steps
            .zip(1..)
            .filter(|((above, _), _)| matches!(above.shape(), Shape::List(_)));
        let named =
            in_lists.filter_map(|((_, element), depth)| Some((element.child("name")?, depth)));
        named
            .map(|(name, depth)| test(&self.at.first(depth).join("/name"), name.value()))
            .collect()
    }

    /// The highest missing place, and what to put there so that the place has `value`; none where nothing can be
    /// put there.
    pub(super) fn with_missing_parents(&self, value: &Value) -> Option<(Pointer, Value)> {
        let depth = self.passed.len();
        let missing: Vec<_> = self.at.parts().skip(depth - 1).collect();
        let (first, below) = missing.split_first()?;
        let takes_more = match self.passed.last()?.shape() {
            Shape::Object => true,
            Shape::List(length) => first.parse() == Ok(length),
            Shape::Scalar => false,
        };
        let around = |inner: Value, part: &Cow<'_, str>| json!({part.as_ref(): inner});
        let whole = || below.iter().rev().fold(value.clone(), around);
        takes_more.then(|| (self.at.first(depth), whole()))
    }
}

fn holds_credential(name: &str, value: &Value) -> bool {
    match value {
        Value::String(text) => in_variable(name, text).is_some(),
        Value::Array(items) => {
            let words: Vec<&str> = items.iter().filter_map(Value::as_str).collect();
            !in_command(words).is_empty() || items.iter().any(|item| holds_credential(name, item))
        }
        Value::Object(fields) => {
            let own = fields.get("name").and_then(Value::as_str);
            fields
                .iter()
                .any(|(key, value)| holds_credential(own.unwrap_or(key), value))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}
