//! A larger contract, made from this project's own.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use crate::operations::is_method;

/// The contract with copies of its operations and schemas, until there are as many as asked for.
///
/// Each copy of the operations is below a path of its own and has its own copy of the schemas, as long as there are
/// schemas to be made; later copies share the schemas of the original. Parameters, responses and headers are shared by
/// all.
pub fn scaled(contract: &Value, operations: usize, schemas: usize) -> Value {
    let mut grown = contract.clone();
    let originals: Map<String, Value> = section(contract, "/components/schemas");
    let paths: Map<String, Value> = section(contract, "/paths");
    let mut schemas_left = schemas.saturating_sub(originals.len());
    let mut operations_left = operations.saturating_sub(paths.values().map(count_operations).sum());
    for copy in 2.. {
        if operations_left == 0 && schemas_left == 0 {
            break;
        }
        let copied: BTreeSet<&str> = originals.keys().map(String::as_str).take(schemas_left).collect();
        schemas_left -= copied.len();
        let renaming = Renaming { copy, copied: &copied, whole: copied.len() == originals.len() };
        if let Some(target) = grown.pointer_mut("/components/schemas").and_then(Value::as_object_mut) {
            for name in &copied {
                target.insert(format!("{name}{copy}"), renaming.applied(&originals[*name]));
            }
        }
        if let Some(target) = grown.pointer_mut("/paths").and_then(Value::as_object_mut) {
            for (path, item) in &paths {
                let item = item_of(item, &renaming, &mut operations_left);
                if count_operations(&item) > 0 {
                    target.insert(format!("/copy{copy}{path}"), item);
                }
            }
        }
    }
    grown
}

fn section(contract: &Value, pointer: &str) -> Map<String, Value> {
    contract.pointer(pointer).and_then(Value::as_object).cloned().unwrap_or_default()
}

fn count_operations(item: &Value) -> usize {
    item.as_object().into_iter().flatten().filter(|(key, _)| is_method(key)).count()
}

/// A copy of a path item with as many of its operations as are still to be made.
fn item_of(item: &Value, renaming: &Renaming<'_>, left: &mut usize) -> Value {
    let mut copy = Map::new();
    for (key, value) in item.as_object().into_iter().flatten() {
        if !is_method(key) {
            copy.insert(key.clone(), value.clone());
        } else if *left > 0 {
            let mut operation = renaming.applied(value);
            if let Some(id) = operation.get("operationId").and_then(Value::as_str) {
                operation["operationId"] = format!("{id}_copy{}", renaming.copy).into();
            }
            copy.insert(key.clone(), operation);
            *left -= 1;
        }
    }
    Value::Object(copy)
}

/// How one copy refers to its own schemas.
struct Renaming<'a> {
    copy: usize,
    copied: &'a BTreeSet<&'a str>,
    /// Whether every schema was copied.
    whole: bool,
}

impl Renaming<'_> {
    fn applied(&self, value: &Value) -> Value {
        match value {
            Value::Object(entries) => entries
                .iter()
                // Conversions between forms need all schemas that the forms hold.
                .filter(|(key, _)| self.whole || *key != "x-sent-back-as")
                .map(|(key, value)| (key.clone(), self.entry(key, value)))
                .collect::<Map<_, _>>()
                .into(),
            Value::Array(elements) => elements.iter().map(|element| self.applied(element)).collect(),
            other => other.clone(),
        }
    }

    fn entry(&self, key: &str, value: &Value) -> Value {
        let prefix = match key {
            "$ref" => "#/components/schemas/",
            "x-sent-back-as" => "",
            _ => return self.applied(value),
        };
        match value.as_str().and_then(|text| text.strip_prefix(prefix)) {
            Some(name) if self.copied.contains(name) => format!("{prefix}{name}{}", self.copy).into(),
            _ => value.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn contract() -> Value {
        json!({
            "paths": { "/a": {
                "parameters": [],
                "get": { "operationId": "read", "responses": { "200": { "$ref": "#/components/schemas/A" } } },
                "put": { "operationId": "write" },
            } },
            "components": { "schemas": { "A": { "x-sent-back-as": "B", "items": { "$ref": "#/components/schemas/B" } }, "B": {} } },
        })
    }

    #[test]
    fn a_copy_refers_to_its_own_schemas() {
        let grown = scaled(&contract(), 4, 4);
        assert_eq!(
            grown["paths"]["/copy2/a"]["get"],
            json!({
                "operationId": "read_copy2", "responses": { "200": { "$ref": "#/components/schemas/A2" } },
            })
        );
        assert_eq!(
            grown["components"]["schemas"]["A2"],
            json!({
                "x-sent-back-as": "B2", "items": { "$ref": "#/components/schemas/B2" },
            })
        );
        assert_eq!(grown["paths"]["/a"], contract()["paths"]["/a"]);
    }

    #[test]
    fn there_are_as_many_as_asked_for() {
        for (operations, schemas) in [(2, 2), (3, 2), (7, 3), (9, 20)] {
            let grown = scaled(&contract(), operations, schemas);
            let made: usize = grown["paths"].as_object().unwrap().values().map(count_operations).sum();
            assert_eq!(made, operations);
            assert_eq!(grown["components"]["schemas"].as_object().unwrap().len(), schemas);
        }
    }

    #[test]
    fn a_part_of_the_schemas_refers_to_the_original_for_the_rest() {
        let grown = scaled(&contract(), 2, 3);
        assert_eq!(grown["components"]["schemas"]["A2"], json!({ "items": { "$ref": "#/components/schemas/B" } }));
    }
}
