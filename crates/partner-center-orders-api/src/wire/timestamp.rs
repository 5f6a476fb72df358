//! Dates and times.

use std::fmt;

use chrono::{DateTime, SecondsFormat, Utc};
use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::runtime::{Escaped, Payload, Reader, Rejected};

/// A point in time, with the text that was received.
///
/// The service writes 0 to 7 fraction digits, `Z`, any offset, or none (recorded and documented), and the documentation has
/// malformed ones. The text is always kept and written back unchanged; [`instant`](Self::instant) reads it. Two timestamps are
/// equal if their texts are: compare instants to compare times.
///
/// ```
/// use partner_center_orders_api::wire::Timestamp;
///
/// let created: Timestamp = serde_json::from_str("\"2018-03-06T17:37:05.253-08:00\"")?;
/// assert_eq!(created.as_str(), "2018-03-06T17:37:05.253-08:00");
/// assert_eq!(created.instant().unwrap().to_rfc3339(), "2018-03-07T01:37:05.253+00:00");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Timestamp(Box<str>);

impl Timestamp {
    /// A text as it is, whether or not it can be read as an instant; the service may have sent it. To check it, parse it:
    ///
    /// ```
    /// use partner_center_orders_api::wire::Timestamp;
    ///
    /// let created: Timestamp = "2026-03-01T08:00:00Z".parse()?;
    /// assert!("the first of March".parse::<Timestamp>().is_err());
    /// assert_eq!(Timestamp::unchecked("the first of March").instant(), None);
    /// # Ok::<(), partner_center_orders_api::wire::InvalidTimestamp>(())
    /// ```
    pub fn unchecked(text: impl Into<Box<str>>) -> Self {
        Self(text.into())
    }

    /// The text as received.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The instant, if the text can be read as one.
    ///
    /// A text without offset is read as UTC: the documentation doesn't say, and the service's own default value
    /// `0001-01-01T00:00:00` has none.
    pub fn instant(&self) -> Option<DateTime<Utc>> {
        // chrono's own formats without an offset would accept blanks, signs and single digits.
        DateTime::parse_from_rfc3339(&self.0)
            .or_else(|_| DateTime::parse_from_rfc3339(&format!("{}Z", self.0)))
            .map(|instant| instant.to_utc())
            .ok()
    }
}

impl From<DateTime<Utc>> for Timestamp {
    /// Writes RFC 3339 with `Z` and as many fraction digits as the instant needs.
    fn from(instant: DateTime<Utc>) -> Self {
        Self(instant.to_rfc3339_opts(SecondsFormat::AutoSi, true).into())
    }
}

/// The text isn't a date with a time.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("invalid timestamp `{}`: expected a date and time such as 2026-03-01T08:00:00Z", Escaped(.0))]
pub struct InvalidTimestamp(String);

impl std::str::FromStr for Timestamp {
    type Err = InvalidTimestamp;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let timestamp = Self::unchecked(text);
        if timestamp.instant().is_some() { Ok(timestamp) } else { Err(InvalidTimestamp(text.to_owned())) }
    }
}

impl TryFrom<&str> for Timestamp {
    type Error = InvalidTimestamp;

    fn try_from(text: &str) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;

        impl Visitor<'_> for Text {
            type Value = Timestamp;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a date and time as text")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Timestamp, E> {
                Ok(Timestamp::unchecked(text))
            }
        }

        deserializer.deserialize_str(Text)
    }
}

impl Payload for Timestamp {
    #[inline]
    fn empty() -> Self {
        Self(Box::default())
    }

    #[inline]
    fn fill(&mut self, reader: &mut Reader<'_>) -> Result<(), Rejected> {
        self.0 = reader.text(|text| Box::from(text))?;
        Ok(())
    }
}

#[cfg(feature = "schemars")]
impl schemars::JsonSchema for Timestamp {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Timestamp".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "format": "date-time" })
    }
}
