//! What a decoded list holds.

use serde_json::{Value, json};

use crate::decode;
use crate::stream::resident;

/// MiB that the process holds more when the list is decoded and the body is gone than before.
fn held<T>(count: usize, decode: fn(&[u8]) -> T) -> Result<Value, String> {
    // What the allocator needs for itself is there before.
    drop(decode(&decode::body(1, false)));
    let before = resident("VmRSS:");
    let body = decode::body(count, false);
    let list = decode(&body);
    drop(body);
    let above = resident("VmRSS:").saturating_sub(before);
    drop(list);
    if above == 0 {
        return Err("a list that holds nothing can't be compared".to_owned());
    }
    Ok(json!({ "held": [above as f64 / 1024.0] }))
}

pub fn ours(count: usize) -> Result<Value, String> {
    held(count, decode::ours)
}

pub fn peer(count: usize) -> Result<Value, String> {
    held(count, decode::peers_way)
}
