//! Decoding of bodies, and the position of errors.

use std::collections::BTreeMap;

use partner_center_orders_api::runtime::{DecodeError, decode};
use partner_center_orders_api::types::OrderCollection;
use proptest::prelude::*;
use serde::Deserialize;

fn failure(body: impl AsRef<[u8]>) -> DecodeError {
    decode::<OrderCollection>(body.as_ref()).unwrap_err()
}

#[test]
fn the_position_is_a_path_with_line_and_column() {
    let error = failure("{\"totalCount\":1,\n \"items\":[{\"id\":\"a\",\"lineItems\":[{\"quantity\":\"two\"}]}]}");
    assert_eq!(error.path(), "items[0].lineItems[0].quantity");
    assert_eq!((error.line(), error.column()), (2, 50));
    assert_eq!(
        error.to_string(),
        "invalid type: text, expected i32 at `items[0].lineItems[0].quantity` (line 2, column 50)"
    );
}

#[test]
fn errors_in_amounts_have_a_position() {
    let error = failure(r#"{"totalCount":1,"items":[{"id":"a","lineItems":[],"totalPrice":{"amount":1}}]}"#);
    assert_eq!(error.path(), "items[0].totalPrice");
    assert!(error.to_string().contains("expected an amount of money as a number"), "{error}");
}

#[test]
fn errors_in_the_syntax_have_a_position() {
    let table: [(&[u8], usize, usize); 5] = [
        (b"<html>", 1, 1),
        (b"{\"items\":[", 1, 10),
        (b"{\"items\":[],\n\"totalCount\":0} trailing", 2, 17),
        (b"\xEF\xBB\xBF\xEF\xBB\xBF{}", 1, 1),
        (b"{\n\"items\": \"\xFF\"}", 2, 11),
    ];
    for (body, line, column) in table {
        let error = failure(body);
        assert_eq!((error.line(), error.column()), (line, column), "{error}");
        assert!(!error.is_empty_body());
    }
}

#[test]
fn blanks_are_an_empty_body() {
    for body in ["", "\u{feff}", " \r\n"] {
        assert!(failure(body).is_empty_body(), "{body:?}");
    }
}

/// Rejects every text with a message that quotes it.
#[derive(Debug)]
struct Rejecting;

impl<'de> Deserialize<'de> for Rejecting {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Err(serde::de::Error::custom(format_args!("`{text}` is rejected")))
    }
}

#[derive(Debug, Deserialize)]
enum Choice {
    One,
}

#[test]
fn no_text_of_the_body_is_quoted() {
    let secret = "se\\\"cret\", expected secret";
    let text = serde_json::Value::from(secret).to_string();
    let errors = [
        decode::<i32>(text.as_bytes()).unwrap_err(),
        decode::<char>(text.as_bytes()).unwrap_err(),
        decode::<uuid::Uuid>(text.as_bytes()).unwrap_err(),
        decode::<Rejecting>(text.as_bytes()).unwrap_err(),
        decode::<Choice>(text.as_bytes()).unwrap_err(),
    ];
    for error in errors {
        assert!(!format!("{error} {error:?}").contains("cret"), "{error} {error:?}");
    }
}

proptest! {
    #![proptest_config(crate::property(256))]

    #[test]
    fn a_body_cut_short_never_decodes(cut in 0_usize..60) {
        let body = r#"{"totalCount":1,"items":[{"id":"a","lineItems":[]}],"x":"y"}"#;
        prop_assert!(decode::<OrderCollection>(&body.as_bytes()[..cut]).is_err());
    }

    #[test]
    fn a_text_is_never_quoted(text in "[a-z\"`\\\\, ]{8,40}") {
        let error = decode::<BTreeMap<String, i32>>(serde_json::json!({ "k": text }).to_string().as_bytes()).unwrap_err();
        prop_assert!(error.to_string().starts_with("invalid type: text, expected i32 at `k` (line 1"), "{error}");
    }
}
