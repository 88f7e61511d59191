//! From the change a check wants to a JSON Patch (RFC 6902) that is safe to apply.

use std::borrow::Cow;

use serde_json::{Value, json};

use crate::{
    credential::{in_command, in_variable},
    object::{Container, Pointer},
};

/// A change of one place that mends a fault.
#[derive(Clone, Debug, PartialEq)]
pub enum Edit {
    /// Puts a value there, whatever stands there now; what lies above is made where it is missing.
    Set {
        /// The place.
        at: Pointer,
        /// The value.
        value: Value,
    },
    /// Adds a value at the end of a list, which is made where it is missing.
    Append {
        /// The list.
        at: Pointer,
        /// The value.
        value: Value,
    },
    /// Takes away what stands there.
    Remove {
        /// The place.
        at: Pointer,
    },
}

impl Edit {
    /// Puts a value at a place within a container.
    pub fn set_in(container: &Container<'_>, suffix: &str, value: impl Into<Value>) -> Self {
        Self::Set {
            at: container.at(suffix),
            value: value.into(),
        }
    }

    /// Puts a value at a place within the object.
    pub fn set(at: Pointer, value: impl Into<Value>) -> Self {
        Self::Set {
            at,
            value: value.into(),
        }
    }
}

/// The JSON Patch that makes all edits on `document`, or none where an edit does not fit it.
///
/// Every value that is replaced or removed, and the name of every list element that is passed by, is
/// guarded by a `test`, so that the patch fails rather than hits the wrong place in a changed object.
pub fn patch(document: &Value, edits: &[Edit]) -> Option<Vec<Value>> {
    let mut operations = Vec::new();
    // A copy of all of it is dear, and only what comes after an edit has to see what that made.
    let mut edited: Option<Value> = None;
    for (number, edit) in edits.iter().enumerate() {
        let steps = steps(edited.as_ref().unwrap_or(document), edit)?;
        if number + 1 < edits.len() {
            apply_patch(edited.get_or_insert_with(|| document.clone()), &steps)?;
        }
        for step in steps {
            if !operations.contains(&step) {
                operations.push(step);
            }
        }
    }
    (!operations.is_empty()).then_some(operations)
}

/// Applies a JSON Patch to a document.
pub fn apply_patch(document: &mut Value, patch: &[Value]) -> Option<()> {
    patch
        .iter()
        .try_for_each(|operation| apply(document, operation))
}

fn apply(document: &mut Value, operation: &Value) -> Option<()> {
    let patch: json_patch::Patch = serde_json::from_value(json!([operation])).ok()?;
    json_patch::patch(document, &patch).ok()
}

fn steps(document: &Value, edit: &Edit) -> Option<Vec<Value>> {
    match edit {
        Edit::Set { at, value } => set(&Way::through(document, at), value),
        Edit::Append { at, value } => append(&Way::through(document, at), value),
        Edit::Remove { at } => {
            let way = Way::through(document, at);
            let old = way.shown()?;
            let mut steps = way.guards();
            steps.push(json!({"op": "test", "path": at.as_str(), "value": old}));
            steps.push(json!({"op": "remove", "path": at.as_str()}));
            Some(steps)
        }
    }
}

fn append(way: &Way<'_>, value: &Value) -> Option<Vec<Value>> {
    match way.end().and_then(Value::as_array) {
        Some(list) if list.contains(value) => Some(Vec::new()),
        Some(_) => {
            let mut steps = way.guards();
            let end = way.at.join("/-");
            steps.push(json!({"op": "add", "path": end.as_str(), "value": value}));
            Some(steps)
        }
        None => set(way, &json!([value])),
    }
}

fn set(way: &Way<'_>, value: &Value) -> Option<Vec<Value>> {
    let at = way.at.as_str();
    let mut steps = way.guards();
    match way.end() {
        Some(old) if old == value => return Some(Vec::new()),
        Some(_) => {
            steps.push(json!({"op": "test", "path": at, "value": way.shown()?}));
            steps.push(json!({"op": "replace", "path": at, "value": value}));
        }
        None => {
            let (place, value) = way.with_missing_parents(value)?;
            steps.push(json!({"op": "add", "path": place.as_str(), "value": value}));
        }
    }
    Some(steps)
}

/// The way through a document to a place in it, as far as it goes.
struct Way<'a> {
    at: &'a Pointer,
    /// From the whole document to the last value that is there.
    passed: Vec<&'a Value>,
}

impl<'a> Way<'a> {
    fn through(document: &'a Value, at: &'a Pointer) -> Self {
        let mut passed = vec![document];
        let mut last = document;
        for part in at.parts() {
            let Some(next) = child(last, &part) else {
                break;
            };
            passed.push(next);
            last = next;
        }
        Self { at, passed }
    }

