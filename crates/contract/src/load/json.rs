//! The tree as JSON, and as the input of serde.

use serde::de::value::{MapDeserializer, SeqDeserializer};
use serde::de::{Deserializer, Error as _, IntoDeserializer, Visitor};
use serde::forward_to_deserialize_any;

use super::node::{Node, Value};

/// The error of serde for a tree that doesn't match.
pub(super) type ModelError = serde::de::value::Error;

impl Node {
    /// The value as JSON, without positions. Key order is that of `serde_json`, alphabetical by default.
    pub fn to_json(&self) -> serde_json::Value {
        match &self.value {
            Value::Null => serde_json::Value::Null,
            Value::Bool(value) => (*value).into(),
            Value::Int(value) => number(*value),
            Value::Float(value) => (*value).into(),
            Value::String(text) => text.as_str().into(),
            Value::Seq(elements) => elements.iter().map(Self::to_json).collect(),
            Value::Map(mapping) => {
                mapping.iter().map(|entry| (entry.key.text.clone(), entry.value.to_json())).collect()
            }
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "JSON numbers beyond 64 bits are floating point to serde_json anyway")]
fn number(value: i128) -> serde_json::Value {
    if let Ok(value) = i64::try_from(value) {
        value.into()
    } else if let Ok(value) = u64::try_from(value) {
        value.into()
    } else {
        (value as f64).into()
    }
}

impl<'de> IntoDeserializer<'de, ModelError> for &'de Node {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

impl<'de> Deserializer<'de> for &'de Node {
    type Error = ModelError;

    #[expect(clippy::cast_precision_loss, reason = "as in `number`")]
    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ModelError> {
        match &self.value {
            Value::Null => visitor.visit_unit(),
            Value::Bool(value) => visitor.visit_bool(*value),
            Value::Int(value) => {
                if let Ok(value) = u64::try_from(*value) {
                    visitor.visit_u64(value)
                } else if let Ok(value) = i64::try_from(*value) {
                    visitor.visit_i64(value)
                } else {
                    visitor.visit_f64(*value as f64)
                }
            }
            Value::Float(value) => visitor.visit_f64(*value),
            Value::String(text) => visitor.visit_borrowed_str(text),
            Value::Seq(elements) => visitor.visit_seq(SeqDeserializer::new(elements.iter())),
            Value::Map(mapping) => visitor
                .visit_map(MapDeserializer::new(mapping.iter().map(|entry| (entry.key.text.as_str(), &entry.value)))),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ModelError> {
        match self.value {
            Value::Null => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, ModelError> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, ModelError> {
        match &self.value {
            Value::String(text) => text.as_str().into_deserializer().deserialize_enum(name, variants, visitor),
            Value::Map(mapping) if mapping.len() == 1 => {
                let entries = mapping.iter().map(|entry| (entry.key.text.as_str(), &entry.value));
                serde::de::value::MapAccessDeserializer::new(MapDeserializer::new(entries))
                    .deserialize_enum(name, variants, visitor)
            }
            _ => Err(ModelError::custom(format!("expected one of {variants:?}, found {}", self.kind()))),
        }
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct seq tuple
        tuple_struct map struct identifier ignored_any
    }
}
