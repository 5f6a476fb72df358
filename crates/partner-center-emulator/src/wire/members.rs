//! Bodies of requests, read as the service reads them: member names are case-insensitive, nulls count as absent.

use serde_json::{Map, Value};

use super::depth::{MAX_DEPTH, is_shallow};
use super::names::{canonical, canonical_members};
use crate::error_response::ErrorResponse;

/// The members of a JSON object in a request.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Members<'a> {
    map: &'a Map<String, Value>,
    location: Location<'a>,
}

/// The location of an object in the body, to name members in error responses.
#[derive(Clone, Copy, Debug)]
enum Location<'a> {
    Top,
    Within { outer: &'a str },
    Item { list: &'a str, index: usize },
}

impl Location<'_> {
    fn name(self, member: &str) -> String {
        match self {
            Self::Top => member.to_owned(),
            Self::Within { outer } => format!("{outer}.{member}"),
            Self::Item { list, index } => format!("{list}[{index}].{member}"),
        }
    }
}

/// Parses a body as JSON.
pub(crate) fn parse(body: &[u8]) -> Result<Value, ErrorResponse> {
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    let value = serde_json::from_slice(body)
        .map_err(|error| ErrorResponse::bad_request(2000, format!("The body is not valid JSON: {error}.")))?;
    if is_shallow(&value) {
        Ok(value)
    } else {
        Err(ErrorResponse::bad_request(2000, format!("The body nests deeper than {MAX_DEPTH} levels.")))
    }
}

impl<'a> Members<'a> {
    pub(crate) fn of_body(body: &'a Value) -> Result<Self, ErrorResponse> {
        match body {
            Value::Object(map) => Ok(Self { map, location: Location::Top }),
            _ => Err(ErrorResponse::bad_request(2000, "The body must be a JSON object.")),
        }
    }

    /// Returns the member's value; null counts as absent.
    pub(crate) fn get(&self, name: &str) -> Option<&'a Value> {
        let exact = self.map.get(name);
        let any_case = || self.map.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value);
        exact.or_else(any_case).filter(|value| !value.is_null())
    }

    /// Returns the member's path in the body, for error responses.
    pub(crate) fn name(&self, member: &str) -> String {
        self.location.name(member)
    }

    pub(crate) fn invalid(&self, member: &str, why: &'static str) -> ErrorResponse {
        ErrorResponse::invalid(self.name(member), why)
    }

    fn missing(&self, member: &str) -> ErrorResponse {
        self.invalid(member, "A required member is missing.")
    }

    pub(crate) fn text(&self, name: &str) -> Result<Option<&'a str>, ErrorResponse> {
        match self.get(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(self.invalid(name, "The value must be text.")),
        }
    }

    pub(crate) fn required_text(&self, name: &str) -> Result<&'a str, ErrorResponse> {
        self.text(name)?.ok_or_else(|| self.missing(name))
    }

    pub(crate) fn integer(&self, name: &str) -> Result<Option<i32>, ErrorResponse> {
        match self.get(name) {
            None => Ok(None),
            Some(value) => {
                integer(value).map(Some).ok_or_else(|| self.invalid(name, "The value must be a 32-bit integer."))
            }
        }
    }

    pub(crate) fn required_integer(&self, name: &str) -> Result<i32, ErrorResponse> {
        self.integer(name)?.ok_or_else(|| self.missing(name))
    }

    pub(crate) fn boolean(&self, name: &str) -> Result<Option<bool>, ErrorResponse> {
        match self.get(name) {
            None => Ok(None),
            Some(Value::Bool(value)) => Ok(Some(*value)),
            Some(_) => Err(self.invalid(name, "The value must be true or false.")),
        }
    }

    /// Checks that the value is a number of any kind.
    pub(crate) fn number(&self, name: &str) -> Result<(), ErrorResponse> {
        match self.get(name) {
            Some(value) if !value.is_number() => Err(self.invalid(name, "The value must be a number.")),
            _ => Ok(()),
        }
    }

    pub(crate) fn list(&self, name: &str) -> Result<Option<&'a [Value]>, ErrorResponse> {
        match self.get(name) {
            None => Ok(None),
            Some(Value::Array(items)) => Ok(Some(items)),
            Some(_) => Err(self.invalid(name, "The value must be an array.")),
        }
    }

    /// Returns the objects of a list.
    pub(crate) fn objects(&self, name: &'a str) -> Result<Option<Vec<Members<'a>>>, ErrorResponse> {
        let Some(items) = self.list(name)? else { return Ok(None) };
        let objects = items.iter().enumerate().map(|(index, item)| match item {
            Value::Object(map) => Ok(Members { map, location: Location::Item { list: name, index } }),
            _ => Err(self.invalid(name, "The items must be objects.")),
        });
        objects.collect::<Result<_, _>>().map(Some)
    }

    pub(crate) fn object(&self, name: &'a str) -> Result<Option<Members<'a>>, ErrorResponse> {
        match self.get(name) {
            None => Ok(None),
            Some(Value::Object(map)) => Ok(Some(Members { map, location: Location::Within { outer: name } })),
            Some(_) => Err(self.invalid(name, "The value must be an object.")),
        }
    }

    /// Returns the members that are not among these, as the service writes them.
    pub(crate) fn others(&self, known: &[&str]) -> Map<String, Value> {
        let is_known = |name: &str| known.iter().any(|known| known.eq_ignore_ascii_case(name));
        canonical_members(self.map.iter().filter(|(name, _)| !is_known(name)))
    }

    /// Returns all members, as the service writes them.
    pub(crate) fn all(&self) -> Map<String, Value> {
        self.others(&[])
    }

    /// Checks that the value is an amount: a number, or text that contains one.
    pub(crate) fn amount(&self, name: &str) -> Result<(), ErrorResponse> {
        match self.get(name) {
            None | Some(Value::Number(_)) => Ok(()),
            Some(Value::String(text)) if text.trim().parse::<f64>().is_ok_and(f64::is_finite) => Ok(()),
            Some(_) => Err(self.invalid(name, "The value must be an amount.")),
        }
    }

    /// Checks the types within `links` and `attributes`. The service sets them itself and ignores their values in requests,
    /// but parses them like other members.
    pub(crate) fn check_links_and_attributes(&self) -> Result<(), ErrorResponse> {
        if let Some(attributes) = self.object("attributes")? {
            attributes.text("objectType")?;
            attributes.text("etag")?;
        }
        let Some(links) = self.object("links")? else { return Ok(()) };
        for name in links.map.keys() {
            let Some(link) = links.object(name)? else { continue };
            for text in ["uri", "method", "body"] {
                link.text(text)?;
            }
            for header in link.objects("headers")?.into_iter().flatten() {
                header.text("key")?;
                header.text("value")?;
            }
        }
        Ok(())
    }

    pub(crate) fn texts(&self, name: &str) -> Result<Option<Vec<String>>, ErrorResponse> {
        let Some(items) = self.list(name)? else { return Ok(None) };
        let texts = items.iter().map(|item| match item {
            Value::String(text) => Ok(text.clone()),
            _ => Err(self.invalid(name, "The items must be text.")),
        });
        texts.collect::<Result<_, _>>().map(Some)
    }

    /// Returns a map of texts, with keys as the service writes them.
    pub(crate) fn text_map(&self, name: &str) -> Result<Option<Map<String, Value>>, ErrorResponse> {
        let map = match self.get(name) {
            None => return Ok(None),
            Some(Value::Object(map)) => map,
            Some(_) => return Err(self.invalid(name, "The value must be an object.")),
        };
        let mut texts = Map::new();
        for (key, value) in map {
            match value {
                Value::String(_) => drop(texts.insert(canonical(key), value.clone())),
                Value::Null => {}
                _ => return Err(self.invalid(name, "The values must be text.")),
            }
        }
        Ok(Some(texts))
    }

    /// Returns a text that must be a date.
    pub(crate) fn date(&self, name: &str) -> Result<Option<&'a str>, ErrorResponse> {
        match self.text(name)? {
            Some(text) if super::dates::read(text).is_none() => Err(self.invalid(name, "The value must be a date.")),
            date => Ok(date),
        }
    }
}

