//! Lowerings of responses.

use serde_json::{Map, Value, json};

use super::{each_operation, operation_id, resolve};

fn is_success(status: &str) -> bool {
    status.starts_with('2')
}

/// Puts the success responses of each operation under `2XX`: the first one that has a body, else the first.
///
/// That all of them have one schema is a rule of lint.
pub(super) fn success_to_range(document: &mut Value) -> Vec<String> {
    let whole = document.clone();
    let mut changes = Vec::new();
    each_operation(document, |_, _, operation| {
        let id = operation_id(operation);
        let Some(responses) = operation.get_mut("responses").and_then(Value::as_object_mut) else { return };
        let successes: Vec<String> = responses.keys().filter(|status| is_success(status)).cloned().collect();
        let chosen = successes
            .iter()
            .find(|status| resolve(&whole, &responses[status.as_str()]).get("content").is_some())
            .or(successes.first())
            .cloned();
        let Some(chosen) = chosen else { return };
        if chosen == "2XX" {
            return;
        }
        let mut response = resolve(&whole, &responses[&chosen]).clone();
        if let Some(response) = response.as_object_mut() {
            response.remove("headers");
        }
        for status in &successes {
            responses.remove(status);
        }
        responses.insert("2XX".to_owned(), response);
        changes.push(format!("{id}: {}", successes.join(", ")));
    });
    changes
}

/// Puts the error responses of each operation under `4XX` and `5XX`, both with the schema that all of them share.
pub(super) fn errors_to_ranges(document: &mut Value) -> Vec<String> {
    let whole = document.clone();
    let mut changes = Vec::new();
    each_operation(document, |_, _, operation| {
        let id = operation_id(operation);
        let Some(responses) = operation.get_mut("responses").and_then(Value::as_object_mut) else { return };
        let errors: Vec<String> = responses.keys().filter(|status| !is_success(status)).cloned().collect();
        let schema = errors.iter().find_map(|status| {
            resolve(&whole, &responses[status.as_str()]).pointer("/content/application~1json/schema").cloned()
        });
        let Some(schema) = schema else { return };
        for status in &errors {
            responses.remove(status);
        }
        for range in ["4XX", "5XX"] {
            responses.insert(
                range.to_owned(),
                json!({ "description": "A refusal.", "content": { "application/json": { "schema": schema } } }),
            );
        }
        changes.push(format!("{id}: {}", errors.join(", ")));
    });
    changes
}

/// Whether the answer of this operation is a collection: a schema with `items` and `totalCount`.
fn is_list(document: &Value, operation: &Map<String, Value>) -> bool {
    operation
        .get("responses")
        .and_then(|responses| responses.get("2XX"))
        .map(|response| resolve(document, response))
        .and_then(|response| response.pointer("/content/application~1json/schema"))
        .map(|schema| resolve(document, schema))
        .and_then(|schema| schema.get("properties"))
        .is_some_and(|properties| properties.get("items").is_some() && properties.get("totalCount").is_some())
}

/// Keeps the list operations only, and turns the success of each into a byte stream.
pub(super) fn streaming_twins(lowered: &Value) -> Value {
    let mut document = lowered.clone();
    let mut others = Vec::new();
    each_operation(&mut document, |path, method, operation| {
        if method == "get" && is_list(lowered, operation) {
            if let Some(response) = operation.get_mut("responses").and_then(|responses| responses.get_mut("2XX")) {
                *response = json!({
                    "description": "The collection, as its bytes arrive.",
                    "content": { "application/octet-stream": { "schema": { "type": "string", "format": "binary" } } },
                });
            }
        } else {
            others.push((path.to_owned(), method.to_owned()));
        }
    });
    if let Some(paths) = document.get_mut("paths").and_then(Value::as_object_mut) {
        for (path, method) in others {
            if let Some(item) = paths.get_mut(&path).and_then(Value::as_object_mut) {
                item.remove(&method);
            }
        }
        paths.retain(|_, item| item.get("get").is_some());
    }
    document
}
