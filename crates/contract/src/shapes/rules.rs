//! What single keywords of a schema become, and what none has a form for.

use serde_json::{Map, Value};

use super::{Bounds, Lookup, TextRule};

/// What the table can't express: the keyword at fault, and the words for the message.
pub(super) struct Unsupported(pub(super) &'static str, pub(super) String);

pub(super) fn unsupported<T>(keyword: &'static str, what: impl Into<String>) -> Result<T, Unsupported> {
    Err(Unsupported(keyword, what.into()))
}

/// Every keyword that is read here, or that has no effect on validity.
pub(super) const KNOWN: &[&str] = &[
    "$ref",
    "additionalProperties",
    "allOf",
    "anyOf",
    "default",
    "deprecated",
    "description",
    "enum",
    "examples",
    "exclusiveMaximum",
    "exclusiveMinimum",
    "format",
    "items",
    "maxItems",
    "maxLength",
    "maximum",
    "minItems",
    "minLength",
    "minimum",
    "oneOf",
    "properties",
    "readOnly",
    "required",
    "title",
    "type",
    // Who may demand such a member is decided by `required`, of which each bundle has its own.
    "writeOnly",
];

pub(super) fn text(schema: &Value, key: &str) -> String {
    schema.get(key).and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// Removes `null` from `type` and `enum`; returns whether it was there.
pub(super) fn without_null(object: &mut Map<String, Value>) -> bool {
    let Some(Value::Array(types)) = object.get("type") else { return false };
    let rest: Vec<Value> = types.iter().filter(|kind| kind.as_str() != Some("null")).cloned().collect();
    if rest.len() == types.len() {
        return false;
    }
    let kind = if let [only] = rest.as_slice() { only.clone() } else { Value::Array(rest) };
    object.insert("type".to_owned(), kind);
    if let Some(Value::Array(values)) = object.get_mut("enum") {
        values.retain(|value| !value.is_null());
    }
    true
}

/// The names of the kinds of values, as the validator's constants have them; none means any kind.
pub(super) fn kinds(object: &Map<String, Value>) -> Result<Vec<&'static str>, Unsupported> {
    let mut names: Vec<&str> = Vec::new();
    match (object.get("type"), object.get("oneOf").and_then(Value::as_array)) {
        (Some(Value::String(kind)), None) => names.push(kind),
        (Some(Value::Array(kinds)), None) => names.extend(kinds.iter().filter_map(Value::as_str)),
        (None, Some(branches)) => {
            for branch in branches {
                match (branch.get("type").and_then(Value::as_str), branch.as_object().map(Map::len)) {
                    (Some(kind), Some(1)) if !names.contains(&kind) => names.push(kind),
                    _ => return unsupported("oneOf", "a `oneOf` of more than plain, distinct types"),
                }
            }
            if names.contains(&"integer") && names.contains(&"number") {
                return unsupported("oneOf", "a `oneOf` whose branches overlap");
            }
        }
        (None, None) => return Ok(Vec::new()),
        _ => return unsupported("oneOf", "`type` next to `oneOf`"),
    }
    for combined in ["allOf", "anyOf"] {
        if object.contains_key(combined) {
            return unsupported(combined, format!("`{combined}` next to other keywords"));
        }
    }
    let constant = |name: &str| match name {
        "null" => Ok("NULL"),
        "boolean" => Ok("BOOLEAN"),
        "integer" => Ok("INTEGER"),
        "number" => Ok("NUMBER"),
        "string" => Ok("TEXT"),
        "array" => Ok("ARRAY"),
        "object" => Ok("OBJECT"),
        other => unsupported("type", format!("the type `{other}`")),
    };
    names.into_iter().map(constant).collect()
}

pub(super) fn text_rule(object: &Map<String, Value>) -> Result<Option<TextRule>, Unsupported> {
    let values = match object.get("enum").and_then(Value::as_array) {
        None => Vec::new(),
        Some(values) => {
            let texts: Vec<String> = values.iter().filter_map(Value::as_str).map(str::to_owned).collect();
            if texts.len() != values.len() {
                return unsupported("enum", "an `enum` of other values than texts");
            }
            texts
        }
    };
    let open = object.get("x-extensible-enum") == Some(&Value::Bool(true));
    let date = object.get("format").and_then(Value::as_str) == Some("date-time");
    let least = count(object, "minLength")?;
    let most = count(object, "maxLength")?;
    if values.is_empty() && !date && least.is_none() && most.is_none() {
        return Ok(None);
    }
    Ok(Some(TextRule { date, values, open, least, most }))
}

/// A count of items or characters, where the contract sets one.
pub(super) fn count(object: &Map<String, Value>, key: &'static str) -> Result<Option<usize>, Unsupported> {
    let Some(value) = object.get(key) else { return Ok(None) };
    match value.as_u64().and_then(|count| usize::try_from(count).ok()) {
        Some(count) => Ok(Some(count)),
        None => unsupported(key, format!("`{key}: {value}`")),
    }
}

pub(super) fn bounds(object: &Map<String, Value>) -> Result<Option<Bounds>, Unsupported> {
    let whole = object.get("type").is_none_or(|kind| kind == "integer");
    Ok(bounds_of(object, whole)?.map(|(least, most)| Bounds { least, most }))
}

/// The least and the greatest whole number that a schema of an integer allows, where it sets a bound.
pub fn whole_bounds(object: &Map<String, Value>) -> Option<(i64, i64)> {
    bounds_of(object, true).ok().flatten()
}

fn bounds_of(object: &Map<String, Value>, whole: bool) -> Result<Option<(i64, i64)>, Unsupported> {
    let (mut least, mut most) = (None, None);
    for (key, lower, exclusive) in [
        ("minimum", true, false),
        ("exclusiveMinimum", true, true),
        ("maximum", false, false),
        ("exclusiveMaximum", false, true),
    ] {
        let Some(bound) = object.get(key) else { continue };
        let number = bound.as_f64().unwrap_or(f64::NAN);
        let exact = bound.as_i64().or_else(|| whole_number(number).filter(|_| number.fract() == 0.0));
        let allowed = match exact {
            Some(bound) if !exclusive => Some(bound),
            // A fraction may come as close as it likes to a bound that it must not reach.
            _ if !whole => None,
            Some(bound) if lower => bound.checked_add(1),
            Some(bound) => bound.checked_sub(1),
            None => whole_number(if lower { number.ceil() } else { number.floor() }),
        };
        let Some(allowed) = allowed else { return unsupported(key, format!("the bound `{key}: {bound}`")) };
        if lower {
            least = least.max(Some(allowed));
        } else {
            most = Some(most.map_or(allowed, |most: i64| most.min(allowed)));
        }
    }
    let bounded = least.is_some() || most.is_some();
    Ok(bounded.then(|| (least.unwrap_or(i64::MIN), most.unwrap_or(i64::MAX))))
}

/// A double without a fraction as an integer, as long as doubles represent every integer.
fn whole_number(number: f64) -> Option<i64> {
    (number.abs() < 9_007_199_254_740_992.0).then(|| format!("{number:.0}").parse().ok()).flatten()
}

/// One bit for each required member, by its position in the list.
pub(super) fn required(names: &[&str], object: Option<&Map<String, Value>>) -> u64 {
    let required = object.and_then(|object| object.get("required")).and_then(Value::as_array);
    required
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .filter_map(|name| names.iter().position(|known| *known == name))
        .fold(0, |bits, position| bits | 1 << position)
}

/// One number of a name's length, its first bytes and its last ones, without letter case.
///
/// The validator's `Ends::key` computes the same.
fn key(name: &str) -> u64 {
    const FOLD: u64 = 0x2020_2020_2020_2020;
    let bytes = name.as_bytes();
    let word = |bytes: &[u8]| bytes.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte));
    let (head, tail) = match bytes {
        [] => (0, 0),
        [first, ..] if bytes.len() < 4 => (word(&[*first, bytes[bytes.len() / 2]]), word(&bytes[bytes.len() - 1..])),
        bytes if bytes.len() < 8 => (word(&bytes[..4]), word(&bytes[bytes.len() - 4..])),
        bytes => (word(&bytes[..8]), word(&bytes[bytes.len() - 8..])),
    };
    (head | FOLD) ^ (tail | FOLD).rotate_left(29) ^ bytes.len() as u64
}

