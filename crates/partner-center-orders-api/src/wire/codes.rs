//! Error codes as they appear on the wire.

use std::borrow::Cow;
use std::fmt;
use std::hash::{Hash, Hasher};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::decimal;
use super::scalar::Scalar;
use crate::runtime::{Payload, Reader, Rejected};
use crate::{CartErrorCode, ErrorCode};

/// The code of a fault: documented as text, recorded as a number, and kept as received.
///
/// ```
/// use partner_center_orders_api::ErrorCode;
/// use partner_center_orders_api::wire::FaultCode;
///
/// let number: FaultCode = serde_json::from_str("20000")?;
/// let text: FaultCode = serde_json::from_str("\"20000\"")?;
/// assert_eq!(number, text);
/// assert_eq!(number.error_code().map(ErrorCode::number), Some(20000));
/// assert_eq!(serde_json::to_string(&text)?, "\"20000\"");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct FaultCode(Scalar);

impl FaultCode {
    /// The number, unless the service sent a word.
    pub fn number(&self) -> Option<i64> {
        decimal::whole(self.0.as_text().trim())
    }

    /// The code by meaning.
    pub fn error_code(&self) -> Option<ErrorCode> {
        self.number().map(ErrorCode::from_number)
    }

    /// The number's spelling, or the text.
    pub fn as_text(&self) -> Cow<'_, str> {
        self.0.as_text()
    }
}

/// The code of an error in a cart line: documented as a number, written by the SDK as a `snake_case` name, and kept as
/// received.
///
/// ```
/// use partner_center_orders_api::wire::CartFaultCode;
///
/// let number: CartFaultCode = serde_json::from_str("10001")?;
/// let name: CartFaultCode = serde_json::from_str("\"catalog_item_id_is_not_valid\"")?;
/// assert_eq!(number.error_code(), name.error_code());
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct CartFaultCode(Scalar);

impl CartFaultCode {
    /// The code by meaning, if the project's table has the name.
    pub fn error_code(&self) -> Option<CartErrorCode> {
        let text = self.0.as_text();
        if let Some(number) = decimal::whole(text.trim()) {
            return Some(CartErrorCode::from_number(number));
        }
        // The SDK sets an underscore before every capital (`enabled_for_r_i`); other writers might not.
        let letters = || text.chars().filter(|letter| *letter != '_').map(|letter| letter.to_ascii_lowercase());
        CartErrorCode::ALL.iter().copied().find(|code| {
            code.name().is_some_and(|name| name.chars().map(|letter| letter.to_ascii_lowercase()).eq(letters()))
        })
    }

    /// The number's spelling, or the name.
    pub fn as_text(&self) -> Cow<'_, str> {
        self.0.as_text()
    }
}

impl From<ErrorCode> for FaultCode {
    /// Written as a number, as recorded.
    fn from(code: ErrorCode) -> Self {
        Self::from(code.number())
    }
}

impl From<CartErrorCode> for CartFaultCode {
    /// Written as a number, as documented.
    fn from(code: CartErrorCode) -> Self {
        Self::from(code.number())
    }
}

macro_rules! code {
    ($name:ident, $key:expr, $expected:literal, $schema:literal) => {
        impl From<i64> for $name {
            fn from(number: i64) -> Self {
                Self(Scalar::number(number.to_string()))
            }
        }

        impl From<i32> for $name {
            fn from(code: i32) -> Self {
                i64::from(code).into()
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self(Scalar::text(text))
            }
        }

        impl From<String> for $name {
            fn from(text: String) -> Self {
                Self(Scalar::text(&text))
            }
        }

        impl std::str::FromStr for $name {
            type Err = std::convert::Infallible;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Ok(Self::from(text))
            }
        }

        /// Equal if they mean the same code, whatever the spelling.
        impl PartialEq for $name {
            fn eq(&self, other: &Self) -> bool {
                match ($key(self), $key(other)) {
                    (None, None) => (self.0.is_text(), self.as_text()) == (other.0.is_text(), other.as_text()),
                    (one, two) => one == two,
                }
            }
        }

        impl Eq for $name {}

        impl Hash for $name {
            fn hash<H: Hasher>(&self, state: &mut H) {
                match $key(self) {
                    Some(key) => key.hash(state),
                    None => (self.0.is_text(), self.as_text()).hash(state),
                }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.as_text())
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                self.0.serialize(serializer)
            }
        }

        impl Payload for $name {
            fn empty() -> Self {
                Self(Scalar::empty())
            }

            fn fill(&mut self, reader: &mut Reader<'_>) -> Result<(), Rejected> {
                self.0.fill(reader)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                Scalar::deserialize(deserializer, $expected).map(Self)
            }
        }

        #[cfg(feature = "schemars")]
        impl schemars::JsonSchema for $name {
            fn schema_name() -> Cow<'static, str> {
                $schema.into()
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({ "type": ["integer", "string"] })
            }
        }
    };
}

code!(FaultCode, FaultCode::number, "an error code as a number or text", "FaultCode");
code!(CartFaultCode, CartFaultCode::error_code, "an error code as a number or a name", "CartErrorCode");
