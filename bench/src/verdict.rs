//! Verdicts on one order.

use partner_center_orders_schema::{Schema, Validator};
use serde_json::{Value, json};

use crate::measure::{Effort, compare, side};
use crate::payload;

/// What a peer needs to validate the same, with our verdicts on it.
pub fn input() -> Result<Value, String> {
    let validator = Validator::new(Schema::ORDER);
    let edits =
        [("", ""), ("\"quantity\":1", "\"quantity\":\"1\""), ("\"lineItems\"", "\"lines\""), ("\"GET\"", "7")];
    let cases: Vec<Value> = edits
        .iter()
        .map(|(whole, broken)| payload::order(0).replace(whole, broken))
        .map(|payload| json!({ "what": payload, "schema": "order", "payload": payload, "valid": validator.is_valid(payload.as_bytes()) }))
        .collect();
    Ok(json!({
        "schemas": { "order": validator.json_schema() },
        "timed": [{ "name": "order", "strictness": "lenient", "schema": "order", "payload": payload::order(0) }],
        "cases": cases,
    }))
}

pub fn run(effort: Effort) -> Result<Value, String> {
    let validator = Validator::new(Schema::ORDER);
    let text = payload::order(0);
    let parsed: Value = serde_json::from_str(&text).map_err(|error| error.to_string())?;
    let mut sides =
        [side("parsed", || validator.is_valid_value(&parsed)), side("bytes", || validator.is_valid(text.as_bytes()))];
    Ok(compare(effort, &mut sides))
}
