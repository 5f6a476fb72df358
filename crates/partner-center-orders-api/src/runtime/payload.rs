//! Types that are read directly from text.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::{Reader, Rejected};

/// A type that is read from JSON text without serde, with the same result as its `Deserialize`.
///
/// A value is filled in its final location: orders are large, and returning them from one function to the next would
/// cost more than reading them. The contract's types are payloads, and optional ones, lists and maps of them:
///
/// ```
/// use partner_center_orders_api::runtime::{DecodeError, Payload, decode_payload};
/// use partner_center_orders_api::types::Link;
///
/// /// Reads a document per line.
/// fn stored<T: Payload>(lines: &str) -> Result<Vec<T>, DecodeError> {
///     lines.lines().map(|line| decode_payload(line.as_bytes())).collect()
/// }
///
/// let links: Vec<Link> = stored("{\"uri\":\"/a\",\"method\":\"GET\"}\n{\"uri\":\"/b\",\"method\":\"GET\"}")?;
/// assert_eq!(links[1].uri, "/b");
/// # Ok::<(), DecodeError>(())
/// ```
pub trait Payload: DeserializeOwned {
    /// A value to read into.
    fn empty() -> Self;

    /// Reads the value at the reader's position into an empty one.
    ///
    /// # Errors
    /// When only serde can decide whether the value is valid; what was read until then has no meaning.
    fn fill(&mut self, reader: &mut Reader<'_>) -> Result<(), Rejected>;
}

/// Reads all of a text into an empty value.
pub(super) fn whole<T: Payload>(text: &str, value: &mut T) -> Result<(), Rejected> {
    let mut reader = Reader::new(text);
    value.fill(&mut reader)?;
    if reader.is_at_end() { Ok(()) } else { Err(Rejected) }
}

/// Reads the value at the beginning of a text; returns its length, too.
pub(super) fn first<T: Payload>(text: &str) -> Result<(T, usize), Rejected> {
    let mut reader = Reader::new(text);
    let mut value = T::empty();
    value.fill(&mut reader)?;
    Ok((value, reader.position()))
}

impl Payload for String {
    #[inline]
    fn empty() -> Self {
        Self::new()
    }

    #[inline]
    fn fill(&mut self, reader: &mut Reader<'_>) -> Result<(), Rejected> {
        *self = reader.text(str::to_owned)?;
        Ok(())
    }
}

impl Payload for bool {
    #[inline]
    fn empty() -> Self {
        false
    }

    #[inline]
    fn fill(&mut self, reader: &mut Reader<'_>) -> Result<(), Rejected> {
        *self = match reader.blank() {
            b't' if reader.word("true") => true,
            b'f' if reader.word("false") => false,
            _ => return Err(Rejected),
        };
        Ok(())
    }
}

impl<T: Payload> Payload for Option<T> {
    #[inline]
    fn empty() -> Self {
        None
    }

    #[inline]
    fn fill(&mut self, reader: &mut Reader<'_>) -> Result<(), Rejected> {
        if reader.blank() == b'n' {
            return if reader.word("null") { Ok(()) } else { Err(Rejected) };
        }
        self.get_or_insert_with(T::empty).fill(reader)
    }
}

// The contract's types that contain themselves, such as a kind of product within another.
impl<T: Payload> Payload for Box<T> {
    #[inline]
    fn empty() -> Self {
        Self::new(T::empty())
    }

    #[inline]
    fn fill(&mut self, reader: &mut Reader<'_>) -> Result<(), Rejected> {
        (**self).fill(reader)
    }
}

impl<T: Payload> Payload for Vec<T> {
    #[inline]
    fn empty() -> Self {
        Self::new()
    }

    fn fill(&mut self, reader: &mut Reader<'_>) -> Result<(), Rejected> {
        reader.array(|reader| {
            self.push(T::empty());
            self.last_mut().ok_or(Rejected)?.fill(reader)
        })
    }
}

impl<T: Payload> Payload for BTreeMap<String, T> {
    #[inline]
    fn empty() -> Self {
        Self::new()
    }

    fn fill(&mut self, reader: &mut Reader<'_>) -> Result<(), Rejected> {
        reader.object(|reader| {
            let name = reader.name()?.to_owned();
            let mut value = T::empty();
            value.fill(reader)?;
            self.insert(name, value);
            Ok(())
        })
    }
}

impl Payload for Map<String, Value> {
    #[inline]
    fn empty() -> Self {
        Self::new()
    }

    fn fill(&mut self, reader: &mut Reader<'_>) -> Result<(), Rejected> {
        unknown_object(self, reader)
    }
}

impl Payload for Value {
    #[inline]
    fn empty() -> Self {
        Self::Null
    }

    fn fill(&mut self, reader: &mut Reader<'_>) -> Result<(), Rejected> {
        *self = unknown(reader)?;
        Ok(())
    }
}

/// Reads a value that the contract doesn't describe.
fn unknown(reader: &mut Reader<'_>) -> Result<Value, Rejected> {
    match reader.blank() {
        b'"' => reader.text(|text| Value::String(text.to_owned())),
        b't' if reader.word("true") => Ok(Value::Bool(true)),
        b'f' if reader.word("false") => Ok(Value::Bool(false)),
        b'n' if reader.word("null") => Ok(Value::Null),
        b'[' => {
            let mut elements = Vec::new();
            reader.array(|reader| {
                elements.push(unknown(reader)?);
                Ok(())
            })?;
            Ok(Value::Array(elements))
        }
        b'{' => {
            let mut members = Map::new();
            unknown_object(&mut members, reader)?;
            Ok(Value::Object(members))
        }
        _ => match reader.integer() {
            Some(number) => Ok(Value::Number(number.into())),
            None => serde_json::from_str(reader.number()?).map_err(|_| Rejected),
        },
    }
}

fn unknown_object(members: &mut Map<String, Value>, reader: &mut Reader<'_>) -> Result<(), Rejected> {
    reader.object(|reader| {
        let name = reader.name()?.to_owned();
        members.insert(name, unknown(reader)?);
        Ok(())
    })
}

/// Whole numbers, which may be written as `1.0`.
macro_rules! whole {
    ($($integer:ty),*) => {$(
        impl Payload for $integer {
            #[inline]
            fn empty() -> Self {
                0
            }

            #[inline]
            fn fill(&mut self, reader: &mut Reader<'_>) -> Result<(), Rejected> {
                reader.blank();
                *self = match reader.integer() {
                    Some(number) => number.try_into().map_err(|_| Rejected)?,
                    None => reader.with_serde::<super::Whole<$integer>>()?.0,
                };
                Ok(())
            }
        }
    )*};
}
whole!(i32, i64);

/// Types that are always read with serde.
macro_rules! with_serde {
    ($($type:ty),*) => {$(
        impl Payload for $type {
            fn empty() -> Self {
                Self::default()
            }

            fn fill(&mut self, reader: &mut Reader<'_>) -> Result<(), Rejected> {
                *self = reader.with_serde()?;
                Ok(())
            }
        }
    )*};
}
with_serde!(f64, uuid::Uuid);
