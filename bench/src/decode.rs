//! Reading and writing lists of orders.

use openapi_generator_rust::models;
use partner_center_orders_api::runtime::decode_payload;
use partner_center_orders_api::types::OrderCollection;
use serde_json::{Value, json};

use crate::measure::{Effort, compare, side};
use crate::{payload, plain};

/// What the peer's client does with a body: `Response::text()`, which decodes UTF-8 to a string of its own, and `from_str`.
pub fn peers_way(body: &[u8]) -> models::OrderCollection {
    let text = String::from_utf8_lossy(body).into_owned();
    serde_json::from_str(&text).expect("the peer reads it")
}

pub fn ours(body: &[u8]) -> OrderCollection {
    decode_payload(body).expect("it is a list of orders")
}

pub fn body(count: usize, unknown: bool) -> Vec<u8> {
    let order = if unknown { payload::order_with_unknown } else { payload::order };
    payload::list(count, order).into_bytes()
}

/// Both sides, and the hand-written structs where all is known.
pub fn run(effort: Effort, count: usize, unknown: bool) -> Result<Value, String> {
    let body = body(count, unknown);
    let kept = json!(ours(&body));
    payload::same(&kept, &json!(peers_way(&body)))?;
    let sent: Value = serde_json::from_slice(&body).map_err(|error| error.to_string())?;
    if kept != sent {
        return Err("something was lost".to_owned());
    }
    let mut sides = vec![side("ours", || ours(&body)), side("openapi-generator", || peers_way(&body))];
    if !unknown {
        sides.push(side("borrowed structs", || serde_json::from_slice::<plain::OrderCollection>(&body)));
    }
    Ok(json!({ "bytes": body.len(), "nanoseconds": compare(effort, &mut sides) }))
}

pub fn encode(effort: Effort, count: usize) -> Result<Value, String> {
    let body = body(count, false);
    let ours = ours(&body);
    let plain: plain::OrderCollection = serde_json::from_slice(&body).map_err(|error| error.to_string())?;
    payload::same(&json!(ours), &json!(plain))?;
    payload::same(&json!(plain), &json!(ours))?;
    let mut sides =
        [side("ours", || serde_json::to_vec(&ours)), side("borrowed structs", || serde_json::to_vec(&plain))];
    Ok(json!({ "bytes": body.len(), "nanoseconds": compare(effort, &mut sides) }))
}
