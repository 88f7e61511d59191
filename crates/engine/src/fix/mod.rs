//! From the change a check wants to a JSON Patch (RFC 6902) that is safe to apply.

mod tree;
mod way;

pub use tree::{Shape, Tree};

use json_patch::{
    AddOperation, PatchOperation, RemoveOperation, ReplaceOperation, TestOperation,
    jsonptr::PointerBuf,
};
use serde_json::{Value, json};

use crate::object::{Container, Pointer};
use way::Way;

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
pub fn patch(document: impl Tree, edits: &[Edit]) -> Option<Vec<PatchOperation>> {
    let mut operations = Vec::new();
    // A copy of all of it is dear, and only what comes after an edit has to see what that made.
    let mut edited: Option<Value> = None;
    for (number, edit) in edits.iter().enumerate() {
        let steps = match &edited {
            Some(edited) => steps(edited, edit),
            None => steps(document, edit),
        }?;
        if number + 1 < edits.len() {
            apply_patch(edited.get_or_insert_with(|| document.value()), &steps)?;
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
pub fn apply_patch(document: &mut Value, patch: &[PatchOperation]) -> Option<()> {
    let mut each = patch.chunks(1);
    each.try_for_each(|one| json_patch::patch(document, one).ok())
}

fn steps(document: impl Tree, edit: &Edit) -> Option<Vec<PatchOperation>> {
    match edit {
        Edit::Set { at, value } => set(&Way::through(document, at), value),
        Edit::Append { at, value } => append(&Way::through(document, at), value),
        Edit::Remove { at } => {
            let way = Way::through(document, at);
            let old = way.end()?.value();
            if !way.may_show(&old) {
                return None;
            }
            let mut steps = way.guards()?;
            steps.push(test(at, old)?);
            steps.push(remove(at)?);
            Some(steps)
        }
    }
}

fn append(way: &Way<'_, impl Tree>, value: &Value) -> Option<Vec<PatchOperation>> {
    match way.end().map(Tree::value) {
        Some(Value::Array(list)) if list.contains(value) => Some(Vec::new()),
        Some(Value::Array(_)) => {
            let mut steps = way.guards()?;
            steps.push(add(&way.at.join("/-"), value.clone())?);
            Some(steps)
        }
        _ => set(way, &json!([value])),
    }
}

fn set(way: &Way<'_, impl Tree>, value: &Value) -> Option<Vec<PatchOperation>> {
    let mut steps = way.guards()?;
    match way.end().map(Tree::value) {
        Some(old) if old == *value => return Some(Vec::new()),
        Some(old) if !way.may_show(&old) => return None,
        Some(old) => {
            steps.push(test(way.at, old)?);
            steps.push(replace(way.at, value.clone())?);
        }
        None => {
            let (place, value) = way.with_missing_parents(value)?;
            steps.push(add(&place, value)?);
        }
    }
    Some(steps)
}

fn test(at: &Pointer, value: Value) -> Option<PatchOperation> {
    let path = path(at)?;
    Some(PatchOperation::Test(TestOperation { path, value }))
}

fn add(at: &Pointer, value: Value) -> Option<PatchOperation> {
    let path = path(at)?;
    Some(PatchOperation::Add(AddOperation { path, value }))
}

fn replace(at: &Pointer, value: Value) -> Option<PatchOperation> {
    let path = path(at)?;
    Some(PatchOperation::Replace(ReplaceOperation { path, value }))
}

fn remove(at: &Pointer) -> Option<PatchOperation> {
    let path = path(at)?;
    Some(PatchOperation::Remove(RemoveOperation { path }))
}

fn path(at: &Pointer) -> Option<PointerBuf> {
    PointerBuf::parse(at.as_str()).ok()
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
            json!(patch),
            json!([
                {"op": "test", "path": "/spec/containers/0/name", "value": "web"},
                {"op": "add", "path": "/spec/containers/0/securityContext", "value": {"privileged": false}},
            ])
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
            json!(patch),
            json!([
                {"op": "test", "path": "/spec/replicas", "value": 1},
                {"op": "replace", "path": "/spec/replicas", "value": 2},
            ])
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
            json!(patch(&empty, std::slice::from_ref(&append)).unwrap())[0]["value"],
            json!(["ALL"])
        );
        assert_eq!(patch(&json!({"spec": {"list": ["ALL"]}}), &[append]), None);
    }
}
