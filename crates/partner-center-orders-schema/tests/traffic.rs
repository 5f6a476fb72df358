//! Comparison of captured traffic with the contract.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

mod common;

use std::fs;
use std::path::Path;

use partner_center_orders_schema::traffic::{Conformance, Difference, Outcome, read_capture, read_path};
use serde_json::{Value, json};

const ORDERS: &str = "/v1/customers/b0d70a69-4c42-4b27-b17b-91a835d8686a/orders";

/// One captured exchange.
fn record(method: &str, path: &str, status: u16, response: &Value) -> Value {
    json!({ "method": method, "path": path, "status": status, "responseBody": response })
}

fn lines(records: &[Value]) -> String {
    records.iter().map(Value::to_string).collect::<Vec<_>>().join("\n")
}

fn outcome(capture: &str) -> Outcome {
    let mut conformance = Conformance::default();
    let errors = read_capture("capture", capture.as_bytes(), &mut conformance);
    assert!(errors.is_empty(), "{errors:?}");
    conformance.outcome()
}

/// Returns operation, direction, subject, kind and pattern.
fn key(difference: &Difference) -> (&str, &str, &str, &str, &str) {
    let Difference { operation, direction, subject, kind, pattern, .. } = difference;
    (operation.unwrap_or("-"), direction, subject, kind.as_str(), pattern)
}

fn legacy_order() -> Value {
    common::example("get_order.response.legacy.json")
}

#[test]
fn traffic_without_differences_is_conformant() {
    let outcome = outcome(&lines(&[
        record("GET", &format!("{ORDERS}/1?include_price=True"), 200, &legacy_order()),
        record("GET", ORDERS, 200, &common::example("list_orders.response.json")),
        record("GET", &format!("{ORDERS}/2"), 404, &common::example("fault.order_not_found.json")),
        json!({
            "method": "POST", "path": ORDERS, "status": 201,
            "requestBody": common::example("create_order.request.json"),
            "responseBody": common::example("create_order.response.json"),
        }),
    ]));
    assert!(outcome.is_conformant(), "{outcome:#?}");
    assert_eq!((outcome.exchanges, outcome.validated), (4, 5));
    let seen: Vec<(&str, usize)> = outcome.operations.into_iter().collect();
    assert_eq!(seen, [("create_order", 1), ("get_order", 2), ("list_orders", 1)]);
}

#[test]
fn equal_differences_are_counted_in_one_entry() {
    let mut orders = common::example("list_orders.response.json");
    for order in orders["items"].as_array_mut().unwrap() {
        order["colour"] = json!("red");
    }
    let count = orders["items"].as_array().unwrap().len();
    assert!(count > 1);
    let outcome = outcome(&lines(&[record("GET", ORDERS, 200, &orders), record("GET", ORDERS, 200, &orders)]));
    let [difference] = outcome.differences.as_slice() else { panic!("{outcome:#?}") };
    assert_eq!(key(difference), ("list_orders", "response", "200", "unknown_member", "/items/*/colour"));
    assert_eq!(difference.count, 2 * count);
    assert_eq!((difference.first.source.as_str(), difference.first.pointer.as_str()), ("capture:1", "/items/0/colour"));
    assert!(!difference.breaking);
}

#[test]
fn breaking_differences_are_marked() {
    let mut order = legacy_order();
    order["status"] = json!("shipped");
    order["lineItems"][0]["quantity"] = json!("1");
    order.as_object_mut().unwrap().remove("creationDate");
    let outcome = outcome(&lines(&[record("GET", &format!("{ORDERS}/1"), 200, &order)]));
    let keys: Vec<_> = outcome
        .differences
        .iter()
        .map(|difference| (key(difference).3, key(difference).4, difference.breaking))
        .collect();
    assert_eq!(
        keys,
        [
            ("wrong_type", "/lineItems/*/quantity", true),
            ("missing_member", "/creationDate", true),
            ("unknown_value", "/status", false),
        ]
    );
    let value = outcome.differences.last().unwrap();
    assert_eq!(value.found, ["\"shipped\""]);
}

#[test]
fn a_status_may_be_a_string() {
    let mut record = record("GET", ORDERS, 200, &json!({}));
    record["status"] = json!("200");
    let outcome = outcome(&record.to_string());
    let keys: Vec<_> = outcome.differences.iter().map(key).collect();
    assert_eq!(keys, [("list_orders", "response", "200", "missing_member", "/items")]);
}

