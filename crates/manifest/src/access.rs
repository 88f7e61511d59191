//! How serde walks lists, mappings and enums of nodes.

use std::slice::Iter;

use serde::de::{
    self, DeserializeSeed, Deserializer, EnumAccess, MapAccess, SeqAccess, VariantAccess, Visitor,
};
use serde::forward_to_deserialize_any;

use crate::deserialize::DeserializeError;
use crate::node::{Key, Node, Position};

/// A list's items, one by one.
pub(crate) struct SeqReader<'de, 'a> {
    items: &'de [Node<'a>],
    next: usize,
}

impl<'de, 'a> SeqReader<'de, 'a> {
    pub(crate) fn new(items: &'de [Node<'a>]) -> Self {
        SeqReader { items, next: 0 }
    }

    /// Refuses items nobody asked for, as of a tuple.
    pub(crate) fn finish(&self) -> Result<(), DeserializeError> {
        match self.items.get(self.next) {
            None => Ok(()),
            Some(item) => {
                let message = format!("expected {} items, found {}", self.next, self.items.len());
                let error: DeserializeError = de::Error::custom(message);
                Err(error.at(item.position))
            }
        }
    }
}

impl<'de> SeqAccess<'de> for &mut SeqReader<'de, '_> {
    type Error = DeserializeError;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Self::Error> {
        let Some(item) = self.items.get(self.next) else {
            return Ok(None);
        };
        let index = self.next;
        self.next += 1;
        seed.deserialize(item)
            .map(Some)
            .map_err(|error| error.at(item.position).under_index(index))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.items.len() - self.next)
    }
}

/// A mapping's entries, one by one.
pub(crate) struct MapReader<'de, 'a> {
    entries: Iter<'de, (Key<'a>, Node<'a>)>,
    value: Option<&'de (Key<'a>, Node<'a>)>,
}

impl<'de, 'a> MapReader<'de, 'a> {
    pub(crate) fn new(entries: &'de [(Key<'a>, Node<'a>)]) -> Self {
        MapReader {
            entries: entries.iter(),
            value: None,
        }
    }
}

impl<'de> MapAccess<'de> for MapReader<'de, '_> {
    type Error = DeserializeError;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Self::Error> {
        self.value = self.entries.next();
        let Some((key, _)) = self.value else {
            return Ok(None);
        };
        seed.deserialize(Text(&key.text))
            .map(Some)
            .map_err(|error| error.at(key.position))
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(
        &mut self,
        seed: V,
    ) -> Result<V::Value, Self::Error> {
        let Some((key, value)) = self.value.take() else {
            return Err(de::Error::custom("a value was asked for before its key"));
        };
        seed.deserialize(value)
            .map_err(|error| error.at(value.position).under_key(&key.text))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.entries.len())
    }
}

/// An enum as its variant's name, or as a mapping of that name to its content.
pub(crate) struct EnumReader<'de, 'a> {
    name: &'de str,
    position: Position,
    content: Option<&'de Node<'a>>,
}

impl<'de, 'a> EnumReader<'de, 'a> {
    pub(crate) fn unit(name: &'de str, position: Position) -> Self {
        EnumReader {
            name,
            position,
            content: None,
        }
    }

    pub(crate) fn entry(key: &'de Key<'a>, content: &'de Node<'a>) -> Self {
        EnumReader {
            name: &key.text,
            position: key.position,
            content: Some(content),
        }
    }

    fn content(&self) -> Result<&'de Node<'a>, DeserializeError> {
        self.content.ok_or_else(|| {
            let message = format!("`{}` needs a value: write it as a mapping", self.name);
            let error: DeserializeError = de::Error::custom(message);
            error.at(self.position)
        })
    }

    fn read<T>(
        &self,
        read: impl FnOnce(&'de Node<'a>) -> Result<T, DeserializeError>,
    ) -> Result<T, DeserializeError> {
        let content = self.content()?;
        read(content).map_err(|error| error.at(content.position).under_key(self.name))
    }
}

impl<'de> EnumAccess<'de> for EnumReader<'de, '_> {
    type Error = DeserializeError;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(
        self,
        seed: V,
    ) -> Result<(V::Value, Self::Variant), Self::Error> {
        let value = seed
            .deserialize(Text(self.name))
            .map_err(|error| error.at(self.position))?;
        Ok((value, self))
    }
}

impl<'de> VariantAccess<'de> for EnumReader<'de, '_> {
    type Error = DeserializeError;

    fn unit_variant(self) -> Result<(), Self::Error> {
        match self.content {
            None => Ok(()),
            Some(_) => self.read(de::Deserialize::deserialize),
        }
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(
        self,
        seed: T,
    ) -> Result<T::Value, Self::Error> {
        self.read(|content| seed.deserialize(content))
    }

    fn tuple_variant<V: Visitor<'de>>(
        self,
        len: usize,
        visitor: V,
    ) -> Result<V::Value, Self::Error> {
        self.read(|content| content.deserialize_tuple(len, visitor))
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Self::Error> {
        self.read(|content| content.deserialize_struct("", fields, visitor))
    }
}

/// A key or a variant's name.
struct Text<'de>(&'de str);

impl<'de> Deserializer<'de> for Text<'de> {
    type Error = DeserializeError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        visitor.visit_borrowed_str(self.0)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Self::Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Self::Error> {
        visitor.visit_enum(EnumReader::unit(self.0, Position { line: 0, column: 0 }))
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string
        bytes byte_buf unit unit_struct seq tuple tuple_struct map struct
        identifier ignored_any
    }
}
