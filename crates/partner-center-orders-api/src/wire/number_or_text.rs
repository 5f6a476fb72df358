//! Values that were recorded both as a number and as text.

use std::borrow::Cow;
use std::fmt;
use std::hash::{Hash, Hasher};

use rust_decimal::Decimal;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::decimal;
use super::scalar::Scalar;
use crate::runtime::{Payload, Reader, Rejected};

/// A number, or text that contains one, kept as received: the lifetimes of v1 tokens, the prices of an attachment's metadata.
///
/// ```
/// use partner_center_orders_api::wire::NumberOrText;
///
/// let lifetime: NumberOrText = serde_json::from_str("\"3599\"")?;
/// assert_eq!(lifetime.as_i64(), Some(3599));
/// assert_eq!(serde_json::to_string(&lifetime)?, "\"3599\"");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct NumberOrText(Scalar);

impl NumberOrText {
    /// The number's spelling, or the text.
    pub fn as_text(&self) -> Cow<'_, str> {
        self.0.as_text()
    }

    /// Whether it is text on the wire.
    pub fn is_text(&self) -> bool {
        self.0.is_text()
    }

    /// The whole number, if it is one: `3599`, but also `3599.0`.
    pub fn as_i64(&self) -> Option<i64> {
        decimal::whole(self.as_text().trim())
    }

    /// The number, if it is one that fits.
    pub fn decimal(&self) -> Option<Decimal> {
        decimal::exact(self.as_text().trim())
    }
}

impl From<&str> for NumberOrText {
    fn from(text: &str) -> Self {
        Self(Scalar::text(text))
    }
}

impl From<String> for NumberOrText {
    fn from(text: String) -> Self {
        Self(Scalar::text(&text))
    }
}

impl From<i64> for NumberOrText {
    fn from(number: i64) -> Self {
        Self(Scalar::number(number.to_string()))
    }
}

impl From<i32> for NumberOrText {
    fn from(number: i32) -> Self {
        i64::from(number).into()
    }
}

impl From<Decimal> for NumberOrText {
    fn from(number: Decimal) -> Self {
        Self(Scalar::number(number.to_string()))
    }
}

impl std::str::FromStr for NumberOrText {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self::from(text))
    }
}

/// Equal if both kind and spelling are.
impl PartialEq for NumberOrText {
    fn eq(&self, other: &Self) -> bool {
        self.is_text() == other.is_text() && self.as_text() == other.as_text()
    }
}

impl Eq for NumberOrText {}

impl Hash for NumberOrText {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.is_text().hash(state);
        self.as_text().hash(state);
    }
}

impl fmt::Display for NumberOrText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.as_text())
    }
}

impl Serialize for NumberOrText {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl Payload for NumberOrText {
    fn empty() -> Self {
        Self(Scalar::empty())
    }

    fn fill(&mut self, reader: &mut Reader<'_>) -> Result<(), Rejected> {
        self.0.fill(reader)
    }
}

impl<'de> Deserialize<'de> for NumberOrText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Scalar::deserialize(deserializer, "a number, or text").map(Self)
    }
}

#[cfg(feature = "schemars")]
impl schemars::JsonSchema for NumberOrText {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "NumberOrText".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": ["number", "string"] })
    }
}
