//! Lowerings of schemas.

use contract::operations::each_parameter_list;
use contract::schema::is_nullable_reference;
use serde_json::{Map, Value, json};

/// Calls `visit` with the JSON pointer of each schema object below `/components/schemas` and `/components/parameters`
/// and with the position of each one in the parameters of paths and operations, outermost first.
fn each_schema(document: &mut Value, visit: &mut impl FnMut(&str, &mut Map<String, Value>)) {
    fn walk(pointer: &str, schema: &mut Value, visit: &mut impl FnMut(&str, &mut Map<String, Value>)) {
        let Some(object) = schema.as_object_mut() else {
            return;
        };
        visit(pointer, object);
        if let Some(properties) = object.get_mut("properties").and_then(Value::as_object_mut) {
            for (name, property) in properties {
                walk(&format!("{pointer}/properties/{name}"), property, visit);
            }
        }
        for keyword in ["items", "additionalProperties"] {
            if let Some(inner) = object.get_mut(keyword) {
                walk(&format!("{pointer}/{keyword}"), inner, visit);
            }
        }
        for keyword in ["allOf", "oneOf", "anyOf"] {
            for (index, inner) in
                object.get_mut(keyword).and_then(Value::as_array_mut).into_iter().flatten().enumerate()
            {
                walk(&format!("{pointer}/{keyword}/{index}"), inner, visit);
            }
        }
    }
    if let Some(schemas) = document.pointer_mut("/components/schemas").and_then(Value::as_object_mut) {
        for (name, schema) in schemas {
            walk(&format!("/components/schemas/{name}"), schema, visit);
        }
    }
    if let Some(parameters) = document.pointer_mut("/components/parameters").and_then(Value::as_object_mut) {
        for (name, parameter) in parameters {
            if let Some(schema) = parameter.get_mut("schema") {
                walk(&format!("/components/parameters/{name}/schema"), schema, visit);
            }
        }
    }
    each_parameter_list(document, |position, parameters| {
        for schema in parameters.iter_mut().filter_map(|parameter| parameter.get_mut("schema")) {
            walk(position, schema, visit);
        }
    });
}

/// Leaves of a schema marked `x-rust-wire` only what a replacement needs: a name to refer to.
pub(super) fn reduce_wire_types(document: &mut Value) -> Vec<String> {
    let mut changes = Vec::new();
    each_schema(document, &mut |pointer, schema| {
        if schema.contains_key("x-rust-wire") {
            schema.retain(|key, _| key == "description" || key == "x-rust-wire");
            schema.insert("type".to_owned(), json!("string"));
            changes.push(pointer.to_owned());
        }
    });
    changes
}

/// Drops the type next to a nullable reference.
pub(super) fn drop_types_next_to_nullable_references(document: &mut Value) -> Vec<String> {
    let mut changes = Vec::new();
    each_schema(document, &mut |pointer, schema| {
        if is_nullable_reference(schema) && schema.remove("type").is_some() {
            changes.push(pointer.to_owned());
        }
    });
    changes
}

/// Drops what the validator checks and a decoder must not, and `x-critical`, which is read from the contract itself: progenitor
/// would not recognise an amount of money that is marked.
pub(super) fn drop_constraints(document: &mut Value) -> Vec<String> {
    const CONSTRAINTS: [&str; 13] = [
        "pattern",
        "minLength",
        "maxLength",
        "minimum",
        "maximum",
        "exclusiveMinimum",
        "exclusiveMaximum",
        "multipleOf",
        "minItems",
        "maxItems",
        "uniqueItems",
        "maxProperties",
        "x-critical",
    ];
    let mut changes = Vec::new();
    each_schema(document, &mut |pointer, schema| {
        let before = schema.len();
        schema.retain(|key, _| !CONSTRAINTS.contains(&key.as_str()));
        if schema.len() != before {
            changes.push(pointer.to_owned());
        }
    });
    changes
}

