//! The JSON Schema bundle (2020-12) and the table of operations that goes with it.

use serde_json::{Map, Value, json};

use crate::operations;
use crate::schema::{is_nullable_reference, resolve};

const DIALECT: &str = "https://json-schema.org/draft/2020-12/schema";

/// The direction of a payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// The service reads what a client sends: read-only members may come along and are never demanded.
    Request,
    /// A client reads the service's responses: write-only members are never required.
    Response,
}

/// All schemas of the contract under `$defs`, as payloads of that direction are validated.
pub fn bundle(contract: &Value, direction: Direction, comment: &str) -> Value {
    let mut definitions = Map::new();
    for (name, schema) in contract.pointer("/components/schemas").and_then(Value::as_object).into_iter().flatten() {
        definitions.insert(name.clone(), convert(contract, schema, direction));
    }
    json!({
        "$comment": comment,
        "$schema": DIALECT,
        "title": contract.pointer("/info/title").cloned().unwrap_or_default(),
        "$defs": definitions,
    })
}

/// One schema of OpenAPI 3.0 in the idiom of JSON Schema 2020-12.
fn convert(contract: &Value, schema: &Value, direction: Direction) -> Value {
    let Some(object) = schema.as_object() else {
        return schema.clone();
    };
    if let Some(target) = object.get("$ref").and_then(Value::as_str) {
        return json!({ "$ref": target.replace("#/components/schemas/", "#/$defs/") });
    }
    let mut out = Map::new();
    for (key, value) in object {
        match key.as_str() {
            "nullable"
            | "discriminator"
            | "xml"
            | "externalDocs"
            | "x-rust-wire"
            | "x-sent-back-as"
            | "x-same-typed-arguments"
            | "x-critical" => {}
            // In 2020-12 it would reject the null.
            "type" if is_nullable_reference(object) => {}
            "example" => {
                out.insert("examples".to_owned(), json!([value]));
            }
            "properties" => {
                let converted: Map<String, Value> = value
                    .as_object()
                    .into_iter()
                    .flatten()
                    .map(|(name, property)| (name.clone(), convert(contract, property, direction)))
                    .collect();
                out.insert(key.clone(), Value::Object(converted));
            }
            "items" | "additionalProperties" | "not" => {
                out.insert(key.clone(), convert(contract, value, direction));
            }
            "allOf" | "oneOf" | "anyOf" => {
                let converted =
                    value.as_array().into_iter().flatten().map(|inner| convert(contract, inner, direction)).collect();
                out.insert(key.clone(), Value::Array(converted));
            }
            "required" => {
                let required = demanded(contract, object, direction);
                if !required.is_empty() {
                    out.insert(key.clone(), Value::Array(required));
                }
            }
            "exclusiveMinimum" | "exclusiveMaximum" => {
                let bound = if key == "exclusiveMinimum" { "minimum" } else { "maximum" };
                if value == &Value::Bool(true)
                    && let Some(limit) = object.get(bound)
                {
                    out.insert(key.clone(), limit.clone());
                }
            }
            "minimum" if object.get("exclusiveMinimum") == Some(&Value::Bool(true)) => {}
            "maximum" if object.get("exclusiveMaximum") == Some(&Value::Bool(true)) => {}
            _ => {
                out.insert(key.clone(), value.clone());
            }
        }
    }
    bound_by_format(&mut out);
    if object.get("nullable") == Some(&Value::Bool(true)) {
        return nullable(out);
    }
    Value::Object(out)
}

/// The required members, without those that this reader may not demand.
fn demanded(contract: &Value, object: &Map<String, Value>, direction: Direction) -> Vec<Value> {
    let waived = match direction {
        Direction::Request => "readOnly",
        Direction::Response => "writeOnly",
    };
    object
        .get("required")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter(|name| {
            let property = name.as_str().and_then(|name| object.get("properties")?.get(name));
            property.is_none_or(|property| {
                property.get(waived) != Some(&Value::Bool(true))
                    && resolve(contract, property).get(waived) != Some(&Value::Bool(true))
            })
        })
        .cloned()
        .collect()
}

/// `int32` and `int64` are bounds to a validator; JSON Schema takes formats of numbers for annotations.
fn bound_by_format(schema: &mut Map<String, Value>) {
    let bounds = match schema.get("format").and_then(Value::as_str) {
        Some("int32") => (json!(i32::MIN), json!(i32::MAX)),
        Some("int64") => (json!(i64::MIN), json!(i64::MAX)),
        _ => return,
    };
    schema.entry("minimum").or_insert(bounds.0);
    schema.entry("maximum").or_insert(bounds.1);
}

