//! Nesting is limited, so that the stack of a tokio thread is enough.

#![allow(clippy::unwrap_used, reason = "a test may fail")]

use partner_center_orders_schema::traffic::{Conformance, read_capture};
use partner_center_orders_schema::{Schema, SyntaxErrorKind, Validator};
use serde_json::{Map, Value, json};

fn on_a_small_stack(work: impl FnOnce() + Send + 'static) {
    std::thread::Builder::new().stack_size(2 << 20).spawn(work).unwrap().join().unwrap();
}

/// Returns a cart whose line nests this many add-ons.
fn cart(add_ons: usize) -> String {
    let line = r#"{"id":0,"catalogItemId":"x","quantity":1,"addonItems":["#;
    format!(r#"{{"id":"1","lineItems":[{}{}]}}"#, line.repeat(add_ons + 1), "]}".repeat(add_ons + 1))
}

/// Returns the same as a value.
fn cart_value(add_ons: usize) -> Value {
    let mut lines = Vec::new();
    for _ in 0..=add_ons {
        let mut line = Map::new();
        line.insert("id".to_owned(), json!(0));
        line.insert("catalogItemId".to_owned(), json!("x"));
        line.insert("quantity".to_owned(), json!(1));
        line.insert("addonItems".to_owned(), Value::Array(lines));
        lines = vec![Value::Object(line)];
    }
    let mut cart = Map::new();
    cart.insert("id".to_owned(), json!("1"));
    cart.insert("lineItems".to_owned(), Value::Array(lines));
    Value::Object(cart)
}

fn validators() -> [Validator; 4] {
    let cart = Validator::new(Schema::CART);
    [cart, cart.strict(), cart.request(), cart.request().strict()]
}

#[test]
fn text_is_validated_up_to_the_limit() {
    on_a_small_stack(|| {
        for validator in validators() {
            let allowed = cart(61);
            assert_eq!(
                validator.is_valid(allowed.as_bytes()),
                validator.validate(allowed.as_bytes()).unwrap().is_valid()
            );
            for add_ons in [62, 700, 2_000, 100_000] {
                let text = cart(add_ons);
                assert!(!validator.is_valid(text.as_bytes()));
                assert_eq!(
                    validator.validate(text.as_bytes()).unwrap_err().kind,
                    SyntaxErrorKind::TooDeep,
                    "{add_ons}"
                );
                // Cut off in the middle.
                assert!(validator.validate(&text.as_bytes()[..text.len() / 2]).is_err());
            }
        }
        assert!(Validator::new(Schema::CART).is_valid(cart(61).as_bytes()));
    });
}

#[test]
fn values_are_validated_up_to_the_limit() {
    on_a_small_stack(|| {
        let response = Validator::new(Schema::CART);
        for validator in validators() {
            for add_ons in [1, 5, 10, 61] {
                let (value, text) = (cart_value(add_ons), cart(add_ons));
                assert_eq!(validator.is_valid_value(&value), validator.is_valid(text.as_bytes()), "{add_ons}");
            }
            for add_ons in [62, 2_000, 100_000] {
                let value = cart_value(add_ons);
                assert!(!validator.is_valid_value(&value), "{add_ons}");
                assert_eq!(validator.validate_value(&value).unwrap_err().kind, SyntaxErrorKind::TooDeep, "{add_ons}");
                // `serde_json` drops nested values recursively.
                std::mem::forget(value);
            }
        }
        assert!(response.is_valid_value(&cart_value(61)));
    });
}

#[test]
fn captures_are_read_up_to_the_limit() {
    on_a_small_stack(|| {
        for add_ons in [62, 100_000] {
            let cart = cart(add_ons);
            let url =
                "https://api.partnercenter.microsoft.com/v1/customers/b0d70a69-4c42-4b27-b17b-91a835d8686a/carts/1";
            let escaped = serde_json::to_string(&cart).unwrap();
            let as_string = format!(r#"{{"method":"GET","path":"{url}","status":200,"responseBody":{escaped}}}"#);
            let line = format!(r#"{{"method":"GET","path":"{url}","status":200,"responseBody":{cart}}}"#);
            let archive = format!(
                r#"{{"log":{{"entries":[{{"request":{{"method":"GET","url":"{url}"}},"response":{{"status":200,"content":{{"text":{escaped}}}}}}}]}}}}"#
            );
            for (name, capture) in [("c.har", &archive), ("c.json", &as_string), ("get_cart.response.json", &cart)] {
                let mut conformance = Conformance::default();
                assert!(read_capture(name, capture.as_bytes(), &mut conformance).is_empty(), "{name}");
                let outcome = conformance.outcome();
                assert_eq!(outcome.differences[0].kind.as_str(), "too_deep", "{name}");
            }
            let nested = archive.replacen("\"entries\"", &format!("\"more\":{cart},\"entries\""), 1);
            for (name, capture) in [("c.har", &nested), ("c.ndjson", &line), ("c.ndjson", &format!("{line}\n{line}"))] {
                let mut conformance = Conformance::default();
                let errors = read_capture(name, capture.as_bytes(), &mut conformance);
                assert!(errors[0].to_string().contains("deeper than 127 levels"), "{name}: {errors:?}");
            }
        }
    });
}
