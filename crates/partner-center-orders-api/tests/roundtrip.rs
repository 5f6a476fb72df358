//! The example program `roundtrip` as its users run it.

#![allow(clippy::unwrap_used, reason = "a test may fail")]

use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

/// `cargo test` builds a package's examples next to its tests.
fn program() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let program = test.ancestors().nth(2).unwrap().join(format!("examples/roundtrip{}", std::env::consts::EXE_SUFFIX));
    assert!(program.is_file(), "build it first: cargo build -p partner-center-orders-api --example roundtrip");
    program
}

fn run(arguments: &[&str], payload: &str) -> Output {
    let mut command = Command::new(program());
    // The test must not depend on the environment.
    command.env_clear().args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // It may have rejected its arguments already, and then reads no payload.
    drop(child.stdin.take().unwrap().write_all(payload.as_bytes()));
    child.wait_with_output().unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

#[track_caller]
fn assert_written(arguments: &[&str], payload: &str, expected: &str) {
    let output = run(arguments, payload);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let written: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(written, serde_json::from_str::<serde_json::Value>(expected).unwrap());
}

#[track_caller]
fn assert_rejected(code: i32, arguments: &[&str], payload: &str, words: &[&str]) {
    let output = run(arguments, payload);
    assert_eq!(output.status.code(), Some(code), "{}", stderr(&output));
    assert!(output.stdout.is_empty());
    for words in words {
        assert!(stderr(&output).contains(words), "{}", stderr(&output));
    }
}

const ORDER: &str = r#"{"creationDate":"2021-06-01T10:00:00Z","id":"5cf72f146967","lineItems":[],"referenceCustomerId":"c","unknown":[1]}"#;

#[test]
fn a_payload_is_written_as_it_was_read() {
    assert_written(&["Order"], ORDER, ORDER);
}

#[test]
fn the_names_of_the_documentation_are_accepted() {
    let list = &format!(r#"{{"totalCount":1,"items":[{ORDER}]}}"#);
    assert_written(&["ResourceCollection<Order>"], list, list);
    assert_written(&["Order (partial)"], ORDER, ORDER);
    let token = r#"{"access_token":"t","expires_in":"3599","token_type":"Bearer"}"#;
    assert_written(&["OAuth token"], token, token);
    let fault = r#"{"code":"20000","description":"none"}"#;
    assert_written(&["ApiFault"], fault, fault);
    assert_written(
        &["gateway error / audit collection"],
        r#"{"statusCode":429,"message":"m"}"#,
        r#"{"statusCode":429,"message":"m"}"#,
    );
}

#[test]
fn a_request_is_read_in_its_write_form() {
    let new = r#"{"lineItems":[{"lineItemNumber":0,"offerId":"o","quantity":1}]}"#;
    assert_written(&["Order", "--request"], new, new);
    assert_rejected(1, &["Order"], new, &["not readable as Order: missing field `creationDate`"]);
    let patch = r#"{"id":"o","status":"cancelled"}"#;
    assert_written(&["--request", "Order (partial)"], patch, patch);
    assert_rejected(1, &["Order", "--request"], patch, &["not readable as NewOrder", "lineItems"]);
    let cart = r#"{"lineItems":[{"catalogItemId":"c","id":0,"quantity":1}]}"#;
    assert_written(&["Cart", "--request"], cart, cart);
}

#[test]
fn members_of_a_request_may_be_named_in_any_case() {
    let sent = r#"{"LineItems":[{"LineItemNumber":0,"OfferId":"o","Quantity":1}],"MyOwn":"x"}"#;
    let meant = r#"{"lineItems":[{"lineItemNumber":0,"offerId":"o","quantity":1}],"MyOwn":"x"}"#;
    assert_written(&["Order", "--request"], sent, meant);
    let wrong = sent.replace(":1}", ":\"one\"}");
    assert_rejected(
        1,
        &["Order", "--request"],
        &wrong,
        &["invalid type: text, expected i32 at `lineItems[0].quantity`"],
    );
}

#[test]
fn a_response_with_the_names_of_a_request_is_read_like_one() {
    let printed = r#"{"Id":"s","Quantity":2,"Status":"suspended","Links":{"Self":{"Uri":"/s","Method":"GET"}}}"#;
    let meant = r#"{"id":"s","quantity":2,"status":"suspended","links":{"self":{"uri":"/s","method":"GET"}}}"#;
    assert_written(&["Subscription"], printed, meant);
    assert_written(&["Subscription"], &printed.replace("\"Id\"", "\"iD\""), meant);
    assert_rejected(1, &["Subscription"], &printed.replace("\"Id\"", "\"I d\""), &["missing field `id`"]);
}

#[test]
fn an_invalid_member_is_reported_with_its_position() {
    let wrong = ORDER.replace("[]", "[{\n\"lineItemNumber\":\"zero\"}]");
    assert_rejected(
        1,
        &["Order"],
        &wrong,
        &["not readable as Order", "`lineItems[0].lineItemNumber`", "line 2, column 23"],
    );
}

#[test]
fn a_syntax_error_is_reported_with_its_position() {
    assert_rejected(1, &["Order"], "{\n\"id\": <id>}", &["line 2, column 7"]);
    assert_rejected(1, &["Order", "--request"], "{\n\"Id\": <id>}", &["line 2, column 7"]);
    assert_rejected(1, &["Order"], "", &["the body is empty"]);
}

#[test]
fn wrong_arguments_are_rejected() {
    assert_rejected(2, &["Oder"], ORDER, &["unknown schema `Oder`", "OrderCollection"]);
    assert_rejected(2, &["order"], ORDER, &["unknown schema `order`"]);
    assert_rejected(2, &[], ORDER, &["usage:"]);
    assert_rejected(2, &["Order", "Cart"], ORDER, &["usage:"]);
    assert_rejected(2, &["Order", "--requests"], ORDER, &["usage:"]);
}
