//! Reading of JSON text from any format.

use std::fmt::{self, Write};

use serde::de::{DeserializeSeed, Deserializer, EnumAccess, Error, MapAccess, SeqAccess, Visitor};

use crate::runtime::reader::{MAX_DEPTH, Reader};

/// The name by which `serde_json` is asked for the text of a value instead of the value. Other formats don't know it and give
/// the value, as that of a newtype.
const RAW: &str = "$serde_json::private::RawValue";
/// The name under which `serde_json` gives a number's spelling, if a program has turned its feature `arbitrary_precision` on.
const NUMBER: &str = "$serde_json::private::Number";

/// What `serde_json` says, too.
const TOO_DEEP: &str = "recursion limit exceeded";

/// Appends the JSON text of a value to a text: with `serde_json` as it was received, with any other format written anew.
#[derive(Debug)]
pub(crate) struct Append<'a> {
    text: &'a mut String,
    /// The number of levels that may still open.
    levels: usize,
}

impl<'a> Append<'a> {
    pub(crate) fn to(text: &'a mut String) -> Self {
        Self { text, levels: MAX_DEPTH }
    }

    /// Opens an array or object.
    fn open<E: Error>(&mut self, bracket: char) -> Result<(), E> {
        self.levels = self.levels.checked_sub(1).ok_or_else(|| E::custom(TOO_DEEP))?;
        self.text.push(bracket);
        Ok(())
    }

    /// The position of an element, which a comma separates from the one before.
    fn next(&mut self, is_first: bool) -> Append<'_> {
        if !is_first {
            self.text.push(',');
        }
        Append { text: self.text, levels: self.levels }
    }

    fn show<E: Error>(self, value: impl fmt::Display) -> Result<(), E> {
        write!(self.text, "{value}").map_err(E::custom)
    }

    /// Appends a text that should be JSON.
    fn verbatim<E: Error>(self, text: &str) -> Result<(), E> {
        let mut reader = Reader::with_levels(text, self.levels);
        if reader.raw().is_ok_and(|raw| raw.len() == text.len()) {
            self.text.push_str(text);
            return Ok(());
        }
        let is_json = serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok();
        Err(E::custom(if is_json { TOO_DEEP } else { "malformed JSON" }))
    }
}

impl<'de> DeserializeSeed<'de> for Append<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_newtype_struct(RAW, self)
    }
}

impl<'de> Visitor<'de> for Append<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value that JSON can hold")
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<(), E> {
        self.show(value)
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<(), E> {
        self.show(number)
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<(), E> {
        self.show(number)
    }

    fn visit_i128<E: Error>(self, number: i128) -> Result<(), E> {
        self.show(number)
    }

    fn visit_u128<E: Error>(self, number: u128) -> Result<(), E> {
        self.show(number)
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<(), E> {
        // JSON has no infinity; `serde_json` writes null as well.
        match serde_json::Number::from_f64(number) {
            Some(number) => self.show(number),
            None => self.visit_unit(),
        }
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<(), E> {
        quote(self.text, text);
        Ok(())
    }

    fn visit_bytes<E: Error>(mut self, bytes: &[u8]) -> Result<(), E> {
        self.open('[')?;
        for (position, byte) in bytes.iter().enumerate() {
            self.next(position == 0).show(byte)?;
        }
        self.text.push(']');
        Ok(())
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        self.show("null")
    }

    fn visit_none<E: Error>(self) -> Result<(), E> {
        self.visit_unit()
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut elements: A) -> Result<(), A::Error> {
        self.open('[')?;
        let start = self.text.len();
        loop {
            let end = self.text.len();
            let is_first = end == start;
            if elements.next_element_seed(self.next(is_first))?.is_none() {
                self.text.truncate(end);
                self.text.push(']');
                return Ok(());
            }
        }
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut members: A) -> Result<(), A::Error> {
        let Some(first) = members.next_key_seed(Name)? else {
            self.open('{')?;
            self.text.push('}');
            return Ok(());
        };
        if first == RAW || first == NUMBER {
            return members.next_value_seed(Verbatim(self));
        }
        self.open('{')?;
        let start = self.text.len();
        let mut next = Some(first);
        while let Some(name) = next {
            let is_first = self.text.len() == start;
            let value = self.next(is_first);
            quote(value.text, &name);
            value.text.push(':');
            members.next_value_seed(value)?;
            next = members.next_key_seed(Name)?;
        }
        self.text.push('}');
        Ok(())
    }

    fn visit_enum<A: EnumAccess<'de>>(self, _: A) -> Result<(), A::Error> {
        Err(A::Error::custom("an enum, or a value with a tag, is no JSON value"))
    }
}

/// Appends text in quotes.
pub(in crate::runtime) fn quote(text: &mut String, quoted: &str) {
    let is_plain = crate::runtime::reader::plain(quoted.as_bytes()) == quoted.len();
    if is_plain {
        text.push('"');
        text.push_str(quoted);
        text.push('"');
    } else {
        text.push_str(&serde_json::Value::from(quoted).to_string());
    }
}

/// Text that `serde_json` gives for a value.
struct Verbatim<'a>(Append<'a>);

impl<'de> DeserializeSeed<'de> for Verbatim<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for Verbatim<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON text")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<(), E> {
        self.0.verbatim(text)
    }
}

/// The name of a member. Other formats have names that are no text; JSON has them in quotes.
struct Name;

impl<'de> DeserializeSeed<'de> for Name {
    type Value = String;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<String, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl Visitor<'_> for Name {
    type Value = String;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name of a member")
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<String, E> {
        Ok(name.to_owned())
    }

    fn visit_string<E: Error>(self, name: String) -> Result<String, E> {
        Ok(name)
    }

    fn visit_bool<E: Error>(self, name: bool) -> Result<String, E> {
        Ok(name.to_string())
    }

    fn visit_i64<E: Error>(self, name: i64) -> Result<String, E> {
        Ok(name.to_string())
    }

    fn visit_u64<E: Error>(self, name: u64) -> Result<String, E> {
        Ok(name.to_string())
    }
}
