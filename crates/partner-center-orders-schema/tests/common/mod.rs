//! Payloads to validate, for the tests, the benchmark and the example that writes cases for other validators.

#![allow(dead_code, reason = "each user needs a part")]

use std::path::{Path, PathBuf};

use partner_center_orders_schema::{Schema, Validator};
use serde_json::{Map, Value, json};

/// Returns the validators of all modes, with what they are called.
pub(crate) fn validators(schema: Schema) -> [(&'static str, Validator); 4] {
    let validator = Validator::new(schema);
    [
        ("lenient response", validator),
        ("strict response", validator.strict()),
        ("lenient request", validator.request()),
        ("strict request", validator.request().strict()),
    ]
}

/// Returns the folder of the contract's examples.
pub(crate) fn examples() -> PathBuf {
    let mut folders = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().map(|folder| folder.join("spec/examples"));
    folders.find(|folder| folder.is_dir()).unwrap_or_else(|| panic!("no folder `spec/examples`"))
}

/// Returns a payload of the contract's examples.
pub(crate) fn example(name: &str) -> Value {
    let path = examples().join(name);
    let text = std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_slice(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// A payload with one change.
pub(crate) struct Mutation {
    /// A description of the change.
    pub(crate) what: String,
    /// The changed payload.
    pub(crate) payload: Value,
}

/// Returns every change of one member or item, in the order of the payload.
pub(crate) fn mutations(payload: &Value) -> Vec<Mutation> {
    let mut pointers = Vec::new();
    list_pointers(payload, "", &mut pointers);
    let mut mutations = Vec::new();
    for pointer in &pointers {
        for (what, replacement) in replacements(payload.pointer(pointer).unwrap_or(&Value::Null)) {
            mutations.push(changed(payload, pointer, what, |parent, key| match parent {
                Value::Object(object) => {
                    object.insert(key.to_owned(), replacement.clone());
                }
                Value::Array(items) => items[key.parse::<usize>().unwrap_or(0)] = replacement.clone(),
                _ => {}
            }));
        }
        mutations.push(changed(payload, pointer, "left out", |parent, key| match parent {
            Value::Object(object) => {
                object.remove(key);
            }
            Value::Array(items) => {
                items.remove(key.parse::<usize>().unwrap_or(0));
            }
            _ => {}
        }));
        mutations.push(changed(payload, pointer, "renamed", |parent, key| {
            if let Value::Object(object) = parent
                && let Some(value) = object.remove(key)
            {
                object.insert(format!("{key}x"), value);
            }
        }));
        mutations.push(changed(payload, pointer, "with an unknown member added", |parent, _| {
            if let Value::Object(object) = parent {
                object.insert("unknown".to_owned(), json!({ "is": ["anything", 1, null] }));
            }
        }));
    }
    mutations.retain(|mutation| mutation.payload != *payload);
    mutations
}

/// Lists the pointers of every member and item.
fn list_pointers(value: &Value, at: &str, pointers: &mut Vec<String>) {
    let mut visit = |key: String, inner: &Value| {
        let pointer = format!("{at}/{}", key.replace('~', "~0").replace('/', "~1"));
        list_pointers(inner, &pointer, pointers);
        pointers.push(pointer);
    };
    match value {
        Value::Object(object) => object.iter().for_each(|(name, inner)| visit(name.clone(), inner)),
        Value::Array(items) => items.iter().enumerate().for_each(|(at, inner)| visit(at.to_string(), inner)),
        _ => {}
    }
}

fn changed(payload: &Value, pointer: &str, what: &str, change: impl FnOnce(&mut Value, &str)) -> Mutation {
    let mut payload = payload.clone();
    let (parent, key) = pointer.rsplit_once('/').unwrap_or_default();
    let key = key.replace("~1", "/").replace("~0", "~");
    if let Some(parent) = payload.pointer_mut(parent) {
        change(parent, &key);
    }
    Mutation { what: format!("{pointer}: {what}"), payload }
}

fn replacements(value: &Value) -> Vec<(&'static str, Value)> {
    let mut all = vec![
        ("null", Value::Null),
        ("true", json!(true)),
        ("zero", json!(0)),
        ("a negative number", json!(-1)),
        ("a fraction", json!(1.5)),
        ("a whole number with a fraction", json!(3.0)),
        ("a number beyond 32 bits", json!(2_147_483_648_i64)),
        ("a word", json!("anything")),
        ("an empty string", json!("")),
        ("an empty array", json!([])),
        ("an empty object", json!({})),
        ("an array around it", json!([value])),
        ("an object around it", json!({ "value": value })),
        ("an array with null", json!([null])),
    ];
    match value {
        Value::String(text) => {
            all.push(("in upper case", json!(text.to_uppercase())));
            all.push(("lengthened", json!(format!("{text}x"))));
            all.push((
                "without its last letter",
                json!(text.chars().take(text.chars().count().saturating_sub(1)).collect::<String>()),
            ));
            all.push(("very long", json!(text.repeat(1 + 1200 / text.len().max(1)))));
        }
        Value::Number(number) => all.push(("as a string", json!(number.to_string()))),
        Value::Array(items) => {
            let mut more = items.clone();
            more.push(Value::Null);
            all.push(("with a null at its end", Value::Array(more)));
        }
        Value::Object(object) => {
            let upper_case: Map<String, Value> =
                object.iter().map(|(name, value)| (name.to_uppercase(), value.clone())).collect();
            all.push(("with its names in upper case", Value::Object(upper_case)));
        }
        _ => {}
    }
    all
}

/// Returns every nth element of a list, about `count` in all.
pub(crate) fn thinned<T>(all: Vec<T>, count: usize) -> Vec<T> {
    let step = (all.len() / count.max(1)).max(1);
    all.into_iter().step_by(step).take(count).collect()
}
