//! Observed traffic beside the contract: what is matched, judged, and summed up.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

mod common;

use std::fs;
use std::path::Path;

use partner_center_orders_schema::traffic::{Conformance, Difference, Outcome, read_capture, read_path};
use serde_json::{Value, json};

const ORDERS: &str = "/v1/customers/b0d70a69-4c42-4b27-b17b-91a835d8686a/orders";

/// One captured exchange.
fn record(method: &str, path: &str, status: u16, answer: &Value) -> Value {
    json!({ "method": method, "path": path, "status": status, "responseBody": answer })
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

/// Operation, direction, subject, kind, pattern.
fn told(difference: &Difference) -> (&str, &str, &str, &str, &str) {
    let Difference { operation, direction, subject, kind, pattern, .. } = difference;
    (operation.unwrap_or("-"), direction, subject, kind.as_str(), pattern)
}

fn legacy_order() -> Value {
    common::example("get_order.response.legacy.json")
}

#[test]
fn traffic_that_keeps_to_the_contract_agrees() {
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
    assert_eq!((outcome.exchanges, outcome.judged), (4, 5));
    let seen: Vec<(&str, usize)> = outcome.operations.into_iter().collect();
    assert_eq!(seen, [("create_order", 1), ("get_order", 2), ("list_orders", 1)]);
}

#[test]
fn the_same_difference_is_counted_and_shown_once() {
    let mut orders = common::example("list_orders.response.json");
    for order in orders["items"].as_array_mut().unwrap() {
        order["colour"] = json!("red");
    }
    let count = orders["items"].as_array().unwrap().len();
    assert!(count > 1);
    let outcome = outcome(&lines(&[record("GET", ORDERS, 200, &orders), record("GET", ORDERS, 200, &orders)]));
    let [difference] = outcome.differences.as_slice() else { panic!("{outcome:#?}") };
    assert_eq!(told(difference), ("list_orders", "response", "200", "unknown_member", "/items/*/colour"));
    assert_eq!(difference.count, 2 * count);
    assert_eq!((difference.first.source.as_str(), difference.first.pointer.as_str()), ("capture:1", "/items/0/colour"));
    assert!(!difference.breaking);
}

#[test]
fn what_readers_may_fail_on_is_told_from_news() {
    let mut order = legacy_order();
    order["status"] = json!("shipped");
    order["lineItems"][0]["quantity"] = json!("1");
    order.as_object_mut().unwrap().remove("creationDate");
    let outcome = outcome(&lines(&[record("GET", &format!("{ORDERS}/1"), 200, &order)]));
    let told: Vec<_> = outcome
        .differences
        .iter()
        .map(|difference| (told(difference).3, told(difference).4, difference.breaking))
        .collect();
    assert_eq!(
        told,
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
fn a_status_may_be_written_as_text() {
    let mut record = record("GET", ORDERS, 200, &json!({}));
    record["status"] = json!("200");
    let outcome = outcome(&record.to_string());
    let told: Vec<_> = outcome.differences.iter().map(told).collect();
    assert_eq!(told, [("list_orders", "response", "200", "missing_member", "/items")]);
}

#[test]
fn methods_that_an_address_does_not_have_are_told_apart() {
    let outcome = outcome(&lines(&[
        json!({ "method": "DELETE", "path": format!("{ORDERS}/1"), "status": 405 }),
        json!({ "method": "PUT", "path": format!("{ORDERS}/2"), "status": 405 }),
    ]));
    let told: Vec<_> = outcome.differences.iter().map(|difference| (told(difference).2, difference.count)).collect();
    assert_eq!(told, [("DELETE", 1), ("PUT", 1)]);
}

#[test]
fn requests_are_judged_as_requests() {
    let outcome = outcome(&lines(&[json!({
        "request": {
            "method": "POST", "url": format!("https://api.partnercenter.microsoft.com{ORDERS}"),
            "body": "{\"LineItems\": [{ \"LineItemNumber\": 0, \"OfferId\": \"a\" }], \"TotalPrice\": 1}",
        },
        "response": { "status": 400, "body": { "code": 2000, "description": "Invalid input." } },
    })]));
    let told: Vec<_> = outcome.differences.iter().map(told).collect();
    assert_eq!(
        told,
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
    let told: Vec<_> = outcome.differences.iter().map(|difference| (told(difference), difference.count)).collect();
    assert_eq!(
        told,
        [
            (("-", "request", "DELETE", "unknown_path", "/v1/customers/*/orders/*"), 2),
            (("get_order", "response", "418", "unknown_status", ""), 1),
        ]
    );
    assert_eq!((outcome.exchanges, outcome.elsewhere), (4, 1));
}

#[test]
fn bodies_that_are_no_json_or_not_there_are_differences() {
    let outcome = outcome(&lines(&[
        record("GET", ORDERS, 502, &json!("<html>Bad gateway</html>")),
        record("GET", ORDERS, 200, &json!("")),
        record("GET", ORDERS, 200, &Value::Null),
    ]));
    let told: Vec<_> = outcome.differences.iter().map(told).collect();
    assert_eq!(
        told,
        [("list_orders", "response", "200", "missing_body", ""), ("list_orders", "response", "502", "not_json", ""),]
    );
    assert_eq!(outcome.judged, 2, "what wasn't captured isn't judged");
}

#[test]
fn marked_faults_are_set_apart() {
    let mut faulty = record("GET", ORDERS, 200, &json!({ "surprise": true }));
    faulty["fault"] = json!("unknown member");
    let mut sound = record("GET", ORDERS, 200, &json!({ "items": [] }));
    sound["fault"] = Value::Null;
    let outcome = outcome(&lines(&[faulty, sound]));
    assert!(outcome.is_conformant(), "{outcome:#?}");
    assert_eq!((outcome.set_apart, outcome.judged), (1, 1));
}

#[test]
fn an_archive_of_a_browser_is_read() {
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
    let told: Vec<_> =
        outcome.differences.iter().map(|difference| (told(difference), difference.first.source.as_str())).collect();
    assert_eq!(
        told,
        [
            (("create_order", "request", "", "item_count", "/lineItems"), "capture, entry 3"),
            (("list_orders", "response", "200", "unknown_member", "/new"), "capture, entry 2"),
        ]
    );
    assert_eq!((outcome.exchanges, outcome.judged), (3, 3));
}

#[test]
fn damaged_lines_are_told_and_the_others_taken_in() {
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
            "log.ndjson:3:17 a comma before the closing bracket (stray_comma); take it out",
            "log.ndjson:4 is no capture: an exchange is an object with `method` and `path`",
        ]
    );
    assert_eq!(conformance.outcome().exchanges, 2);
}

#[test]
fn a_folder_is_walked_in_the_order_of_names() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    write("b/capture.ndjson", &record("GET", ORDERS, 200, &json!({ "items": [], "new": 1 })).to_string());
    write("a/list_orders.response.json", "{\"items\": [], \"new\": 1}");
    write("a/create_cart.request.broken.json", "{\"lineItems\": [}");
    write("a/notes.txt", "not for us");
    write("a/settings.json", "{\"colour\": true}");
    let mut conformance = Conformance::default();
    let errors = read_path(folder.path(), &mut conformance);
    assert!(errors.is_empty(), "{errors:?}");
    let outcome = conformance.outcome();
    let told: Vec<_> = outcome.differences.iter().map(|difference| (told(difference), difference.count)).collect();
    assert_eq!(
        told,
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
fn the_examples_of_the_contract_agree_with_it() {
    let mut conformance = Conformance::default();
    let errors = read_path(&common::examples(), &mut conformance);
    assert!(errors.is_empty(), "{errors:?}");
    let outcome = conformance.outcome();
    assert!(outcome.is_conformant(), "{outcome:#?}");
    assert!(outcome.judged > 25, "{outcome:#?}");
}

#[test]
fn what_is_not_there_is_told() {
    let mut conformance = Conformance::default();
    let errors = read_path(Path::new("/no/such/folder"), &mut conformance);
    let [error] = errors.as_slice() else { panic!("{errors:?}") };
    assert!(error.to_string().starts_with("/no/such/folder can't be read: "), "{error}");
}