#[test]
fn unknown_methods_of_a_path_are_separate_differences() {
    let outcome = outcome(&lines(&[
        json!({ "method": "DELETE", "path": format!("{ORDERS}/1"), "status": 405 }),
        json!({ "method": "PUT", "path": format!("{ORDERS}/2"), "status": 405 }),
    ]));
    let keys: Vec<_> = outcome.differences.iter().map(|difference| (key(difference).2, difference.count)).collect();
    assert_eq!(keys, [("DELETE", 1), ("PUT", 1)]);
}

#[test]
fn requests_are_validated_as_requests() {
    let outcome = outcome(&lines(&[json!({
        "request": {
            "method": "POST", "url": format!("https://api.partnercenter.microsoft.com{ORDERS}"),
            "body": "{\"LineItems\": [{ \"LineItemNumber\": 0, \"OfferId\": \"a\" }], \"TotalPrice\": 1}",
        },
        "response": { "status": 400, "body": { "code": 2000, "description": "Invalid input." } },
    })]));
    let keys: Vec<_> = outcome.differences.iter().map(key).collect();
    assert_eq!(
        keys,
        [
            ("create_order", "request", "", "missing_member", "/LineItems/*/quantity"),
            ("create_order", "request", "", "read_only_member", "/TotalPrice"),
        ]
    );
}

#[test]
fn unknown_paths_and_statuses_are_differences_and_other_services_are_not() {
    let outcome = outcome(&lines(&[
        record("DELETE", &format!("{ORDERS}/1"), 204, &Value::Null),
        record("DELETE", &format!("{ORDERS}/2"), 204, &Value::Null),
        record("GET", &format!("{ORDERS}/3"), 418, &json!({ "code": 1 })),
        record("POST", "https://login.microsoftonline.com/1/oauth2/v2.0/token", 200, &json!({ "access_token": "x" })),
    ]));
    let keys: Vec<_> = outcome.differences.iter().map(|difference| (key(difference), difference.count)).collect();
    assert_eq!(
        keys,
        [
            (("-", "request", "DELETE", "unknown_path", "/v1/customers/*/orders/*"), 2),
            (("get_order", "response", "418", "unknown_status", ""), 1),
        ]
    );
    assert_eq!((outcome.exchanges, outcome.elsewhere), (4, 1));
}

#[test]
fn an_accepted_change_needs_no_body_and_may_have_one() {
    let path = "/v1/customers/b0d70a69-4c42-4b27-b17b-91a835d8686a/subscriptions/s-1";
    let subscription = common::example("update_subscription.response.json");
    let mut empty = record("PATCH", path, 202, &json!(""));
    empty["responseHeaders"] = json!({ "Location": path });
    let conformant = outcome(&lines(&[empty, record("PATCH", path, 202, &subscription)]));
    assert!(conformant.is_conformant(), "{conformant:#?}");
    assert_eq!((conformant.exchanges, conformant.validated), (2, 1));

    let mut other = subscription;
    other["quantity"] = json!("many");
    let outcome = outcome(&lines(&[record("PATCH", path, 202, &other), record("PATCH", path, 200, &json!(""))]));
    let keys: Vec<_> = outcome.differences.iter().map(key).collect();
    assert_eq!(
        keys,
        [
            ("update_subscription", "response", "200", "missing_body", ""),
            ("update_subscription", "response", "202", "wrong_type", "/quantity"),
        ]
    );
}

#[test]
fn bodies_that_are_missing_or_not_json_are_differences() {
    let outcome = outcome(&lines(&[
        record("GET", ORDERS, 502, &json!("<html>Bad gateway</html>")),
        record("GET", ORDERS, 200, &json!("")),
        record("GET", ORDERS, 200, &Value::Null),
    ]));
    let keys: Vec<_> = outcome.differences.iter().map(key).collect();
    assert_eq!(
        keys,
        [("list_orders", "response", "200", "missing_body", ""), ("list_orders", "response", "502", "not_json", ""),]
    );
    assert_eq!(outcome.validated, 2, "a body that wasn't captured isn't validated");
}

#[test]
fn marked_faults_are_excluded() {
    let mut faulty = record("GET", ORDERS, 200, &json!({ "surprise": true }));
    faulty["fault"] = json!("unknown member");
    let mut unmarked = record("GET", ORDERS, 200, &json!({ "items": [] }));
    unmarked["fault"] = Value::Null;
    let outcome = outcome(&lines(&[faulty, unmarked]));
    assert!(outcome.is_conformant(), "{outcome:#?}");
    assert_eq!((outcome.set_apart, outcome.validated), (1, 1));
}

