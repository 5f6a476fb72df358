//! The rules of a validator as JSON Schema, for editors and other languages.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde_json::{Map, Value, json};

use crate::mode::{Direction, Mode};
use crate::validator::Validator;

static REQUEST: LazyLock<Value> = LazyLock::new(|| bundle(include_str!("generated/request.json")));
static RESPONSE: LazyLock<Value> = LazyLock::new(|| bundle(include_str!("generated/response.json")));

#[expect(
    clippy::expect_used,
    reason = "the generator writes these files as JSON, and every test of this module reads them"
)]
fn bundle(text: &str) -> Value {
    serde_json::from_str(text).expect("a generated bundle is JSON")
}

/// A pattern for dates with or without offset.
const ANY_DATE: &str = r"^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])[Tt]([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(\.\d+)?([Zz]|[+-]([01]\d|2[0-3]):[0-5]\d)?$";

impl Validator {
    /// Returns the rules of this validator as one self-contained JSON Schema document of draft 2020-12.
    ///
    /// JSON Schema can't express three of them: that names in requests match in any letter case, that a member must not
    /// occur twice, and that numbers beyond a double and lone surrogates are findings. The rule of
    /// [`of_request`](Validator::of_request) isn't among them.
    ///
    /// ```
    /// use partner_center_orders_schema::{Schema, Validator};
    ///
    /// let schema = Validator::new(Schema::ORDER).request().json_schema();
    /// assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
    /// assert_eq!(schema["$ref"], "#/$defs/NewOrder");
    /// ```
    pub fn json_schema(&self) -> Value {
        let mode = self.mode();
        let bundle = match mode.direction {
            Direction::Request => &*REQUEST,
            Direction::Response => &*RESPONSE,
        };
        let name = self.schema().name();
        let mut definitions = BTreeMap::new();
        collect(bundle, name, mode, &mut definitions);
        json!({
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "$comment": format!(
                "{name} as a {}, {} validation, from the contract of Partner Center orders.",
                mode.direction, mode.strictness
            ),
            "title": self.schema().title().unwrap_or(name),
            "$ref": format!("#/$defs/{name}"),
            "$defs": definitions,
        })
    }
}

/// Copies a definition, and those that it refers to.
fn collect(bundle: &Value, name: &str, mode: Mode, definitions: &mut BTreeMap<String, Value>) {
    if definitions.contains_key(name) {
        return;
    }
    let Some(schema) = bundle.get("$defs").and_then(|definitions| definitions.get(name)) else { return };
    definitions.insert(name.to_owned(), convert(schema, mode));
    for target in references(schema) {
        collect(bundle, target, mode, definitions);
    }
}

fn references(schema: &Value) -> Vec<&str> {
    match schema {
        Value::Array(values) => values.iter().flat_map(references).collect(),
        Value::Object(object) => {
            let own = object.get("$ref").and_then(Value::as_str).and_then(|target| target.strip_prefix("#/$defs/"));
            own.into_iter().chain(object.values().flat_map(references)).collect()
        }
        _ => Vec::new(),
    }
}

/// Converts a schema of the bundle to the rules of a mode.
fn convert(schema: &Value, mode: Mode) -> Value {
    let Some(object) = schema.as_object() else { return schema.clone() };
    let mut out = Map::new();
    for (key, value) in object {
        let value = match key.as_str() {
            "x-extensible-enum" | "enum" => continue,
            "format" if value == "date-time" && !mode.strict() => continue,
            // Formats of numbers describe their representation, not what is valid.
            "format" if value != "date-time" => continue,
            "properties" => Value::Object(properties(object, value, mode)),
            "items" | "additionalProperties" => convert(value, mode),
            "allOf" | "anyOf" | "oneOf" => {
                value.as_array().into_iter().flatten().map(|inner| convert(inner, mode)).collect()
            }
            _ => value.clone(),
        };
        out.insert(key.clone(), value);
    }
    if let Some(values) = object.get("enum") {
        let open = object.get("x-extensible-enum") == Some(&Value::Bool(true));
        out.extend(listed(values, open, mode));
    }
    if object.get("format").is_some_and(|format| format == "date-time") && mode.request() && !mode.strict() {
        out.insert("pattern".to_owned(), json!(ANY_DATE));
    }
    if mode.strict() && object.contains_key("properties") && !object.contains_key("additionalProperties") {
        out.insert("additionalProperties".to_owned(), json!(false));
    }
    Value::Object(out)
}

fn properties(object: &Map<String, Value>, properties: &Value, mode: Mode) -> Map<String, Value> {
    let required = object.get("required").and_then(Value::as_array);
    let is_required = |name: &str| required.is_some_and(|names| names.iter().any(|known| known == name));
    let convert = |(name, property): (&String, &Value)| {
        let read_only = property.get("readOnly") == Some(&Value::Bool(true));
        let converted = if read_only && mode.request() && mode.strict() {
            let mut null = json!({ "type": "null", "readOnly": true });
            null["description"] = property.get("description").cloned().unwrap_or_default();
            null
        } else {
            let converted = convert(property, mode);
            if mode.null_is_absent() && !is_required(name) { or_null(converted) } else { converted }
        };
        (name.clone(), converted)
    };
    properties.as_object().into_iter().flatten().map(convert).collect()
}

