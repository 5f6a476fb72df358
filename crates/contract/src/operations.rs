//! The operations of a contract, as JSON.

use serde_json::{Map, Value};

use crate::schema::resolve;

/// The methods that a path item can have.
pub const METHODS: [&str; 8] = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

/// Whether a key of a path item is a method, and holds an operation.
pub fn is_method(key: &str) -> bool {
    METHODS.contains(&key)
}

/// The path, the method and the operation object of each operation.
pub fn operations(document: &Value) -> impl Iterator<Item = (&str, &str, &Map<String, Value>)> {
    let paths = document.get("paths").and_then(Value::as_object).into_iter().flatten();
    paths.flat_map(|(path, item)| {
        let methods = item.as_object().into_iter().flatten().filter(|(key, _)| is_method(key));
        methods.filter_map(move |(method, operation)| Some((path.as_str(), method.as_str(), operation.as_object()?)))
    })
}

/// Calls `visit` with the same of each operation, to change it.
pub fn each_operation(document: &mut Value, mut visit: impl FnMut(&str, &str, &mut Map<String, Value>)) {
    let Some(paths) = document.get_mut("paths").and_then(Value::as_object_mut) else {
        return;
    };
    for (path, item) in paths {
        let Some(item) = item.as_object_mut() else {
            continue;
        };
        for (method, operation) in item {
            if is_method(method)
                && let Some(operation) = operation.as_object_mut()
            {
                visit(path, method, operation);
            }
        }
    }
}

/// Calls `visit` with each list of parameters and its owner: a path, whose operations share them, or an operation.
pub fn each_parameter_list(document: &mut Value, mut visit: impl FnMut(&str, &mut Vec<Value>)) {
    let paths = document.get_mut("paths").and_then(Value::as_object_mut);
    for (path, item) in paths.into_iter().flatten() {
        if let Some(parameters) = item.get_mut("parameters").and_then(Value::as_array_mut) {
            visit(path, parameters);
        }
    }
    each_operation(document, |_, _, operation| {
        let id = operation_id(operation);
        if let Some(parameters) = operation.get_mut("parameters").and_then(Value::as_array_mut) {
            visit(&id, parameters);
        }
    });
}

/// The operation's id, for reports.
pub fn operation_id(operation: &Map<String, Value>) -> String {
    operation.get("operationId").and_then(Value::as_str).unwrap_or("?").to_owned()
}

/// One row of the table.
pub struct OperationRow {
    /// `operationId`, in `snake_case`.
    pub id: String,
    /// The HTTP method, upper case.
    pub method: String,
    /// The path template, as in the contract.
    pub path: String,
    /// The first tag.
    pub tag: String,
    /// What the operation does, one line.
    pub summary: String,
    /// `x-retry`.
    pub retry: String,
    /// `x-auth`.
    pub sign_in: Vec<String>,
    /// Whether the success is anything but JSON.
    pub streams: bool,
}

/// The operations in the order of their paths.
pub fn rows(contract: &Value) -> Vec<OperationRow> {
    let row = |(path, method, operation): (&str, &str, &Map<String, Value>)| {
        let text = |key: &str| operation.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
        let texts = |key: &str| -> Vec<String> {
            operation
                .get(key)
                .and_then(Value::as_array)
                .map(|list| list.iter().filter_map(Value::as_str).map(str::to_owned).collect())
                .unwrap_or_default()
        };
        let streams = operation.get("responses").and_then(Value::as_object).is_some_and(|responses| {
            responses
                .iter()
                .filter(|(status, _)| status.starts_with('2'))
                .filter_map(|(_, response)| resolve(contract, response).get("content")?.as_object())
                .any(|content| !content.contains_key("application/json"))
        });
        OperationRow {
            id: text("operationId"),
            method: method.to_ascii_uppercase(),
            path: path.to_owned(),
            tag: texts("tags").into_iter().next().unwrap_or_default(),
            summary: text("summary"),
            retry: text("x-retry"),
            sign_in: texts("x-auth"),
            streams,
        }
    };
    operations(contract).map(row).collect()
}
