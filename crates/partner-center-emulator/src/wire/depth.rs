//! How deep JSON may nest.

use serde_json::Value;

/// How many levels arrays and objects may have in what clients send.
///
/// What is kept lies some levels deeper in collections, in the log and in the file of the state, and all of them must stay
/// readable to `serde_json`, which gives up at 128. The service's own limit is documented nowhere.
pub(crate) const MAX_DEPTH: usize = 64;

/// Whether a value has no more levels than [`MAX_DEPTH`].
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