/// Marks optional arrays and maps as nullable, which makes them `Option`s.
pub(super) fn make_optional_collections_nullable(document: &mut Value) -> Vec<String> {
    let mut changes = Vec::new();
    each_schema(document, &mut |pointer, schema| {
        let required: Vec<String> = schema
            .get("required")
            .and_then(Value::as_array)
            .map(|names| names.iter().filter_map(Value::as_str).map(str::to_owned).collect())
            .unwrap_or_default();
        let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut) else {
            return;
        };
        for (name, property) in properties {
            let Some(property) = property.as_object_mut() else {
                continue;
            };
            let kind = property.get("type").and_then(Value::as_str);
            let is_map = kind == Some("object") && !property.contains_key("properties");
            let collection = kind == Some("array") || is_map;
            if collection && !required.contains(name) && property.get("nullable") != Some(&Value::Bool(true)) {
                property.insert("nullable".to_owned(), Value::Bool(true));
                changes.push(format!("{pointer}/properties/{name}"));
            }
        }
    });
    changes
}

/// Lets every object with members of its own keep those that the contract does not know.
///
/// progenitor turns the empty schema into a flattened map named `extra`; `additionalProperties: true` would drop them.
pub(super) fn keep_unknown_members(document: &mut Value) -> Vec<String> {
    let mut changes = Vec::new();
    each_schema(document, &mut |pointer, schema| {
        if schema.get("properties").is_some_and(|properties| properties.as_object().is_some_and(|p| !p.is_empty())) {
            schema.insert("additionalProperties".to_owned(), json!({}));
            changes.push(pointer.to_owned());
        }
    });
    changes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document(schema: &Value) -> Value {
        json!({ "components": { "schemas": { "A": schema } } })
    }

    #[test]
    fn a_wire_type_keeps_only_its_name_and_words() {
        let mut contract = document(&json!({ "description": "a code", "oneOf": [{}, {}], "x-rust-wire": "FaultCode" }));
        reduce_wire_types(&mut contract);
        assert_eq!(
            contract,
            document(&json!({ "description": "a code", "type": "string", "x-rust-wire": "FaultCode" }))
        );
    }

    #[test]
    fn a_nullable_reference_stays_the_type_that_it_refers_to() {
        let member = |schema: Value| document(&json!({ "properties": { "b": schema } }));
        let reference = json!([{ "$ref": "#/components/schemas/B" }]);
        let mut contract = member(json!({ "type": "object", "nullable": true, "allOf": reference }));
        assert_eq!(drop_types_next_to_nullable_references(&mut contract), ["/components/schemas/A/properties/b"]);
        assert_eq!(contract, member(json!({ "nullable": true, "allOf": reference })));
    }

    #[test]
    fn no_bound_reaches_the_decoder() {
        let mut contract = document(&json!({ "properties": {
            "n": { "type": "integer", "minimum": 0 },
            "s": { "type": "array", "maxItems": 3, "items": { "type": "string", "pattern": "^a" } },
        } }));
        assert_eq!(drop_constraints(&mut contract).len(), 3);
        assert_eq!(
            contract,
            document(&json!({ "properties": {
                "n": { "type": "integer" },
                "s": { "type": "array", "items": { "type": "string" } },
            } }))
        );
    }

    #[test]
    fn no_bound_of_a_parameter_reaches_the_client() {
        let bounded = |name: &str| json!([{ "name": name, "schema": { "type": "string", "maxLength": 3 } }]);
        let mut contract = json!({ "paths": { "/a": {
            "parameters": bounded("shared"), "get": { "operationId": "read_a", "parameters": bounded("own") },
        } } });
        assert_eq!(drop_constraints(&mut contract), ["/a", "read_a"]);
        assert!(!contract.to_string().contains("maxLength"), "{contract}");
    }

    #[test]
    fn absent_and_empty_stay_different_for_optional_collections_only() {
        let mut contract = document(&json!({
            "required": ["must"],
            "properties": {
                "must": { "type": "array", "items": {} },
                "may": { "type": "array", "items": {} },
                "map": { "type": "object", "additionalProperties": { "type": "string" } },
                "object": { "type": "object", "properties": { "x": {} } },
                "text": { "type": "string" },
            },
        }));
        assert_eq!(
            make_optional_collections_nullable(&mut contract),
            ["/components/schemas/A/properties/map", "/components/schemas/A/properties/may"]
        );
    }

    #[test]
    fn objects_with_members_keep_unknown_ones_and_maps_stay_maps() {
        let map = json!({ "type": "object", "additionalProperties": { "type": "string" } });
        let mut contract = document(&json!({ "properties": { "map": map } }));
        assert_eq!(keep_unknown_members(&mut contract), ["/components/schemas/A"]);
        let lowered = &contract["components"]["schemas"]["A"];
        assert_eq!(lowered["additionalProperties"], json!({}));
        assert_eq!(lowered["properties"]["map"], map);
    }
}
