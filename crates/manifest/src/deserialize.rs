//! A node as any type that can be deserialized, with errors that say where.

use std::fmt;

use serde::de::{self, Deserializer, Expected, Unexpected, Visitor};
use serde::forward_to_deserialize_any;

use crate::access::{EnumReader, MapReader, SeqReader};
use crate::node::{Node, NodeValue, Position};

/// Where errors stand until a node takes them in.
const NOWHERE: Position = Position { line: 0, column: 0 };
/// How much of a found text an error repeats.
const SHOWN: usize = 60;

/// Why a node is not what was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeserializeError {
    /// Where the offending value or key was written.
    pub position: Position,
    /// The way there from the root, like `spec.containers[0].image`; empty for the root.
    pub path: String,
    /// What was expected and what was found.
    pub message: String,
}

impl fmt::Display for DeserializeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.position)?;
        if !self.path.is_empty() {
            write!(f, "{}: ", self.path)?;
        }
        f.write_str(&self.message)
    }
}

impl std::error::Error for DeserializeError {}

impl DeserializeError {
    /// The position, for an error that has none yet.
    pub(crate) fn at(mut self, position: Position) -> Self {
        if self.position == NOWHERE {
            self.position = position;
        }
        self
    }

    /// The same error seen from the mapping that holds `key`.
    pub(crate) fn under_key(mut self, key: &str) -> Self {
        let simple = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        let step = if !key.is_empty() && key.bytes().all(simple) {
            key.to_owned()
        } else {
            format!("[{key:?}]")
        };
        let dot = if self.path.is_empty() || self.path.starts_with('[') {
            ""
        } else {
            "."
        };
        self.path = format!("{step}{dot}{}", self.path);
        self
    }

    /// The same error seen from the list that holds the item.
    pub(crate) fn under_index(mut self, index: usize) -> Self {
        let dot = if self.path.is_empty() || self.path.starts_with('[') {
            ""
        } else {
            "."
        };
        self.path = format!("[{index}]{dot}{}", self.path);
        self
    }
}

impl de::Error for DeserializeError {
    fn custom<T: fmt::Display>(message: T) -> Self {
        DeserializeError {
            position: NOWHERE,
            path: String::new(),
            message: message.to_string(),
        }
    }

    fn invalid_type(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        let expected = expected.to_string();
        let words = plain_words(&expected);
        Self::custom(format_args!("expected {words}, found {}", Found(found)))
    }

    fn invalid_value(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        let expected = expected.to_string();
        let words = range(&expected).unwrap_or_else(|| plain_words(&expected));
        Self::custom(format_args!("expected {words}, found {}", Found(found)))
    }
}

/// serde names Rust's types; readers of manifests know others.
fn plain_words(expected: &str) -> &str {
    match expected {
        "i8" | "i16" | "i32" | "i64" | "u8" | "u16" | "u32" | "u64" | "isize" | "usize" => {
            "an integer"
        }
        "f32" | "f64" => "a number",
        "a string" | "str" | "a borrowed string" => "text",
        "a boolean" => "true or false",
        "a sequence" => "a list",
        "a map" => "a mapping",
        "unit" => "null",
        _ if expected.starts_with("struct ") => "a mapping",
        _ if expected.starts_with("enum ") => "text or a mapping with one key",
        _ => expected,
    }
}

fn range(expected: &str) -> Option<&'static str> {
    Some(match expected {
        "i8" => "an integer from -128 to 127",
        "i16" => "an integer from -32768 to 32767",
        "i32" => "an integer from -2147483648 to 2147483647",
        "i64" | "isize" => "an integer from -9223372036854775808 to 9223372036854775807",
        "u8" => "an integer from 0 to 255",
        "u16" => "an integer from 0 to 65535",
        "u32" => "an integer from 0 to 4294967295",
        "u64" | "usize" => "an integer from 0 to 18446744073709551615",
        _ => return None,
    })
}

struct Found<'a>(Unexpected<'a>);

