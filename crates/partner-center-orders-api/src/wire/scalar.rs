//! A JSON number or string, kept as the token that was received.

use std::borrow::Cow;

use serde::de::{DeserializeSeed, Error as _};
use serde::{Deserializer, Serialize, Serializer};
use smol_str::SmolStr;

use crate::runtime::{Append, Raw, Reader, Rejected};

/// The token of a JSON number or string.
///
/// With `serde_json` it is exact. Where serde buffers its input, below `#[serde(flatten)]` or in an untagged enum, and in other
/// formats, a number keeps its value and not its spelling.
///
/// An amount's token is short and stored inline: an allocation each would cost more than everything else about amounts.
#[derive(Clone, Debug)]
pub(super) struct Scalar(SmolStr);

impl Scalar {
    /// Creates it from the spelling of a JSON number.
    pub(super) fn number(spelling: impl AsRef<str>) -> Self {
        Self(SmolStr::new(spelling))
    }

    /// An empty token, to read into.
    #[inline]
    pub(super) fn empty() -> Self {
        Self(SmolStr::new_static(""))
    }

    /// Reads a number or a string.
    #[inline]
    pub(super) fn fill(&mut self, reader: &mut Reader<'_>) -> Result<(), Rejected> {
        self.0 = reader.scalar()?.into();
        Ok(())
    }

    /// Creates it from text, which is quoted on the wire.
    pub(super) fn text(text: &str) -> Self {
        Self(serde_json::Value::from(text).to_string().into())
    }

    /// Whether it is a string on the wire.
    pub(super) fn is_text(&self) -> bool {
        self.0.as_str().starts_with('"')
    }

    /// The number's spelling, or the text without quotes.
    pub(super) fn as_text(&self) -> Cow<'_, str> {
        let token = self.0.as_str();
        let Some(inside) = token.strip_prefix('"').and_then(|inside| inside.strip_suffix('"')) else {
            return Cow::Borrowed(token);
        };
        if inside.contains('\\') {
            Cow::Owned(serde_json::from_str(token).unwrap_or_else(|_| inside.to_owned()))
        } else {
            Cow::Borrowed(inside)
        }
    }

    /// Reads a number or a string; for anything else, the error has what was expected.
    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D, expected: &str) -> Result<Self, D::Error> {
        let mut token = String::new();
        Append::to(&mut token).deserialize(deserializer)?;
        let found = match token.as_bytes().first() {
            Some(b'"' | b'-' | b'0'..=b'9') => return Ok(Self(token.into())),
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
        match usual(self.0.as_bytes()) {
            Some(Usual::Whole(number)) => serializer.serialize_i64(number),
            Some(Usual::Fraction(number)) => serializer.serialize_f64(number),
            None => Raw(self.0.as_str()).serialize(serializer),
        }
    }
}

/// A number with the usual spelling.
#[derive(Debug, PartialEq)]
enum Usual {
    Whole(i64),
    Fraction(f64),
}

/// The number, if writing it gives this token again: it has at most 15 digits, which a float keeps, and no zero at the
/// end of its fraction except a single one. Such a number needs no raw value, which is slow and for `serde_json` only.
fn usual(token: &[u8]) -> Option<Usual> {
    const POWERS: [f64; 15] = [1.0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14];
    let (negative, token) = match token {
        [b'-', token @ ..] => (true, token),
        token => (false, token),
    };
    // 15 digits and a point.
    if token.len() > 16 {
        return None;
    }
    let mut digits: i64 = 0;
    let mut point = None;
    for (position, byte) in token.iter().enumerate() {
        match byte {
            b'0'..=b'9' => digits = digits * 10 + i64::from(byte - b'0'),
            b'.' if point.is_none() => point = Some(position),
            _ => return None,
        }
    }
    if digits == 0 {
        return None;
    }
    let digits = if negative { -digits } else { digits };
    let Some(point) = point else { return (token.len() < 16).then_some(Usual::Whole(digits)) };
    let scale = token.len() - point - 1;
    if token.ends_with(b"0") && scale > 1 {
        return None;
    }
    #[expect(clippy::cast_precision_loss, reason = "a float keeps 15 digits")]
    let number = digits as f64 / POWERS.get(scale)?;
    // A smaller number may be written with an exponent.
    (number.abs() >= 0.001).then_some(Usual::Fraction(number))
}

#[cfg(test)]
mod tests {
    use super::{Usual, usual};

    #[test]
    fn what_is_written_otherwise_than_usual_is_left_alone() {
        for token in [
            "0",
            "-0",
            "0.0",
            "1.50",
            "1.2.3",
            "1.00",
            "1e2",
            "1.5E1",
            "0.0001",
            "1234567890123456",
            "12345678901234.56",
            "\"1\"",
            "",
        ] {
            assert_eq!(usual(token.as_bytes()), None, "{token}");
        }
    }

    #[test]
    fn usual_numbers_are_told() {
        for (token, number) in [("7", 7), ("-12", -12), ("123456789012345", 123_456_789_012_345)] {
            assert_eq!(usual(token.as_bytes()), Some(Usual::Whole(number)));
        }
        for (token, number) in
            [("6.75", 6.75), ("-0.1", -0.1), ("6.0", 6.0), ("0.001", 0.001), ("12345678901234.5", 12_345_678_901_234.5)]
        {
            assert_eq!(usual(token.as_bytes()), Some(Usual::Fraction(number)));
        }
    }
}
