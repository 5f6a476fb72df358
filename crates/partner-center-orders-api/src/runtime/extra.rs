//! The members of an object that the contract doesn't know.

use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt;

use serde::de::{Deserialize, DeserializeOwned, Deserializer, MapAccess, Visitor};
use serde::ser::{Error as _, Serialize, SerializeMap, Serializer};
use serde_json::{Map, Value};

use super::member_name::MemberName;
use super::raw::{Append, Raw, Verbatim, equal, last_of_each, quote, unescaped, writes_json};
use super::{DecodeError, Payload, Reader, Rejected, decode};

/// The members of an object that the contract doesn't know, as they were received.
///
/// It keeps their text, so that nothing is lost: neither the order of members, nor one that comes twice, nor the spelling of
/// a number. Values are parsed when they are asked for. If a name comes twice, the last member counts.
///
/// `serde_json` writes every value byte for byte; any other format gets the value, with the nearest number that it has, and the
/// last of the members of each name.
///
/// Two are equal if they hold the same values: numbers are compared by their exact values, so that `1.0` equals `1`, and
/// objects without regard to order. (Numbers whose exponent has about forty digits are compared by spelling.)
///
/// ```
/// use partner_center_orders_api::runtime::decode_payload;
/// use partner_center_orders_api::types::Link;
///
/// let text = r#"{"uri":"/orders","method":"GET","weight":1.50,"since":18446744073709551616}"#;
/// let mut link: Link = decode_payload(text.as_bytes())?;
/// assert_eq!(link.extra.deserialize::<f64>("weight")?, Some(1.5));
/// assert_eq!(link.extra.get("since").map(|since| since.json()), Some("18446744073709551616"));
///
/// link.extra.insert("note", "renewed");
/// let written = serde_json::to_string(&link)?;
/// assert!(written.ends_with(r#""weight":1.50,"since":18446744073709551616,"note":"renewed"}"#));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Default)]
pub struct Extra(
    /// The members without braces, separated by commas, and without blanks around their names.
    Option<Box<str>>,
);

impl Extra {
    /// No members.
    pub const fn new() -> Self {
        Self(None)
    }

    /// Keeps the text of members that was checked.
    pub(super) fn of_checked(text: &str) -> Self {
        Self(Some(text).filter(|text| !text.is_empty()).map(Box::from))
    }

    /// Whether there are no members.
    #[inline]
    pub const fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// The number of members, each that comes twice counted twice. It reads the whole text.
    pub fn len(&self) -> usize {
        self.iter().count()
    }

