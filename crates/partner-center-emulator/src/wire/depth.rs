//! The nesting limit of JSON.

use serde_json::Value;

/// The largest nesting depth of arrays and objects in requests.
///
/// Kept values are nested some levels deeper in collections, in the log and in the state file, and all of them must be
/// readable by `serde_json`, whose limit is 128. The service's own limit is undocumented.
pub(crate) const MAX_DEPTH: usize = 64;

/// Whether a value is nested no deeper than [`MAX_DEPTH`].
pub(crate) fn is_shallow(value: &Value) -> bool {
    within(value, MAX_DEPTH)
}

fn within(value: &Value, levels: usize) -> bool {
    match value {
        Value::Array(values) => levels > 0 && values.iter().all(|value| within(value, levels - 1)),
        Value::Object(members) => levels > 0 && members.values().all(|value| within(value, levels - 1)),
        _ => true,
    }
}
