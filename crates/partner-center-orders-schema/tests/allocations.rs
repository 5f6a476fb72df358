//! Whether a payload is valid is decided without an allocation, if it is.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

mod common;

use allocation_counter::{AllocationInfo, measure};
use partner_center_orders_schema::{Schema, Validator};
use serde_json::{Value, json};

fn payloads() -> Vec<(&'static str, Validator, Value)> {
    let order = common::example("get_order.response.new_commerce.json");
    let mut unknown = order.clone();
    for at in 0..12 {
        unknown[format!("unknown{at}")] = json!({ "a": [1, 2.5, "text", null] });
    }
    let many: Vec<Value> = std::iter::repeat_n(order.clone(), 100).collect();
    vec![
        ("an order", Validator::new(Schema::ORDER), order.clone()),
        ("an order, strict", Validator::new(Schema::ORDER).strict(), order),
        ("an order with unknown members", Validator::new(Schema::ORDER), unknown),
        ("a list", Validator::new(Schema::ORDER_COLLECTION).strict(), json!({ "items": many })),
        (
            "a request, strict",
            Validator::new(Schema::ORDER).request().strict(),
            common::example("create_order.request.json"),
        ),
    ]
}

fn assert_free(what: &str, info: &AllocationInfo) {
    assert_eq!((info.count_total, info.bytes_total), (0, 0), "{what}");
}

#[test]
fn a_verdict_on_bytes_allocates_nothing() {
    for (what, validator, payload) in payloads() {
        let bytes = serde_json::to_vec(&payload).unwrap();
        assert_free(what, &measure(|| assert!(validator.is_valid(&bytes), "{what}")));
    }
}

#[test]
fn a_verdict_on_a_value_allocates_nothing() {
    for (what, validator, payload) in payloads() {
        assert_free(what, &measure(|| assert!(validator.is_valid_value(&payload), "{what}")));
    }
}

#[test]
fn a_report_without_findings_allocates_little() {
    let validator = Validator::new(Schema::ORDER_COLLECTION);
    let orders: Vec<Value> = std::iter::repeat_n(common::example("get_order.response.legacy.json"), 1_000).collect();
    let bytes = serde_json::to_vec(&json!({ "items": orders })).unwrap();
    let info = measure(|| assert!(validator.validate(&bytes).unwrap().is_valid()));
    assert!(info.bytes_max < 4_096, "{} bytes allocated for {} bytes of JSON", info.bytes_max, bytes.len());
}

#[test]
fn memory_is_bounded_for_any_payload() {
    let limit = 64 * 1024;
    let mut limits = partner_center_orders_schema::Limits::default();
    limits.findings = 100;
    let validator = Validator::new(Schema::ORDER_COLLECTION).strict().limits(limits);
    for (what, payload) in [
        ("a nesting bomb", "[".repeat(4_000_000)),
        ("a bomb of objects", "{\"a\":".repeat(1_000_000)),
        ("a huge number", format!("{{\"totalCount\":{}}}", "9".repeat(4_000_000))),
        ("a huge exponent", format!("{{\"totalCount\":1e{}}}", "9".repeat(4_000_000))),
        ("a huge string instead of a number", format!("{{\"totalCount\":\"{}\"}}", "9".repeat(4_000_000))),
        ("many findings", format!("{{\"items\":[{}null]}}", "null,".repeat(500_000))),
    ] {
        let info = measure(|| drop(validator.validate(payload.as_bytes())));
        assert!(info.bytes_max < limit, "{what}: {} bytes", info.bytes_max);
    }
}

#[test]
fn long_names_are_not_repeated_without_limit() {
    let name = "n".repeat(1_000_000);
    let payload = format!("{{\"items\":[],\"{name}\":[{}0]}}", "\"\\ud800\",".repeat(9_000));
    let validator = Validator::new(Schema::ORDER_COLLECTION);
    let info = measure(|| {
        let report = validator.validate(payload.as_bytes()).unwrap();
        assert_eq!(report.findings.len() + report.omitted, 9_000);
    });
    assert!(info.bytes_max < 64 * 1024 * 1024, "{} bytes", info.bytes_max);
}
