//! From the change a check wants to a JSON Patch (RFC 6902) that is safe to apply.

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
    let mut document = document.clone();
    for edit in edits {
        for operation in steps(&document, edit)? {
            apply(&mut document, &operation)?;
            if !operations.contains(&operation) {
                operations.push(operation);
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
        Edit::Set { at, value } => set(document, at, value),
        Edit::Append { at, value } => {
            let list = document.pointer(at.as_str()).and_then(Value::as_array);
            if list.is_some_and(|list| list.contains(value)) {
                return Some(Vec::new());
            }
            match list {
                Some(_) => {
                    let mut steps = guards(document, at);
                    steps
                        .push(json!({"op": "add", "path": at.join("/-").as_str(), "value": value}));
                    Some(steps)
                }
                None => set(document, at, &json!([value])),
            }
        }
        Edit::Remove { at } => {
            let old = shown(document, at)?;
            let mut steps = guards(document, at);
            steps.push(json!({"op": "test", "path": at.as_str(), "value": old}));
            steps.push(json!({"op": "remove", "path": at.as_str()}));
            Some(steps)
        }
    }
}

fn set(document: &Value, at: &Pointer, value: &Value) -> Option<Vec<Value>> {
    let mut steps = guards(document, at);
    match document.pointer(at.as_str()) {
        Some(old) if old == value => return Some(Vec::new()),
        Some(_) => {
            let old = shown(document, at)?;
            steps.push(json!({"op": "test", "path": at.as_str(), "value": old}));
            steps.push(json!({"op": "replace", "path": at.as_str(), "value": value}));
        }
        None => {
            let (place, value) = with_missing_parents(document, at, value)?;
            steps.push(json!({"op": "add", "path": place.as_str(), "value": value}));
        }
    }
    Some(steps)
}

/// The value at a place, as a `test` of a patch shows it; none where that would show a credential.
fn shown<'a>(document: &'a Value, at: &Pointer) -> Option<&'a Value> {
    let value = document.pointer(at.as_str())?;
    let last = at.parts().last().unwrap_or_default();
    let parent = parent(document, at);
    let beside = parent.and_then(|parent| parent.get("name")?.as_str());
    // One word of a command says nothing without the word before it.
    let in_list = parent.is_some_and(|parent| parent.is_array() && value.is_string());
    let whole = parent.filter(|_| in_list).unwrap_or(value);
    (!holds_credential(beside.unwrap_or(&last), whole)).then_some(value)
}

fn parent<'a>(document: &'a Value, at: &Pointer) -> Option<&'a Value> {
    let (parent, _) = at.as_str().rsplit_once('/')?;
    document.pointer(parent)
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

/// The highest missing place on the way to `at`, and what to put there so that `at` has `value`.
fn with_missing_parents(document: &Value, at: &Pointer, value: &Value) -> Option<(Pointer, Value)> {
    let mut place = Pointer::root();
    let parts: Vec<String> = at.parts().collect();
    for (depth, part) in parts.iter().enumerate() {
        place = place.key(part);
        if document.pointer(place.as_str()).is_none() {
            let below = parts[depth + 1..].iter().rev();
            return Some((
                place,
                below.fold(value.clone(), |inner, part| json!({part.as_str(): inner})),
            ));
        }
    }
    None
}

/// A `test` of the name of every named list element on the way to `at`.
fn guards(document: &Value, at: &Pointer) -> Vec<Value> {
    let mut place = Pointer::root();
    let mut guards = Vec::new();
    for part in at.parts() {
        place = place.key(&part);
        let is_index = part.bytes().all(|byte| byte.is_ascii_digit());
        if let (true, Some(name)) = (is_index, document.pointer(place.join("/name").as_str())) {
            guards.push(json!({"op": "test", "path": place.join("/name").as_str(), "value": name}));
        }
    }
    guards
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
