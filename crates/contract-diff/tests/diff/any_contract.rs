//! Contracts of other people, with all that OpenAPI 3.0 has.

use contract_diff::Verdict;
use serde_json::{Value, json};

use super::{difference, fixture};

const ZOO: &str = include_str!("../fixtures/zoo.yaml");

/// The JSON pointers of everything inside a value.
fn pointers(value: &Value, pointer: &str, found: &mut Vec<String>) {
    let entries: Vec<(String, &Value)> = match value {
        Value::Object(entries) => {
            entries.iter().map(|(key, inner)| (key.replace('~', "~0").replace('/', "~1"), inner)).collect()
        }
        Value::Array(elements) => {
            elements.iter().enumerate().map(|(index, inner)| (index.to_string(), inner)).collect()
        }
        _ => Vec::new(),
    };
    for (key, inner) in entries {
        let pointer = format!("{pointer}/{key}");
        pointers(inner, &pointer, found);
        found.push(pointer);
    }
}

/// The contract with something else at one location, or with nothing there.
fn with(contract: &Value, pointer: &str, value: Option<&Value>) -> Value {
    let mut contract = contract.clone();
    if let Some(value) = value {
        *contract.pointer_mut(pointer).unwrap() = value.clone();
        return contract;
    }
    let (parent, key) = pointer.rsplit_once('/').unwrap();
    match contract.pointer_mut(parent).unwrap() {
        Value::Object(entries) => {
            entries.remove(&key.replace("~1", "/").replace("~0", "~"));
        }
        Value::Array(elements) => {
            elements.remove(key.parse().unwrap());
        }
        _ => unreachable!("only lists and objects hold something"),
    }
    contract
}

#[test]
fn whatever_is_removed_is_reported_or_rejected_both_ways() {
    let zoo = fixture(ZOO);
    let mut locations = Vec::new();
    pointers(&zoo, "", &mut locations);
    let mut compared = 0;
    for location in &locations {
        let other = with(&zoo, location, None);
        // `explode: true` and the like state the default; this contract holds nothing of that kind.
        for (old, new) in [(&zoo, &other), (&other, &zoo)] {
            if let Some(comparison) = difference(old, new) {
                assert!(comparison.verdict > Verdict::None, "{location}");
                compared += 1;
            }
        }
    }
    assert!(compared > 200, "{compared} comparisons");
}

#[test]
fn any_value_at_any_location_is_compared_or_rejected() {
    let zoo = fixture(ZOO);
    let mut locations = Vec::new();
    pointers(&zoo, "", &mut locations);
    for location in &locations {
        for value in [json!("words"), json!({}), json!([]), json!({ "$ref": "#/components/schemas/Tree" })] {
            let other = with(&zoo, location, Some(&value));
            // Only that both come to an end counts here.
            let _ = difference(&zoo, &other);
            let _ = difference(&other, &zoo);
        }
    }
}

#[test]
fn a_contract_is_the_same_as_itself() {
    let zoo = fixture(ZOO);
    assert!(difference(&zoo, &zoo).unwrap().changes.is_empty());
}