    /// What stands at the place.
    fn end(&self) -> Option<&'a Value> {
        self.passed.get(self.at.parts().count()).copied()
    }

    /// What stands at the place, as a `test` of a patch shows it; none where that would show a credential.
    fn shown(&self) -> Option<&'a Value> {
        let value = self.end()?;
        let last = self.at.parts().last().unwrap_or_default();
        let above = self.passed.len().checked_sub(2);
        let parent = above.and_then(|above| self.passed.get(above)).copied();
        let beside = parent.and_then(|parent| parent.get("name")?.as_str());
        // One word of a command says nothing without the word before it.
        let in_list = parent.is_some_and(|parent| parent.is_array() && value.is_string());
        let whole = parent.filter(|_| in_list).unwrap_or(value);
        (!holds_credential(beside.unwrap_or(&last), whole)).then_some(value)
    }

    /// A `test` of the name of every named list element on the way.
    fn guards(&self) -> Vec<Value> {
        let steps = self.passed.iter().zip(self.passed.iter().skip(1));
        let steps = steps.zip(1..);
        let named = steps.filter_map(|((list, element), depth)| {
            let name = element.get("name").filter(|_| list.is_array())?;
            let place = self.at.first(depth).join("/name");
            Some(json!({"op": "test", "path": place.as_str(), "value": name}))
        });
        named.collect()
    }

    /// The highest missing place, and what to put there so that the place has `value`; none where nothing can be
    /// put there.
    fn with_missing_parents(&self, value: &Value) -> Option<(Pointer, Value)> {
        let depth = self.passed.len();
        let missing: Vec<_> = self.at.parts().skip(depth - 1).collect();
        let (first, below) = missing.split_first()?;
        let takes_more = match self.passed.last()? {
            Value::Object(_) => true,
            Value::Array(list) => first.parse() == Ok(list.len()),
            _ => false,
        };
        let around = |inner: Value, part: &Cow<'_, str>| json!({part.as_ref(): inner});
        let whole = || below.iter().rev().fold(value.clone(), around);
        takes_more.then(|| (self.at.first(depth), whole()))
    }
}

/// What stands below a value, by the part of a pointer.
fn child<'a>(value: &'a Value, part: &str) -> Option<&'a Value> {
    match value {
        Value::Object(fields) => fields.get(part),
        Value::Array(items) => items.get(part.parse::<usize>().ok()?),
        _ => None,
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Edit, apply_patch, patch};
    use crate::object::Pointer;

    #[test]
    fn missing_parents_are_made_and_the_container_is_guarded_by_its_name() {
        let mut document = json!({"spec": {"containers": [{"name": "web"}]}});
        let edit = Edit::set(
            Pointer::new("/spec/containers/0/securityContext/privileged"),
            false,
        );
        let patch = patch(&document, &[edit]).unwrap();
        assert_eq!(
            patch,
            [
                json!({"op": "test", "path": "/spec/containers/0/name", "value": "web"}),
                json!({"op": "add", "path": "/spec/containers/0/securityContext", "value": {"privileged": false}}),
            ]
        );
        apply_patch(&mut document, &patch).unwrap();
        assert_eq!(
            document["spec"]["containers"][0]["securityContext"]["privileged"],
            false
        );
        let mut other = json!({"spec": {"containers": [{"name": "api"}]}});
        assert!(
            apply_patch(&mut other, &patch).is_none(),
            "a patch for web was applied to api"
        );
    }

    #[test]
    fn a_replaced_value_is_tested_first() {
        let document = json!({"spec": {"replicas": 1}});
        let patch = patch(&document, &[Edit::set(Pointer::new("/spec/replicas"), 2)]).unwrap();
        assert_eq!(
            patch,
            [
                json!({"op": "test", "path": "/spec/replicas", "value": 1}),
                json!({"op": "replace", "path": "/spec/replicas", "value": 2}),
            ]
        );
    }

    #[test]
    fn no_patch_shows_a_credential() {
        let variables = json!([
            {"name": "DEBUG", "value": "true"},
            {"name": "DB_PASSWORD", "value": "tr0ub4dor&3x"},
        ]);
        let args = json!(["serve", "--password", "tr0ub4dor&3x"]);
        let document = json!({"env": variables, "args": args});
        let at = Pointer::new;
        for (edit, offered) in [
            (Edit::set(at("/env/0/value"), "false"), true),
            (Edit::set(at("/env/1/value"), "x"), false),
            (Edit::Remove { at: at("/env/0") }, true),
            (Edit::Remove { at: at("/env/1") }, false),
            (Edit::Remove { at: at("/args") }, false),
            (Edit::Remove { at: at("/args/2") }, false),
        ] {
            let patch = patch(&document, std::slice::from_ref(&edit));
            assert_eq!(patch.is_some(), offered, "{edit:?}");
            assert!(!format!("{patch:?}").contains("tr0ub4dor"), "{edit:?}");
        }
    }

    #[test]
    fn appending_makes_the_list_and_never_adds_twice() {
        let at = Pointer::new("/spec/list");
        let append = Edit::Append {
            at,
            value: json!("ALL"),
        };
        let empty = json!({"spec": {}});
        assert_eq!(
            patch(&empty, std::slice::from_ref(&append)).unwrap()[0]["value"],
            json!(["ALL"])
        );
        assert_eq!(patch(&json!({"spec": {"list": ["ALL"]}}), &[append]), None);
    }
}
