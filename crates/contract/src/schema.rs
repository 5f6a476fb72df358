//! Questions about a schema of the contract, as JSON.

use serde_json::{Map, Value};

/// Follows one local `$ref`, or gives the value itself.
pub fn resolve<'a>(document: &'a Value, value: &'a Value) -> &'a Value {
    match value.get("$ref").and_then(Value::as_str).and_then(|target| target.strip_prefix('#')) {
        Some(pointer) => document.pointer(pointer).unwrap_or(value),
        None => value,
    }
}

/// Whether the schema is only "this reference, or null".
pub fn is_nullable_reference(schema: &Map<String, Value>) -> bool {
    schema.get("nullable") == Some(&Value::Bool(true))
        && matches!(schema.get("allOf").and_then(Value::as_array).map(Vec::as_slice), Some([only]) if only.get("$ref").is_some())
}

/// Whether the schema is an open enum.
pub fn is_open_enum(schema: &Value) -> bool {
    schema.get("enum").is_some() && schema.get("x-extensible-enum") == Some(&Value::Bool(true))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_marked_enums_are_open() {
        assert!(is_open_enum(&json!({ "enum": ["a"], "x-extensible-enum": true })));
        assert!(!is_open_enum(&json!({ "enum": ["a"] })));
    }
}
