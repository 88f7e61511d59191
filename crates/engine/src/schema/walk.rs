//! One pass over a document beside its schema.

use std::{borrow::Cow, fmt};

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::{Definition, MOST, Schema, SchemaFault, Shape, Type, nearest, title};
use crate::object::Pointer;

/// A place in the document, as a step behind the one above it.
pub(super) struct Path<'p> {
    above: Option<&'p Path<'p>>,
    step: Step<'p>,
}

enum Step<'p> {
    Root,
    Field(&'p str),
    Item(usize),
}

impl Path<'_> {
    pub(super) const ROOT: Path<'static> = Path {
        above: None,
        step: Step::Root,
    };

    fn pointer(&self) -> Pointer {
        let above = self.above.map_or_else(Pointer::root, Path::pointer);
        match self.step {
            Step::Root => above,
            Step::Field(name) => above.key(name),
            Step::Item(index) => above.index(index),
        }
    }
}

/// Walks one value.
pub(super) struct Walk<'w> {
    pub(super) schema: &'w Schema,
    pub(super) kind: Type,
    pub(super) at: &'w Path<'w>,
    pub(super) faults: &'w mut Vec<SchemaFault>,
}

impl Walk<'_> {
    fn shape(&self) -> Shape {
        self.schema.shape(self.kind)
    }

    fn tell(&mut self, at: &Path<'_>, message: String) {
        if self.faults.len() < MOST {
            let pointer = at.pointer();
            self.faults.push(SchemaFault { pointer, message });
        }
    }

    fn tell_other(&mut self, found: &str) {
        if matches!(self.shape(), Shape::Any) {
            return;
        }
        let wanted = self.shape().words();
        let at = self.at;
        self.tell(at, format!("has {found} where {wanted} is wanted"));
    }
}

impl<'de> DeserializeSeed<'de> for Walk<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Walk<'_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("any value")
    }

    /// Null is as good as nothing.
    fn visit_unit<E: Error>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_none<E: Error>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }

    fn visit_bool<E: Error>(mut self, _: bool) -> Result<(), E> {
        if !matches!(self.shape(), Shape::Boolean) {
            self.tell_other("true or false");
        }
        Ok(())
    }

    fn visit_i64<E: Error>(mut self, _: i64) -> Result<(), E> {
        if !matches!(
            self.shape(),
            Shape::Integer | Shape::Number | Shape::Quantity | Shape::IntOrString
        ) {
            self.tell_other("a number");
        }
        Ok(())
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<(), E> {
        self.visit_i64(0)
    }

    fn visit_f64<E: Error>(mut self, _: f64) -> Result<(), E> {
        if !matches!(self.shape(), Shape::Number | Shape::Quantity) {
            self.tell_other("a fraction");
        }
        Ok(())
    }

    fn visit_str<E: Error>(mut self, _: &str) -> Result<(), E> {
        if !matches!(
            self.shape(),
            Shape::Text | Shape::Quantity | Shape::IntOrString
        ) {
            self.tell_other("a text");
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut items: A) -> Result<(), A::Error> {
        let Shape::List(kind) = self.shape() else {
            self.tell_other("a list");
            while items.next_element::<IgnoredAny>()?.is_some() {}
            return Ok(());
        };
        for index in 0.. {
            let at = Path {
                above: Some(self.at),
                step: Step::Item(index),
            };
            let walk = Walk {
                schema: self.schema,
                kind,
                at: &at,
                faults: self.faults,
            };
            if items.next_element_seed(walk)?.is_none() {
                break;
            }
        }
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut entries: A) -> Result<(), A::Error> {
        let shape = self.shape();
        while let Some(name) = entries.next_key_seed(Name)? {
            let kind = match shape {
                Shape::Map(kind) => Some(kind),
                Shape::Fields(index) => {
                    let definition = &self.schema.definitions[index];
                    let found = definition.fields.get(name.as_ref()).copied();
                    if found.is_none() {
                        let message = unknown(definition, &name);
                        let at = Path {
                            above: Some(self.at),
                            step: Step::Field(&name),
                        };
                        self.tell(&at, message);
                    }
                    found
                }
                _ => None,
            };
            let Some(kind) = kind else {
                entries.next_value::<IgnoredAny>()?;
                continue;
            };
            let at = Path {
                above: Some(self.at),
                step: Step::Field(&name),
            };
            entries.next_value_seed(Walk {
                schema: self.schema,
                kind,
                at: &at,
                faults: self.faults,
            })?;
        }
        if !matches!(shape, Shape::Map(_) | Shape::Fields(_)) {
            self.tell_other("a mapping");
        }
        Ok(())
    }
}

fn unknown(definition: &Definition, written: &str) -> String {
    let name = title(definition.name);
    let told = format!("has {written}, which is no field of {name}");
    match nearest(definition.fields.keys().copied(), written) {
        Some(known) => format!("{told}; did you mean {known}?"),
        None => told,
    }
}

/// The name of an entry, without a copy where the document has one.
struct Name;

impl<'de> DeserializeSeed<'de> for Name {
    type Value = Cow<'de, str>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for Name {
    type Value = Cow<'de, str>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a name")
    }

    fn visit_borrowed_str<E: Error>(self, name: &'de str) -> Result<Self::Value, E> {
        Ok(Cow::Borrowed(name))
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<Self::Value, E> {
        Ok(Cow::Owned(name.to_owned()))
    }
}