    /// The value of the last member of this name.
    ///
    /// ```
    /// # use partner_center_orders_api::Extra;
    /// let extra: Extra = serde_json::from_str(r#"{"a":1,"b":[2],"a":3}"#)?;
    /// assert_eq!(extra.get("a").map(|value| value.json()), Some("3"));
    /// assert!(extra.get("c").is_none());
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub fn get(&self, name: &str) -> Option<ExtraValue<'_>> {
        self.iter().filter(|(other, _)| other == name).map(|(_, value)| value).last()
    }

    /// Reads the value of the last member of this name; `None` if there is no such member.
    ///
    /// # Errors
    /// When the value is of another type.
    ///
    /// ```
    /// # use partner_center_orders_api::Extra;
    /// let extra: Extra = serde_json::from_str(r#"{"regions":["EU","US"]}"#)?;
    /// assert_eq!(extra.deserialize::<Vec<String>>("regions")?, Some(vec!["EU".to_owned(), "US".to_owned()]));
    /// assert!(extra.deserialize::<bool>("regions").is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn deserialize<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>, DecodeError> {
        self.get(name).map(ExtraValue::deserialize).transpose()
    }

    /// The members in order, with those that come twice.
    pub fn iter(&self) -> ExtraIter<'_> {
        ExtraIter(Reader::unlimited(self.text()))
    }

    /// Adds a member at the end, in place of all of its name.
    ///
    /// ```
    /// # use partner_center_orders_api::Extra;
    /// let mut extra = Extra::new();
    /// extra.insert("channel", "portal");
    /// extra.insert("step", 3);
    /// extra.insert("channel", vec!["portal", "phone"]);
    /// assert_eq!(serde_json::to_string(&extra)?, r#"{"step":3,"channel":["portal","phone"]}"#);
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub fn insert(&mut self, name: &str, value: impl Into<Value>) {
        self.put(name, &value.into().to_string());
    }

    /// Does the same as [`insert`](Self::insert) with any value, which is written as `serde_json` writes it: an amount of money
    /// keeps its spelling.
    ///
    /// # Errors
    /// When it can't be written as JSON.
    ///
    /// ```
    /// # use partner_center_orders_api::Extra;
    /// use partner_center_orders_api::wire::Money;
    ///
    /// let mut extra = Extra::new();
    /// extra.insert_serialized("price", &"1.50".parse::<Money>()?)?;
    /// assert_eq!(serde_json::to_string(&extra)?, r#"{"price":1.50}"#);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn insert_serialized<T: Serialize + ?Sized>(&mut self, name: &str, value: &T) -> serde_json::Result<()> {
        self.put(name, &serde_json::to_string(value)?);
        Ok(())
    }

    fn put(&mut self, name: &str, json: &str) {
        let mut kept = self.without(|other| other == name);
        kept.push(name, json);
        *self = kept.into();
    }

    /// Removes all members of this name, and returns whether there was one.
    ///
    /// ```
    /// # use partner_center_orders_api::Extra;
    /// let mut extra: Extra = serde_json::from_str(r#"{"a":1,"b":2,"a":3}"#)?;
    /// assert!(extra.remove("a"));
    /// assert!(!extra.remove("a"));
    /// assert_eq!(extra.len(), 1);
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub fn remove(&mut self, name: &str) -> bool {
        let is_there = self.get(name).is_some();
        if is_there {
            *self = self.without(|other| other == name).into();
        }
        is_there
    }

    fn without(&self, is_out: impl Fn(&str) -> bool) -> KeptMembers {
        let mut kept = KeptMembers::default();
        for (name, value) in self.iter().filter(|(name, _)| !is_out(name)) {
            kept.push(&name, value.json());
        }
        kept
    }

    /// Writes the members into those of their object, which `S` writes; except for those that the object has written itself.
    pub(crate) fn write<S: Serializer>(
        &self,
        map: &mut S::SerializeMap,
        is_written: impl Fn(&str) -> bool,
    ) -> Result<(), S::Error> {
        let members = ExtraIter(Reader::unlimited(self.text())).tokens();
        if writes_json::<S>() {
            for (name, value) in members {
                write_unless::<S>(map, name, &Verbatim(value), &is_written)?;
            }
        } else {
            for (name, value) in last_of_each(members.collect()) {
                write_unless::<S>(map, name, &Raw(value), &is_written)?;
            }
        }
        Ok(())
    }

    fn text(&self) -> &str {
        self.0.as_deref().unwrap_or_default()
    }
}

/// Writes a member, by the token of its name, unless that was written before.
fn write_unless<S: Serializer>(
    map: &mut S::SerializeMap,
    name: &str,
    value: &impl Serialize,
    is_written: &impl Fn(&str) -> bool,
) -> Result<(), S::Error> {
    let name = unescaped(name).map_err(|_| S::Error::custom("the name of a member is no text"))?;
    if is_written(&name) { Ok(()) } else { map.serialize_entry(name.as_ref(), value) }
}

/// The value of a member that the contract doesn't know: JSON text, parsed when it is asked for.
///
/// ```
/// use partner_center_orders_api::Extra;
///
/// let extra: Extra = serde_json::from_str(r#"{"origin":{"step":3.0}}"#)?;
/// let origin = extra.get("origin").unwrap();
/// assert_eq!(origin.json(), r#"{"step":3.0}"#);
/// assert_eq!(origin, serde_json::json!({ "step": 3 }));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Copy)]
pub struct ExtraValue<'a>(&'a str);

impl<'a> ExtraValue<'a> {
    /// The JSON text, as it was received.
    pub const fn json(self) -> &'a str {
        self.0
    }

    /// Reads the value.
    ///
    /// # Errors
    /// When it is of another type. [`serde_json::Value`] can't hold every value, either: a number beyond `f64`, and half of a
    /// surrogate pair are errors.
    pub fn deserialize<T: DeserializeOwned>(self) -> Result<T, DecodeError> {
        decode(self.0.as_bytes())
    }
}

impl PartialEq for ExtraValue<'_> {
    fn eq(&self, other: &Self) -> bool {
        equal(self.0, other.0)
    }
}

impl Eq for ExtraValue<'_> {}

impl PartialEq<Value> for ExtraValue<'_> {
    fn eq(&self, other: &Value) -> bool {
        equal(self.0, &other.to_string())
    }
}

impl fmt::Debug for ExtraValue<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl fmt::Display for ExtraValue<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl Serialize for ExtraValue<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Raw(self.0).serialize(serializer)
    }
}

/// The members of an [`Extra`], in order: see [`Extra::iter`].
#[derive(Debug)]
pub struct ExtraIter<'a>(Reader<'a>);