/// Returns the rule for listed values: a hint if other values are allowed, otherwise the list itself.
fn listed(values: &Value, open: bool, mode: Mode) -> Map<String, Value> {
    let mut rule = Map::new();
    if open && !mode.strict() {
        // Editors offer the values, and any string is valid.
        rule.insert("examples".to_owned(), values.clone());
    } else if mode.strict() && !mode.request() {
        rule.insert("enum".to_owned(), values.clone());
    } else {
        let values_as_text = values.as_array().into_iter().flatten().filter_map(Value::as_str);
        let patterns: Vec<String> = values_as_text.map(in_any_case).collect();
        let pattern = format!("^({})$", patterns.join("|"));
        rule.insert("anyOf".to_owned(), json!([{ "enum": values }, { "pattern": pattern }]));
    }
    rule
}

/// Returns a pattern that matches a text in any letter case.
fn in_any_case(text: &str) -> String {
    text.chars()
        .map(|letter| match letter {
            'a'..='z' | 'A'..='Z' => format!("[{}{}]", letter.to_ascii_uppercase(), letter.to_ascii_lowercase()),
            '0'..='9' | '_' => letter.to_string(),
            other => format!("\\{other}"),
        })
        .collect()
}

/// Returns a schema that also allows null. Annotations stay at the top, where editors look for them.
fn or_null(schema: Value) -> Value {
    let Value::Object(mut object) = schema else { return schema };
    // `enum` and `anyOf` exclude null whatever the type is, so that it needs a branch of its own.
    if !["enum", "anyOf"].iter().any(|key| object.contains_key(*key)) {
        let kinds = match object.get("type") {
            Some(Value::String(kind)) => vec![json!(kind), Value::from("null")],
            Some(Value::Array(kinds)) if kinds.iter().any(|kind| kind == "null") => kinds.clone(),
            _ => Vec::new(),
        };
        if !kinds.is_empty() {
            object.insert("type".to_owned(), Value::Array(kinds));
            return Value::Object(object);
        }
    }
    let annotations: Vec<(String, Value)> = ["description", "readOnly", "examples", "deprecated"]
        .into_iter()
        .filter_map(|key| object.remove_entry(key))
        .collect();
    let allows_anything = object.is_empty();
    let mut out: Map<String, Value> = annotations.into_iter().collect();
    if !allows_anything {
        out.insert("anyOf".to_owned(), json!([object, { "type": "null" }]));
    }
    Value::Object(out)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::in_any_case;
    use crate::{Schema, Validator};

    fn at(validator: &Validator, pointer: &str) -> Value {
        validator.json_schema().pointer(pointer).cloned().unwrap_or_default()
    }

    #[test]
    fn only_referenced_definitions_are_exported() {
        let schema = Validator::new(Schema::LINK).json_schema();
        let names: Vec<&String> = schema["$defs"].as_object().into_iter().flat_map(|defs| defs.keys()).collect();
        assert_eq!(names, ["Link", "LinkHeader"]);
    }

    #[test]
    fn strict_responses_are_closed_and_lenient_ones_open() {
        let order = Validator::new(Schema::ORDER);
        assert_eq!(at(&order.strict(), "/$defs/Order/additionalProperties"), json!(false));
        assert_eq!(at(&order, "/$defs/Order/additionalProperties"), Value::Null);
        assert_eq!(at(&order.strict(), "/$defs/OrderStatus/enum/0"), json!("unknown"));
        assert_eq!(at(&order, "/$defs/OrderStatus/examples/0"), json!("unknown"));
        assert_eq!(at(&order, "/$defs/OrderStatus/enum"), Value::Null);
        assert_eq!(at(&order.strict(), "/$defs/Order/properties/creationDate/format"), json!("date-time"));
        assert_eq!(at(&order, "/$defs/Order/properties/creationDate/format"), Value::Null);
    }

    #[test]
    fn optional_members_allow_null_where_the_mode_does() {
        let order = Validator::new(Schema::ORDER);
        let pointer = "/$defs/Order/properties/alternateId";
        assert_eq!(at(&order, &format!("{pointer}/type")), json!(["string", "null"]));
        assert_eq!(at(&order, "/$defs/Order/properties/links/anyOf/1/type"), json!("null"));
        assert_eq!(at(&order.strict(), &format!("{pointer}/type")), json!("string"));
        assert_eq!(
            at(&order, "/$defs/Order/properties/lineItems/type"),
            json!("array"),
            "required members don't allow null"
        );
    }

    #[test]
    fn patterns_match_any_letter_case() {
        assert_eq!(in_any_case("one_time"), "[Oo][Nn][Ee]_[Tt][Ii][Mm][Ee]");
    }
}
