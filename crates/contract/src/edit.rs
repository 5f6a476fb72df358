//! Edits of a contract by JSON pointer, and contracts written out as YAML: for measuring what edits do.

use serde_json::{Map, Value};

use crate::pointer::unescaped;

/// One edit.
#[derive(Clone, Debug)]
pub enum Edit {
    /// Sets the value at a position; `-` at the end of a list's pointer appends to it.
    Set(String, Value),
    /// Takes a value out.
    Remove(String),
    /// Gives an entry another key.
    Rename(String, String),
    /// Replaces every text in the contract that is exactly this one, such as the target of a reference.
    Replace(String, String),
}

/// An edit whose position doesn't exist.
#[derive(Debug, thiserror::Error)]
#[error("the contract has nothing at `{0}` to edit")]
pub struct NoSuchPlace(String);

/// Applies edits, in order.
///
/// # Errors
/// When the position of one of them doesn't exist.
pub fn apply(contract: &mut Value, edits: &[Edit]) -> Result<(), NoSuchPlace> {
    edits.iter().try_for_each(|edit| apply_one(contract, edit))
}

fn apply_one(contract: &mut Value, edit: &Edit) -> Result<(), NoSuchPlace> {
    match edit {
        Edit::Set(pointer, value) => {
            let (parent, key) = parent(contract, pointer)?;
            match parent {
                Value::Object(entries) => {
                    entries.insert(key, value.clone());
                }
                Value::Array(elements) if key == "-" => elements.push(value.clone()),
                Value::Array(elements) => *element(elements, &key, pointer)? = value.clone(),
                _ => return Err(NoSuchPlace(pointer.clone())),
            }
        }
        Edit::Remove(pointer) => {
            let (parent, key) = parent(contract, pointer)?;
            let removed = match parent {
                Value::Object(entries) => entries.remove(&key).is_some(),
                Value::Array(elements) => {
                    let index = key.parse::<usize>().ok().filter(|index| *index < elements.len());
                    index.map(|index| elements.remove(index)).is_some()
                }
                _ => false,
            };
            if !removed {
                return Err(NoSuchPlace(pointer.clone()));
            }
        }
        Edit::Rename(pointer, name) => {
            let (parent, key) = parent(contract, pointer)?;
            let entries = parent.as_object_mut().ok_or_else(|| NoSuchPlace(pointer.clone()))?;
            let value = entries.remove(&key).ok_or_else(|| NoSuchPlace(pointer.clone()))?;
            entries.insert(name.clone(), value);
        }
        Edit::Replace(from, to) => {
            if replace(contract, from, to) == 0 {
                return Err(NoSuchPlace(from.clone()));
            }
        }
    }
    Ok(())
}

fn parent<'a>(contract: &'a mut Value, pointer: &str) -> Result<(&'a mut Value, String), NoSuchPlace> {
    let none = || NoSuchPlace(pointer.to_owned());
    let (parent, key) = pointer.rsplit_once('/').ok_or_else(none)?;
    let parent = contract.pointer_mut(parent).ok_or_else(none)?;
    Ok((parent, unescaped(key).into_owned()))
}

fn element<'a>(elements: &'a mut [Value], key: &str, pointer: &str) -> Result<&'a mut Value, NoSuchPlace> {
    let index = key.parse::<usize>().ok();
    index.and_then(|index| elements.get_mut(index)).ok_or_else(|| NoSuchPlace(pointer.to_owned()))
}

fn replace(value: &mut Value, from: &str, to: &str) -> usize {
    match value {
        Value::String(text) if text == from => {
            to.clone_into(text);
            1
        }
        Value::Array(elements) => elements.iter_mut().map(|inner| replace(inner, from, to)).sum(),
        Value::Object(entries) => entries.values_mut().map(|inner| replace(inner, from, to)).sum(),
        _ => 0,
    }
}

/// A value as block YAML.
pub fn to_yaml(value: &Value) -> String {
    let mut out = String::new();
    write(value, 0, &mut out);
    out
}

fn write(value: &Value, depth: usize, out: &mut String) {
    match value {
        Value::Object(entries) if !entries.is_empty() => write_entries(entries, depth, out),
        Value::Array(elements) if !elements.is_empty() => {
            for element in elements {
                indent(depth, out);
                out.push_str("- ");
                write_after(element, depth, out);
            }
        }
        scalar => {
            indent(depth, out);
            out.push_str(&scalar.to_string());
            out.push('\n');
        }
    }
}

fn write_entries(entries: &Map<String, Value>, depth: usize, out: &mut String) {
    for (key, value) in entries {
        indent(depth, out);
        write_entry(key, value, depth, out);
    }
}

fn write_entry(key: &str, value: &Value, depth: usize, out: &mut String) {
    // Quoted as JSON does it, which YAML reads as well.
    out.push_str(&Value::from(key).to_string());
    out.push(':');
    let nested = value.as_object().is_some_and(|entries| !entries.is_empty())
        || value.as_array().is_some_and(|elements| !elements.is_empty());
    if nested {
        out.push('\n');
        write(value, depth + 1, out);
    } else {
        out.push(' ');
        out.push_str(&value.to_string());
        out.push('\n');
    }
}

/// A value behind a dash: its first entry is on the same line.
fn write_after(value: &Value, depth: usize, out: &mut String) {
    match value {
        Value::Object(entries) if !entries.is_empty() => {
            for (index, (key, value)) in entries.iter().enumerate() {
                if index > 0 {
                    indent(depth + 1, out);
                }
                write_entry(key, value, depth + 1, out);
            }
        }
        Value::Array(elements) if !elements.is_empty() => {
            out.push('\n');
            write(value, depth + 1, out);
        }
        scalar => {
            out.push_str(&scalar.to_string());
            out.push('\n');
        }
    }
}

fn indent(depth: usize, out: &mut String) {
    for _ in 0..depth {
        out.push_str("  ");
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::load;

    #[test]
    fn yaml_is_read_back_as_it_was() {
        let value = json!({
            "200": { "a": [1, [2, [3]], { "b": "x: y # z", "c": {} }, []], "t": "line\nbreak \u{feff}é" },
            "null": null, "yes": "yes", "n": -1.5, "f": false,
        });
        assert_eq!(load::parse("x", &to_yaml(&value)).unwrap().to_json(), value);
    }

    #[test]
    fn edits_reach_their_places() {
        let mut value = json!({ "a/b": { "list": ["x", "y"] }, "c": "x" });
        let edits = [
            Edit::Set("/a~1b/list/-".to_owned(), json!("z")),
            Edit::Remove("/a~1b/list/1".to_owned()),
            Edit::Rename("/c".to_owned(), "d".to_owned()),
            Edit::Replace("x".to_owned(), "w".to_owned()),
        ];
        apply(&mut value, &edits).unwrap();
        assert_eq!(value, json!({ "a/b": { "list": ["w", "z"] }, "d": "w" }));
    }

    #[test]
    fn an_edit_at_a_position_that_does_not_exist_is_rejected() {
        let mut value = json!({ "a": [1] });
        for edit in [
            Edit::Set("/b/c".to_owned(), json!(1)),
            Edit::Remove("/a/1".to_owned()),
            Edit::Rename("/b".to_owned(), "c".to_owned()),
            Edit::Replace("missing".to_owned(), "x".to_owned()),
        ] {
            assert!(apply(&mut value, std::slice::from_ref(&edit)).is_err(), "{edit:?}");
        }
    }
}