impl fmt::Display for Found<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Unexpected::Bool(value) => write!(f, "{value}"),
            Unexpected::Unsigned(value) => write!(f, "the number {value}"),
            Unexpected::Signed(value) => write!(f, "the number {value}"),
            Unexpected::Float(value) => write!(f, "the number {value}"),
            Unexpected::Str(text) => match text.char_indices().nth(SHOWN) {
                Some((end, _)) => write!(f, "the text {:?}…", &text[..end]),
                None => write!(f, "the text {text:?}"),
            },
            Unexpected::Unit | Unexpected::Option => f.write_str("null"),
            Unexpected::Seq => f.write_str("a list"),
            Unexpected::Map => f.write_str("a mapping"),
            other => write!(f, "{other}"),
        }
    }
}

impl Node<'_> {
    /// What this node is, in an error's terms.
    pub(crate) fn unexpected(&self) -> Unexpected<'_> {
        match &self.value {
            NodeValue::Null => Unexpected::Unit,
            NodeValue::Bool(value) => Unexpected::Bool(*value),
            NodeValue::Integer(value) => Unexpected::Signed(*value),
            NodeValue::Unsigned(value) => Unexpected::Unsigned(*value),
            NodeValue::Float(value) => Unexpected::Float(*value),
            NodeValue::String(text) => Unexpected::Str(text),
            NodeValue::Sequence(_) => Unexpected::Seq,
            NodeValue::Mapping(_) => Unexpected::Map,
        }
    }

    fn refuse(&self, expected: &dyn Expected) -> DeserializeError {
        let error: DeserializeError = de::Error::invalid_type(self.unexpected(), expected);
        error.at(self.position)
    }
}

impl<'de> Deserializer<'de> for &'de Node<'_> {
    type Error = DeserializeError;

    /// Visitors refuse what they are not: text takes no number, a number no text.
    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        match &self.value {
            NodeValue::Null => visitor.visit_unit(),
            NodeValue::Bool(value) => visitor.visit_bool(*value),
            NodeValue::Integer(value) => visitor.visit_i64(*value),
            NodeValue::Unsigned(value) => visitor.visit_u64(*value),
            NodeValue::Float(value) => visitor.visit_f64(*value),
            NodeValue::String(text) => visitor.visit_borrowed_str(text),
            NodeValue::Sequence(items) => {
                let mut reader = SeqReader::new(items);
                let value = visitor.visit_seq(&mut reader);
                value.and_then(|value| reader.finish().map(|()| value))
            }
            NodeValue::Mapping(entries) => visitor.visit_map(MapReader::new(entries)),
        }
        .map_err(|error: DeserializeError| error.at(self.position))
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        match &self.value {
            NodeValue::Null => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
        .map_err(|error: DeserializeError| error.at(self.position))
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Self::Error> {
        visitor
            .visit_newtype_struct(self)
            .map_err(|error: DeserializeError| error.at(self.position))
    }

    /// A list never stands for a struct, though serde's derived types would take one.
    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Self::Error> {
        match &self.value {
            NodeValue::Mapping(_) => self.deserialize_any(visitor),
            _ => Err(self.refuse(&"a mapping")),
        }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Self::Error> {
        let reader = match &self.value {
            NodeValue::String(text) => EnumReader::unit(text, self.position),
            NodeValue::Mapping(entries) => match entries.as_slice() {
                [(key, value)] => EnumReader::entry(key, value),
                _ => return Err(self.refuse(&"text or a mapping with one key")),
            },
            _ => return Err(self.refuse(&"text or a mapping with one key")),
        };
        visitor
            .visit_enum(reader)
            .map_err(|error: DeserializeError| error.at(self.position))
    }

    fn deserialize_bytes<V: Visitor<'de>>(self, _visitor: V) -> Result<V::Value, Self::Error> {
        let error: DeserializeError = de::Error::custom("bytes cannot be read from a manifest");
        Err(error.at(self.position))
    }

    fn deserialize_byte_buf<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        self.deserialize_bytes(visitor)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        visitor.visit_unit()
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string
        unit unit_struct seq tuple tuple_struct map identifier
    }
}
