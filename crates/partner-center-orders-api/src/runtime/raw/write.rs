//! Writing of kept JSON text.

use std::any::type_name;

use serde::ser::{Error, Serialize, SerializeMap, SerializeSeq, Serializer};
use serde_json::value::RawValue;

use super::{last_of_each, members, unescaped};
use crate::runtime::reader::Reader;

/// Checked JSON text: `serde_json` writes it as it is, any other format its value.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Raw<'a>(pub(crate) &'a str);

impl Serialize for Raw<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if writes_json::<S>() {
            return Verbatim(self.0).serialize(serializer);
        }
        let mut reader = Reader::unlimited(self.0);
        match reader.blank() {
            b'"' => {
                let text = unescaped(self.0).map_err(|_| Error::custom("a text contains half of a surrogate pair"))?;
                serializer.serialize_str(&text)
            }
            b'{' => {
                let members = last_of_each(members(&mut reader).map_err(|_| malformed())?);
                let mut map = serializer.serialize_map(Some(members.len()))?;
                for (name, value) in members {
                    map.serialize_entry(&Raw(name), &Raw(value))?;
                }
                map.end()
            }
            b'[' => {
                let mut elements = Vec::new();
                let read = reader.array(|reader| {
                    elements.push(reader.raw()?);
                    Ok(())
                });
                read.map_err(|_| malformed())?;
                let mut seq = serializer.serialize_seq(Some(elements.len()))?;
                for element in elements {
                    seq.serialize_element(&Raw(element))?;
                }
                seq.end()
            }
            b't' => serializer.serialize_bool(true),
            b'f' => serializer.serialize_bool(false),
            b'n' => serializer.serialize_unit(),
            _ => number(self.0, serializer),
        }
    }
}

/// The same for `serde_json` alone.
#[derive(Clone, Copy, Debug)]
pub(in crate::runtime) struct Verbatim<'a>(pub(in crate::runtime) &'a str);

impl Serialize for Verbatim<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let raw: &RawValue = serde_json::from_str(self.0).map_err(Error::custom)?;
        raw.serialize(serializer)
    }
}

fn malformed<E: Error>() -> E {
    Error::custom("malformed JSON was kept")
}

/// The nearest number that serde has.
fn number<S: Serializer>(spelling: &str, serializer: S) -> Result<S::Ok, S::Error> {
    if spelling != "-0" {
        if let Ok(number) = spelling.parse() {
            return serializer.serialize_i64(number);
        }
        if let Ok(number) = spelling.parse() {
            return serializer.serialize_u64(number);
        }
    }
    match spelling.parse::<f64>() {
        Ok(number) if number.is_finite() => serializer.serialize_f64(number),
        _ => Err(Error::custom("number out of range")),
    }
}

/// Whether it is `serde_json`'s writer of text. Only that one takes text as it is: to any other format, and to some that
/// forward to `serde_json`, a `RawValue` is a struct with a name of `serde_json`'s own.
///
/// Types can be distinguished by their names only, since they may borrow. If a name should ever fail to match, values are written
/// with other spellings.
pub(in crate::runtime) fn writes_json<S>() -> bool {
    let own = type_name::<serde_json::Serializer<()>>();
    let end = own.find('<').unwrap_or(own.len());
    let name = type_name::<S>();
    name.strip_prefix("&mut ").unwrap_or(name).as_bytes().starts_with(&own.as_bytes()[..end])
}
