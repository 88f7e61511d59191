//! A tree of values that know where they were written.

use std::borrow::Cow;
use std::fmt;

use serde::{Serialize, Serializer};

/// A place in a text; line and column count from 1, columns in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    /// The line, from 1.
    pub line: u32,
    /// The column in characters, from 1.
    pub column: u32,
}

impl Position {
    /// Where every text starts.
    pub const START: Position = Position { line: 1, column: 1 };
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.line, self.column)
    }
}

/// A value and where it was written.
#[derive(Debug, Clone, PartialEq)]
pub struct Node<'a> {
    /// Where the value starts; for an alias, where the alias stands.
    pub position: Position,
    /// What was written there.
    pub value: NodeValue<'a>,
}

/// What JSON can say; the order of a mapping's entries is the text's.
#[derive(Debug, Clone, PartialEq)]
pub enum NodeValue<'a> {
    /// Nothing, `null` or `~`.
    Null,
    /// True or false, and the words YAML 1.1 has for them.
    Bool(bool),
    /// A whole number that fits 64 bits with a sign.
    Integer(i64),
    /// A whole number above [`i64::MAX`].
    Unsigned(u64),
    /// Any other number.
    Float(f64),
    /// Text.
    String(Cow<'a, str>),
    /// A list.
    Sequence(Vec<Node<'a>>),
    /// Entries with distinct keys, in the order they were written.
    Mapping(Vec<(Key<'a>, Node<'a>)>),
}

/// A mapping's key and where it was written.
#[derive(Debug, Clone, PartialEq)]
pub struct Key<'a> {
    /// The key as JSON would have it: always text.
    pub text: Cow<'a, str>,
    /// Where the key starts.
    pub position: Position,
}

impl<'a> Node<'a> {
    /// The value at `key`, if this is a mapping that has it.
    pub fn get(&self, key: &str) -> Option<&Node<'a>> {
        self.entry(key).map(|(_, value)| value)
    }

    /// The text, if this is text.
    pub fn as_str(&self) -> Option<&str> {
        match &self.value {
            NodeValue::String(text) => Some(text),
            _ => None,
        }
    }

    /// The items, if this is a list.
    pub fn as_sequence(&self) -> Option<&[Node<'a>]> {
        match &self.value {
            NodeValue::Sequence(items) => Some(items),
            _ => None,
        }
    }

    /// The entries, if this is a mapping.
    pub fn as_mapping(&self) -> Option<&[(Key<'a>, Node<'a>)]> {
        match &self.value {
            NodeValue::Mapping(entries) => Some(entries),
            _ => None,
        }
    }

    /// Where a JSON Pointer leads: a mapping's entry is at its key, a list's item at
    /// itself. Where the last parts do not exist, the nearest ancestor that does.
    pub fn locate(&self, pointer: &str) -> Position {
        let mut node = self;
        let mut position = self.position;
        for part in pointer.split('/').skip(1) {
            let found = match &node.value {
                NodeValue::Sequence(items) => part
                    .parse::<usize>()
                    .ok()
                    .and_then(|index| items.get(index))
                    .map(|item| (item.position, item)),
                NodeValue::Mapping(_) => node
                    .entry(&unescape(part))
                    .map(|(key, value)| (key.position, value)),
                _ => None,
            };
            let Some(found) = found else { break };
            (position, node) = found;
        }
        position
    }

    /// The same tree, borrowing nothing from the text.
    pub fn into_owned(self) -> Node<'static> {
        let Node { position, value } = self;
        let value = match value {
            NodeValue::Null => NodeValue::Null,
            NodeValue::Bool(value) => NodeValue::Bool(value),
            NodeValue::Integer(value) => NodeValue::Integer(value),
            NodeValue::Unsigned(value) => NodeValue::Unsigned(value),
            NodeValue::Float(value) => NodeValue::Float(value),
            NodeValue::String(text) => NodeValue::String(Cow::Owned(text.into_owned())),
            NodeValue::Sequence(items) => {
                NodeValue::Sequence(items.into_iter().map(Node::into_owned).collect())
            }
            NodeValue::Mapping(entries) => NodeValue::Mapping(
                entries
                    .into_iter()
                    .map(|(key, value)| (key.into_owned(), value.into_owned()))
                    .collect(),
            ),
        };
        Node { position, value }
    }

    fn entry(&self, key: &str) -> Option<&(Key<'a>, Node<'a>)> {
        self.as_mapping()?
            .iter()
            .find(|(candidate, _)| candidate.text == key)
    }
}

impl Key<'_> {
    fn into_owned(self) -> Key<'static> {
        Key {
            text: Cow::Owned(self.text.into_owned()),
            position: self.position,
        }
    }
}

/// Undoes RFC 6901's escapes.
fn unescape(part: &str) -> Cow<'_, str> {
    if part.contains('~') {
        Cow::Owned(part.replace("~1", "/").replace("~0", "~"))
    } else {
        Cow::Borrowed(part)
    }
}

impl Serialize for Node<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.value {
            NodeValue::Null => serializer.serialize_unit(),
            NodeValue::Bool(value) => serializer.serialize_bool(*value),
            NodeValue::Integer(value) => serializer.serialize_i64(*value),
            NodeValue::Unsigned(value) => serializer.serialize_u64(*value),
            NodeValue::Float(value) => serializer.serialize_f64(*value),
            NodeValue::String(text) => serializer.serialize_str(text),
            NodeValue::Sequence(items) => serializer.collect_seq(items),
            NodeValue::Mapping(entries) => serializer.collect_map(
                entries
                    .iter()
                    .map(|(key, value)| (key.text.as_ref(), value)),
            ),
        }
    }
}