impl<'a> ExtraIter<'a> {
    /// The token of each name, and the text of each value.
    fn tokens(mut self) -> impl Iterator<Item = (&'a str, &'a str)> {
        std::iter::from_fn(move || self.0.next_member())
    }
}

impl<'a> Iterator for ExtraIter<'a> {
    type Item = (Cow<'a, str>, ExtraValue<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        let (name, value) = self.0.next_member()?;
        // Names are text: both readers reject others.
        Some((unescaped(name).unwrap_or(Cow::Borrowed(name)), ExtraValue(value)))
    }
}

impl<'a> IntoIterator for &'a Extra {
    type Item = (Cow<'a, str>, ExtraValue<'a>);
    type IntoIter = ExtraIter<'a>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<K: AsRef<str>, V: Into<Value>> Extend<(K, V)> for Extra {
    /// Inserts each member.
    fn extend<I: IntoIterator<Item = (K, V)>>(&mut self, members: I) {
        let members: Vec<(K, V)> = members.into_iter().collect();
        let mut later: HashSet<&str> = HashSet::new();
        let is_last: Vec<bool> = members.iter().rev().map(|(name, _)| later.insert(name.as_ref())).collect();
        let mut kept = self.without(|name| later.contains(name));
        drop(later);
        for ((name, value), _) in members.into_iter().zip(is_last.into_iter().rev()).filter(|(_, is_last)| *is_last) {
            kept.push(name.as_ref(), &value.into().to_string());
        }
        *self = kept.into();
    }
}

impl<K: AsRef<str>, V: Into<Value>> FromIterator<(K, V)> for Extra {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(members: I) -> Self {
        let mut extra = Self::new();
        extra.extend(members);
        extra
    }
}

impl From<Map<String, Value>> for Extra {
    fn from(members: Map<String, Value>) -> Self {
        members.into_iter().collect()
    }
}

impl PartialEq for Extra {
    fn eq(&self, other: &Self) -> bool {
        let object = |extra: &Self| format!("{{{}}}", extra.text());
        self.0 == other.0 || equal(&object(self), &object(other))
    }
}

impl Eq for Extra {}

impl fmt::Debug for Extra {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self).finish()
    }
}

impl Serialize for Extra {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        self.write::<S>(&mut map, |_| false)?;
        map.end()
    }
}

impl<'de> Deserialize<'de> for Extra {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;

        impl<'de> Visitor<'de> for Members {
            type Value = Extra;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Extra, A::Error> {
                let mut kept = KeptMembers::default();
                while let Some(name) = members.next_key::<MemberName<'de>>()? {
                    kept.read(name.as_str(), &mut members)?;
                }
                Ok(kept.into())
            }
        }

        deserializer.deserialize_map(Members)
    }
}

impl Payload for Extra {
    #[inline]
    fn empty() -> Self {
        Self::new()
    }

    fn fill(&mut self, reader: &mut Reader<'_>) -> Result<(), Rejected> {
        *self = reader.with_serde()?;
        Ok(())
    }
}

#[cfg(feature = "schemars")]
impl schemars::JsonSchema for Extra {
    fn schema_name() -> Cow<'static, str> {
        "Extra".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        Map::<String, Value>::json_schema(generator)
    }
}

/// The text of unknown members while their object is read.
#[derive(Debug, Default)]
pub(crate) struct KeptMembers(String);

impl KeptMembers {
    /// Reads a member's value.
    pub(crate) fn read<'de, A: MapAccess<'de>>(&mut self, name: &str, members: &mut A) -> Result<(), A::Error> {
        self.name(name);
        members.next_value_seed(Append::to(&mut self.0))
    }

    /// Keeps a member, whose value is this JSON text.
    pub(crate) fn push(&mut self, name: &str, json: &str) {
        self.name(name);
        self.0.push_str(json);
    }

    fn name(&mut self, name: &str) {
        if !self.0.is_empty() {
            self.0.push(',');
        }
        quote(&mut self.0, name);
        self.0.push(':');
    }

    /// Removes all members of this name, and returns the value of the last one.
    pub(crate) fn take(&mut self, name: &str) -> Option<String> {
        let mut extra = Extra::of_checked(&self.0);
        let value = extra.get(name)?.json().to_owned();
        extra.remove(name);
        self.0.clear();
        self.0.push_str(extra.text());
        Some(value)
    }
}

impl From<KeptMembers> for Extra {
    fn from(members: KeptMembers) -> Self {
        Self::of_checked(&members.0)
    }
}