/// `nullable: true` in the idiom of 2020-12.
fn nullable(mut schema: Map<String, Value>) -> Value {
    if let Some(values) = schema.get_mut("enum").and_then(Value::as_array_mut) {
        values.push(Value::Null);
    }
    if let Some(kind) = schema.get("type").cloned() {
        schema.insert("type".to_owned(), json!([kind, "null"]));
        return Value::Object(schema);
    }
    if !["$ref", "allOf", "oneOf", "anyOf"].iter().any(|key| schema.contains_key(*key)) {
        return Value::Object(schema);
    }
    let mut outer = Map::new();
    for annotation in ["title", "description", "readOnly", "writeOnly", "deprecated", "examples"] {
        if let Some(value) = schema.remove(annotation) {
            outer.insert(annotation.to_owned(), value);
        }
    }
    outer.insert("anyOf".to_owned(), json!([schema, { "type": "null" }]));
    Value::Object(outer)
}

/// The operations as data: for each its id, method, path, and the schema names of its request and its response.
pub fn operations(contract: &Value, comment: &str) -> Value {
    let rows: Map<String, Value> = operations::rows(contract)
        .into_iter()
        .map(|row| {
            let (request, responses) = bodies(contract, &row.path, &row.method);
            let value = json!({
                "method": row.method,
                "path": row.path,
                "tag": row.tag,
                "summary": row.summary,
                "retry": row.retry,
                "auth": row.sign_in,
                "body": if row.streams { "stream" } else { "json" },
                "request": request,
                "responses": responses,
            });
            (row.id, value)
        })
        .collect();
    json!({ "$comment": comment, "operations": rows })
}

/// The schema name of the JSON request body, and of the JSON body of each documented status.
fn bodies(contract: &Value, path: &str, method: &str) -> (Value, Value) {
    let operation = contract.get("paths").and_then(|paths| paths.get(path)?.get(method.to_ascii_lowercase()));
    let request = operation.and_then(|operation| operation.get("requestBody"));
    let responses: Map<String, Value> = operation
        .and_then(|operation| operation.get("responses")?.as_object())
        .into_iter()
        .flatten()
        .map(|(status, response)| (status.clone(), body_schema(resolve(contract, response))))
        .collect();
    (request.map_or(Value::Null, |body| body_schema(resolve(contract, body))), Value::Object(responses))
}

fn body_schema(body: &Value) -> Value {
    body.pointer("/content/application~1json/schema/$ref")
        .and_then(Value::as_str)
        .and_then(|target| target.rsplit('/').next())
        .map_or(Value::Null, |name| Value::String(name.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn converted(schema: &Value, direction: Direction) -> Value {
        let contract = json!({ "components": { "schemas": { "A": schema } } });
        bundle(&contract, direction, "")["$defs"]["A"].clone()
    }

    #[test]
    fn nullable_becomes_a_second_type() {
        let schema = json!({ "type": "string", "nullable": true });
        assert_eq!(converted(&schema, Direction::Response), json!({ "type": ["string", "null"] }));
    }

    #[test]
    fn a_nullable_enum_lists_null() {
        let schema = json!({ "type": "string", "enum": ["a"], "nullable": true });
        assert_eq!(converted(&schema, Direction::Response), json!({ "type": ["string", "null"], "enum": ["a", null] }));
    }

    #[test]
    fn a_nullable_reference_becomes_a_choice() {
        let reference = json!([{ "$ref": "#/components/schemas/B" }]);
        let schema = json!({ "type": "object", "allOf": reference, "nullable": true, "description": "b" });
        assert_eq!(
            converted(&schema, Direction::Response),
            json!({ "description": "b", "anyOf": [{ "allOf": [{ "$ref": "#/$defs/B" }] }, { "type": "null" }] })
        );
    }

    #[test]
    fn exclusive_bounds_are_numbers() {
        let schema = json!({ "type": "integer", "minimum": 1, "exclusiveMinimum": true });
        assert_eq!(converted(&schema, Direction::Response), json!({ "type": "integer", "exclusiveMinimum": 1 }));
    }

    #[test]
    fn int32_is_a_bound() {
        let schema = json!({ "type": "integer", "format": "int32", "minimum": 0 });
        assert_eq!(
            converted(&schema, Direction::Response),
            json!({ "type": "integer", "format": "int32", "minimum": 0, "maximum": i32::MAX })
        );
    }

    #[test]
    fn a_request_need_not_hold_what_the_service_sets() {
        let schema = json!({
            "required": ["id", "lines"],
            "properties": { "id": { "type": "string", "readOnly": true }, "lines": { "type": "array" } },
        });
        assert_eq!(converted(&schema, Direction::Request)["required"], json!(["lines"]));
        assert_eq!(converted(&schema, Direction::Response)["required"], json!(["id", "lines"]));
    }
}
