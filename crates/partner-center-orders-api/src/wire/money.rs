//! Amounts of money.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;

use rust_decimal::Decimal;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::decimal;
use super::scalar::Scalar;
use crate::runtime::{Escaped, Payload, Reader, Rejected};

/// An amount of money: a JSON number, exact as it was written.
///
/// The currency is `currencyCode` of the order. A number with more digits than a [`Decimal`] can hold keeps its spelling, and
/// one that was sent as text stays text when written back. Two amounts are equal if their values are, and two without a value
/// if they have the same spelling.
///
/// `serde_json` reads and writes it exactly. Any other format gets the nearest number that it has.
///
/// ```
/// use partner_center_orders_api::wire::Money;
///
/// let price: Money = serde_json::from_str("19.99")?;
/// assert_eq!(price.decimal(), Some("19.99".parse()?));
/// assert_eq!(serde_json::to_string(&price)?, "19.99");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Money(Scalar);

impl Money {
    /// The amount, unless the service sent more digits than fit, or text that isn't a number.
    pub fn decimal(&self) -> Option<Decimal> {
        decimal::exact(&self.0.as_text())
    }

    /// Whether the service sent text instead of a number.
    pub fn is_text(&self) -> bool {
        self.0.is_text()
    }
}

impl From<Decimal> for Money {
    fn from(amount: Decimal) -> Self {
        Self(Scalar::number(amount.to_string()))
    }
}

impl From<i64> for Money {
    fn from(amount: i64) -> Self {
        Self(Scalar::number(amount.to_string()))
    }
}

impl From<i32> for Money {
    fn from(amount: i32) -> Self {
        i64::from(amount).into()
    }
}

/// The text isn't an amount of money.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("invalid amount `{}`: expected a decimal number such as 19.99", Escaped(.0))]
pub struct InvalidMoney(String);

impl FromStr for Money {
    type Err = InvalidMoney;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        decimal::exact(text).map(|_| Self(Scalar::number(text))).ok_or_else(|| InvalidMoney(text.to_owned()))
    }
}

impl TryFrom<&str> for Money {
    type Error = InvalidMoney;

    fn try_from(text: &str) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl PartialEq for Money {
    fn eq(&self, other: &Self) -> bool {
        match (self.decimal(), other.decimal()) {
            (Some(one), Some(two)) => one == two,
            (None, None) => (self.is_text(), self.0.as_text()) == (other.is_text(), other.0.as_text()),
            _ => false,
        }
    }
}

impl Eq for Money {}

impl Hash for Money {
    fn hash<H: Hasher>(&self, state: &mut H) {
        match self.decimal() {
            Some(amount) => amount.hash(state),
            None => (self.is_text(), self.0.as_text()).hash(state),
        }
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.as_text())
    }
}

impl Serialize for Money {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl Payload for Money {
    #[inline]
    fn empty() -> Self {
        Self(Scalar::empty())
    }

    #[inline]
    fn fill(&mut self, reader: &mut Reader<'_>) -> Result<(), Rejected> {
        self.0.fill(reader)
    }
}

impl<'de> Deserialize<'de> for Money {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Scalar::deserialize(deserializer, "an amount of money as a number").map(Self)
    }
}

#[cfg(feature = "schemars")]
impl schemars::JsonSchema for Money {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Money".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "number", "format": "decimal" })
    }
}
