//! What a patch may be made for.

use serde_json::Value;

/// A tree of values that a patch may be made for: an object as JSON, or as it stands in a file.
pub trait Tree: Copy {
    /// What stands below, by the part of a pointer (RFC 6901, unescaped). Null is nothing: the API server keeps none.
    fn child(self, part: &str) -> Option<Self>;

    /// What can be put into it.
    fn shape(self) -> Shape;

    /// It all, as JSON.
    fn value(self) -> Value;
}

/// What can be put into a value of a tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Members by key.
    Object,
    /// Items; so many are there.
    List(usize),
    /// Nothing.
    Scalar,
}

impl Tree for &Value {
    fn child(self, part: &str) -> Option<Self> {
        let child = match self {
            Value::Object(fields) => fields.get(part),
            Value::Array(items) => items.get(part.parse::<usize>().ok()?),
            _ => None,
        };
        child.filter(|child| !child.is_null())
    }

    fn shape(self) -> Shape {
        match self {
            Value::Object(_) => Shape::Object,
            Value::Array(items) => Shape::List(items.len()),
            _ => Shape::Scalar,
        }
    }

    fn value(self) -> Value {
        self.clone()
    }
}