/// A table without collisions for these names, if they can have one.
pub(super) fn lookup(names: &[&str]) -> Option<Lookup> {
    if names.iter().any(|name| name.is_empty() || !name.is_ascii()) {
        return None;
    }
    let keys: Vec<u64> = names.iter().map(|name| key(name)).collect();
    let bits = usize::BITS - names.len().max(1).leading_zeros() + 1;
    for bits in bits..=10 {
        let shift = 64 - bits;
        for attempt in 0..20_000_u64 {
            let multiplier = 0x9E37_79B9_7F4A_7C15_u64.wrapping_mul(2 * attempt + 1);
            let mut slots = vec![u8::MAX; 1_usize << bits];
            let free = keys.iter().enumerate().all(|(position, key)| {
                let slot =
                    usize::try_from(key.wrapping_mul(multiplier) >> shift).ok().and_then(|slot| slots.get_mut(slot));
                let Some(slot) = slot else { return false };
                let free = *slot == u8::MAX;
                *slot = u8::try_from(position).unwrap_or(u8::MAX);
                free
            });
            if free {
                return Some(Lookup { multiplier, shift, slots });
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn bounds_of_integers_are_the_integers_within() {
        for (schema, bounds) in [
            (json!({ "minimum": 1, "maximum": 9 }), Some((1, 9))),
            (json!({ "minimum": 0.5, "maximum": 9.5 }), Some((1, 9))),
            (json!({ "exclusiveMinimum": 0, "exclusiveMaximum": 10 }), Some((1, 9))),
            (json!({ "exclusiveMinimum": 0.0, "exclusiveMaximum": 9.5 }), Some((1, 9))),
            (json!({ "minimum": -5, "exclusiveMinimum": 0, "maximum": 3, "exclusiveMaximum": 10 }), Some((1, 3))),
            (json!({ "exclusiveMinimum": -1.5 }), Some((-1, i64::MAX))),
            (json!({}), None),
        ] {
            assert_eq!(whole_bounds(schema.as_object().unwrap()), bounds, "{schema}");
        }
    }

    #[test]
    fn the_key_of_a_name_does_not_depend_on_letter_case() {
        for name in ["id", "uri", "links", "headers", "quantity", "referenceCustomerId"] {
            assert_eq!(key(name), key(&name.to_uppercase()), "{name}");
        }
        assert!(lookup(&["expires_in", "expires_on", "ext_expires_in"]).is_some());
        assert!(lookup(&["ümlaut"]).is_none());
    }
}
