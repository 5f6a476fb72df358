//! Shared code of the generated open enums.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserializer, Error, Visitor};
use serde::{Serialize, Serializer};

/// A value of an enum that the contract doesn't know, as received: text, or a number if the service sent one.
///
/// ```
/// use partner_center_orders_api::enums::OrderStatus;
///
/// let status: OrderStatus = serde_json::from_str("\"awaiting_moon\"")?;
/// assert!(matches!(&status, OrderStatus::Other(value) if value.as_str() == "awaiting_moon"));
/// assert_eq!(serde_json::to_string(&status)?, "\"awaiting_moon\"");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct UnknownValue {
    text: Box<str>,
    is_number: bool,
}

impl UnknownValue {
    /// The value; a number in its decimal spelling.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether the service sent a number.
    pub fn is_number(&self) -> bool {
        self.is_number
    }

    fn text(text: &str) -> Self {
        Self { text: text.into(), is_number: false }
    }

    fn number(number: impl fmt::Display) -> Self {
        Self { text: number.to_string().into(), is_number: true }
    }
}

impl fmt::Display for UnknownValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Serialize for UnknownValue {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if !self.is_number {
            return serializer.serialize_str(&self.text);
        }
        if let Ok(number) = self.text.parse::<i64>() {
            serializer.serialize_i64(number)
        } else if let Ok(number) = self.text.parse::<u64>() {
            serializer.serialize_u64(number)
        } else if let Ok(number) = self.text.parse::<f64>() {
            serializer.serialize_f64(number)
        } else {
            serializer.serialize_str(&self.text)
        }
    }
}

/// An enum that the service may extend at any time.
pub(crate) trait OpenEnum: Sized {
    /// The schema's name.
    const NAME: &'static str;
    /// The contract's values, in its spelling.
    #[cfg_attr(not(feature = "schemars"), expect(dead_code, reason = "only derived schemas list the values"))]
    const VALUES: &'static [&'static str];

    /// The variant of a value in any letter case.
    fn known(value: &str) -> Option<Self>;

    /// The variant that keeps an unknown value.
    fn other(value: UnknownValue) -> Self;

    /// The variant of any text.
    fn from_text(value: &str) -> Self {
        Self::known(value).unwrap_or_else(|| Self::other(UnknownValue::text(value)))
    }
}

/// Reads text or a number.
pub(crate) fn deserialize<'de, D: Deserializer<'de>, E: OpenEnum>(deserializer: D) -> Result<E, D::Error> {
    struct Value<E>(PhantomData<E>);

    impl<E: OpenEnum> Visitor<'_> for Value<E> {
        type Value = E;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            write!(f, "a value of {} as text", E::NAME)
        }

        fn visit_str<X: Error>(self, value: &str) -> Result<E, X> {
            Ok(E::from_text(value))
        }

        fn visit_i64<X: Error>(self, value: i64) -> Result<E, X> {
            Ok(E::other(UnknownValue::number(value)))
        }

        fn visit_u64<X: Error>(self, value: u64) -> Result<E, X> {
            Ok(E::other(UnknownValue::number(value)))
        }

        fn visit_f64<X: Error>(self, value: f64) -> Result<E, X> {
            Ok(E::other(UnknownValue::number(value)))
        }
    }

    deserializer.deserialize_any(Value(PhantomData))
}

/// The schema of an open enum: the known values, or any other text.
#[cfg(feature = "schemars")]
pub(crate) fn json_schema<E: OpenEnum>() -> schemars::Schema {
    schemars::json_schema!({ "anyOf": [{ "type": "string", "enum": E::VALUES }, { "type": "string" }] })
}
