//! A JSON number or string, kept as the token that was received.

use std::borrow::Cow;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;

use crate::runtime::{Reader, Refused};

/// The token of a JSON number or string.
///
/// It goes through `serde_json`'s raw values, so it is exact with `serde_json` only, and can't stand where serde buffers its
/// input: below `#[serde(flatten)]` or in an untagged enum.
#[derive(Clone, Debug)]
pub(super) struct Scalar(Box<str>);

impl Scalar {
    /// From the spelling of a JSON number.
    pub(super) fn number(spelling: impl Into<Box<str>>) -> Self {
        Self(spelling.into())
    }

    /// Reads a number or a string.
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, Refused> {
        reader.scalar().map(|token| Self(token.into()))
    }

    /// From text, which is quoted on the wire.
    pub(super) fn text(text: &str) -> Self {
        Self(serde_json::Value::from(text).to_string().into())
    }

    /// Whether it is a string on the wire.
    pub(super) fn is_text(&self) -> bool {
        self.0.starts_with('"')
    }

    /// The number's spelling, or the text without quotes.
    pub(super) fn as_text(&self) -> Cow<'_, str> {
        if !self.is_text() {
            return Cow::Borrowed(&self.0);
        }
        let inside = &self.0[1..self.0.len() - 1];
        if inside.contains('\\') {
            Cow::Owned(serde_json::from_str(&self.0).unwrap_or_else(|_| inside.to_owned()))
        } else {
            Cow::Borrowed(inside)
        }
    }

    /// Reads a number or a string; anything else is an error that says what was expected.
    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D, expected: &str) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        let found = match raw.get().as_bytes().first() {
            Some(b'"' | b'-' | b'0'..=b'9') => return Ok(Self(raw.get().into())),
            Some(b'{') => "an object",
            Some(b'[') => "an array",
            Some(b'n') => "null",
            _ => "a boolean",
        };
        Err(D::Error::custom(format_args!("invalid type: {found}, expected {expected}")))
    }
}

impl Serialize for Scalar {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let raw = RawValue::from_string(self.0.clone().into()).map_err(serde::ser::Error::custom)?;
        raw.serialize(serializer)
    }
}