#[test]
fn an_http_archive_is_read() {
    let body = serde_json::to_string(&legacy_order()).unwrap();
    let archive = json!({ "log": { "version": "1.2", "entries": [
        {
            "request": { "method": "GET", "url": format!("https://api.partnercenter.microsoft.com{ORDERS}/1") },
            "response": { "status": 200, "content": { "size": body.len(), "mimeType": "application/json", "text": body } },
        },
        {
            "request": { "method": "GET", "url": format!("https://api.partnercenter.microsoft.com{ORDERS}") },
            "response": { "status": 200, "content": {
                "encoding": "base64", "text": "77u/eyJpdGVtcyI6W10sIm5ldyI6MX0=",
            } },
        },
        {
            "request": {
                "method": "POST", "url": format!("https://api.partnercenter.microsoft.com{ORDERS}"),
                "postData": { "mimeType": "application/json", "text": "{\"lineItems\":[]}" },
            },
            "response": { "status": 0 },
        },
    ] } });
    let outcome = outcome(&serde_json::to_string_pretty(&archive).unwrap());
    let keys: Vec<_> =
        outcome.differences.iter().map(|difference| (key(difference), difference.first.source.as_str())).collect();
    assert_eq!(
        keys,
        [
            (("create_order", "request", "", "item_count", "/lineItems"), "capture, entry 3"),
            (("list_orders", "response", "200", "unknown_member", "/new"), "capture, entry 2"),
        ]
    );
    assert_eq!((outcome.exchanges, outcome.validated), (3, 3));
}

#[test]
fn malformed_lines_are_errors_and_the_others_are_read() {
    let good = record("GET", ORDERS, 200, &json!({ "items": [] })).to_string();
    let capture = format!("{good}\n\n{{\"method\": \"GET\", }}\n{{\"level\": \"info\"}}\n{good}");
    let mut conformance = Conformance::default();
    let errors: Vec<String> = read_capture("log.ndjson", capture.as_bytes(), &mut conformance)
        .into_iter()
        .map(|error| error.to_string())
        .collect();
    assert_eq!(
        errors,
        [
            "log.ndjson:3:17 trailing comma (wrong_separator); delete it",
            "log.ndjson:4 is not a capture: an exchange is an object with `method` and `path`",
        ]
    );
    assert_eq!(conformance.outcome().exchanges, 2);
}

#[test]
fn a_folder_is_read_in_the_order_of_names() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    write("b/capture.ndjson", &record("GET", ORDERS, 200, &json!({ "items": [], "new": 1 })).to_string());
    write("a/list_orders.response.json", "{\"items\": [], \"new\": 1}");
    write("a/create_cart.request.broken.json", "{\"lineItems\": [}");
    write("a/notes.txt", "not a capture");
    write("a/settings.json", "{\"colour\": true}");
    let mut conformance = Conformance::default();
    let errors = read_path(folder.path(), &mut conformance);
    assert!(errors.is_empty(), "{errors:?}");
    let outcome = conformance.outcome();
    let keys: Vec<_> = outcome.differences.iter().map(|difference| (key(difference), difference.count)).collect();
    assert_eq!(
        keys,
        [
            (("create_cart", "request", "", "unexpected", ""), 1),
            (("list_orders", "response", "", "unknown_member", "/new"), 1),
            (("list_orders", "response", "200", "unknown_member", "/new"), 1),
        ]
    );
    let skipped: Vec<&str> =
        outcome.skipped.iter().map(|path| Path::new(path).file_name().unwrap().to_str().unwrap()).collect();
    assert_eq!(skipped, ["notes.txt", "settings.json"]);
}

#[test]
fn the_examples_of_the_contract_conform_to_it() {
    let mut conformance = Conformance::default();
    let errors = read_path(&common::examples(), &mut conformance);
    assert!(errors.is_empty(), "{errors:?}");
    let outcome = conformance.outcome();
    assert!(outcome.is_conformant(), "{outcome:#?}");
    assert!(outcome.validated > 25, "{outcome:#?}");
}

#[test]
fn a_missing_folder_is_an_error() {
    let mut conformance = Conformance::default();
    let errors = read_path(Path::new("/no/such/folder"), &mut conformance);
    let [error] = errors.as_slice() else { panic!("{errors:?}") };
    assert_eq!(error.to_string(), "can't read /no/such/folder");
    assert!(std::error::Error::source(error).is_some());
}