/// Returns an integer in any notation: `1`, `1.0`, `1e2`.
fn integer(value: &Value) -> Option<i32> {
    if let Some(number) = value.as_i64() {
        return i32::try_from(number).ok();
    }
    let number = value.as_f64().filter(|number| number.fract() == 0.0)?;
    #[expect(clippy::cast_possible_truncation, reason = "the range is checked")]
    (f64::from(i32::MIN)..=f64::from(i32::MAX)).contains(&number).then_some(number as i32)
}

/// Adds members to others, or replaces them. Returns whether that changes anything.
pub(crate) fn merge(kept: &mut Map<String, Value>, new: Map<String, Value>) -> bool {
    let is_changed = new.iter().any(|(name, value)| kept.get(name) != Some(value));
    kept.extend(new);
    is_changed
}

/// Parses the flag that a parameter of a query or a header has as its value: `true`, `True`, `1`.
pub(crate) fn flag(name: &str, value: Option<&str>) -> Result<bool, ErrorResponse> {
    match value {
        None => Ok(false),
        Some(text) if text.eq_ignore_ascii_case("true") || text == "1" => Ok(true),
        Some(text) if text.eq_ignore_ascii_case("false") || text == "0" => Ok(false),
        Some(_) => Err(ErrorResponse::invalid(name, "The value must be true or false.")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn names_are_case_insensitive_and_nulls_are_absent() {
        let body = json!({"LineItems": [{"OFFERID": "x", "quantity": null}]});
        let lines = Members::of_body(&body).unwrap().objects("lineItems").unwrap().unwrap();
        assert_eq!(lines[0].text("offerId").unwrap(), Some("x"));
        assert_eq!(lines[0].integer("quantity").unwrap(), None);
    }

    #[test]
    fn an_error_names_the_path_of_the_member() {
        let body = json!({"lineItems": [{"quantity": "many"}]});
        let lines = Members::of_body(&body).unwrap().objects("lineItems").unwrap().unwrap();
        let error = lines[0].integer("quantity").unwrap_err();
        assert_eq!((error.code, error.data), (2000, vec!["lineItems[0].quantity".to_owned()]));
    }

    #[test]
    fn keys_of_maps_are_written_as_the_service_writes_them() {
        let body = json!({"ProvisioningContext": {"ParentSubscriptionId": "A", "Scope": null}});
        let map = Members::of_body(&body).unwrap().text_map("provisioningContext").unwrap().unwrap();
        assert_eq!(Value::Object(map), json!({"parentSubscriptionId": "A"}));
    }

    #[test]
    fn a_body_may_begin_with_a_byte_order_mark() {
        assert_eq!(parse(b"\xef\xbb\xbf{}").unwrap(), json!({}));
    }

    #[test]
    fn flags_are_parsed_in_every_spelling() {
        assert!(flag("include_price", Some("True")).unwrap());
        assert!(!flag("include_price", None).unwrap());
        assert_eq!(flag("include_price", Some("yes")).unwrap_err().code, 2000);
    }
}
