//! Members that the contract doesn't know: kept, found, changed, compared, and written back.

use std::sync::{Arc, Mutex};

use partner_center_orders_api::runtime::{
    CallOptions, OperationInfo, SharedTransport, Transport, TransportError, TransportErrorKind, TransportFuture,
    decode, decode_payload,
};
use partner_center_orders_api::types::{Link, Order, OrderPatch};
use partner_center_orders_api::{Client, Extra};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use crate::CUSTOMER;

/// Members whose values a parsed map would change.
const ODD: &str =
    r#""a":1.0,"b":1e2,"c":123456789012345678901234567890,"a":[ 1,  {"x" : -0}],"d":"\u00e9\/","e":1e999,"f":"\ud83d""#;

fn extra(members: &str) -> Extra {
    serde_json::from_str(&format!("{{{members}}}")).unwrap()
}

fn link(members: &str) -> String {
    format!(r#"{{"uri":"/","method":"GET",{members}}}"#)
}

#[test]
fn values_are_written_back_byte_for_byte() {
    let text = link(ODD);
    for link in [decode::<Link>(text.as_bytes()).unwrap(), decode_payload::<Link>(text.as_bytes()).unwrap()] {
        assert_eq!(serde_json::to_string(&link).unwrap(), text);
        assert_eq!(serde_json::to_vec(&link).unwrap(), text.as_bytes());
    }
    assert_eq!(serde_json::to_string(&extra(ODD)).unwrap(), format!("{{{ODD}}}"));
}

#[test]
fn members_between_known_ones_and_in_nested_objects_stay_where_they_belong() {
    let text = r#"{"new":1,"id":"1","creationDate":"","inner":{"new":2},"lineItems":[{"lineItemNumber":0,"a":[],"offerId":"","quantity":1,"b":0.0}],"referenceCustomerId":"","links":{"self":{"uri":"/","method":"GET","headers":[{"key":"k","x":"y"}]}},"last":null}"#;
    let order = decode_payload::<Order>(text.as_bytes()).unwrap();
    assert_eq!(order, decode(text.as_bytes()).unwrap());
    assert_eq!(serde_json::to_string(&order.extra).unwrap(), r#"{"new":1,"inner":{"new":2},"last":null}"#);
    assert_eq!(serde_json::to_string(&order.line_items[0].extra).unwrap(), r#"{"a":[],"b":0.0}"#);
    let header = &order.links.unwrap().self_.unwrap().headers.unwrap()[0];
    assert_eq!(header.extra.get("x").unwrap(), json!("y"));
}

/// Keeps the body of the request, and sends nothing.
#[derive(Clone, Debug, Default)]
struct Recording(Arc<Mutex<Vec<u8>>>);

impl Transport for Recording {
    fn send<'a>(&'a self, request: reqwest::Request, _: OperationInfo, _: &'a CallOptions) -> TransportFuture<'a> {
        let body = request.body().and_then(reqwest::Body::as_bytes).unwrap_or_default();
        *self.0.lock().unwrap() = body.to_vec();
        Box::pin(async { Err(TransportError::new(TransportErrorKind::Connect)) })
    }
}

#[tokio::test]
async fn a_client_sends_them_back_as_they_came() {
    let text = format!(
        r#"{{"id":"1","creationDate":"2018-03-06T17:37:05Z","lineItems":[],"referenceCustomerId":"c","totalPrice":1.50,{ODD}}}"#
    );
    let patch = OrderPatch::from(decode_payload::<Order>(text.as_bytes()).unwrap());
    let transport = Recording::default();
    let client = Client::new("http://127.0.0.1:9/v1", SharedTransport::new(transport.clone()));
    client.update_order(CUSTOMER, "1", patch).send().await.unwrap_err();
    let sent = String::from_utf8(transport.0.lock().unwrap().clone()).unwrap();
    assert!(sent.ends_with(&format!("{ODD}}}")), "{sent}");
    assert!(sent.contains("\"totalPrice\":1.50,"), "{sent}");
}

#[test]
fn the_last_of_a_name_counts() {
    let extra = extra(ODD);
    assert_eq!(extra.get("a").unwrap(), json!([1, { "x": 0 }]));
    assert_eq!(extra.get("a").unwrap().json(), r#"[ 1,  {"x" : -0}]"#);
    assert_eq!(extra.deserialize::<f64>("b").unwrap(), Some(100.0));
    assert_eq!(extra.deserialize::<String>("d").unwrap().as_deref(), Some("é/"));
    assert!(extra.deserialize::<String>("c").is_err());
    assert_eq!(extra.deserialize::<String>("z").unwrap(), None);
    assert_eq!(extra.len(), 7);
    let names: Vec<_> = extra.iter().map(|(name, _)| name.into_owned()).collect();
    assert_eq!(names, ["a", "b", "c", "a", "d", "e", "f"]);
}

#[test]
fn a_value_that_rust_can_not_hold_is_an_error_only_when_it_is_read() {
    let extra = extra(ODD);
    for name in ["e", "f"] {
        assert!(extra.deserialize::<Value>(name).is_err(), "{name}");
        assert_eq!(extra.get(name), extra.get(name));
    }
}

#[test]
fn an_error_quotes_no_value() {
    let error = extra(r#""token":"secret""#).deserialize::<i32>("token").unwrap_err();
    assert_eq!(error.to_string(), "invalid type: text, expected i32 (line 1, column 8)");
}

#[test]
fn members_are_inserted_in_place_of_others_of_their_name_and_removed() {
    let mut extra = extra(r#""a":1,"b":2.0,"a":3"#);
    extra.insert("a", "x");
    extra.insert("\"\n", Value::Null);
    assert_eq!(serde_json::to_string(&extra).unwrap(), r#"{"b":2.0,"a":"x","\"\n":null}"#);
    assert_eq!(extra.get("\"\n").unwrap(), Value::Null);
    assert!(extra.remove("\"\n") && extra.remove("b") && !extra.remove("b"));
    extra.extend([("b", json!(4)), ("c", json!(5)), ("b", json!(6)), ("a", json!(7))]);
    assert_eq!(serde_json::to_string(&extra).unwrap(), r#"{"c":5,"b":6,"a":7}"#);
    for name in ["a", "b", "c"] {
        extra.remove(name);
    }
    assert!(extra.is_empty());
    assert_eq!(extra, Extra::new());
}

#[test]
fn a_map_becomes_extra() {
    let map: Map<String, Value> = serde_json::from_str(r#"{"a":1,"b":{"c":[2]}}"#).unwrap();
    assert_eq!(Extra::from(map.clone()), extra(r#""b":{"c":[2.0]},"a":1"#));
    assert_eq!(serde_json::from_value::<Extra>(Value::Object(map.clone())).unwrap(), map.into());
}

#[test]
fn a_member_that_is_set_is_not_written_twice() {
    let mut link: Link = decode_payload(link(r#""new":1"#).as_bytes()).unwrap();
    link.extra.insert("uri", "/other");
    link.extra.insert("body", "kept");
    assert_eq!(serde_json::to_string(&link).unwrap(), r#"{"uri":"/","method":"GET","new":1,"body":"kept"}"#);
    link.body = Some("set".to_owned());
    assert_eq!(serde_json::to_string(&link).unwrap(), r#"{"uri":"/","method":"GET","body":"set","new":1}"#);
}

#[test]
fn values_are_compared_and_not_spellings() {
    for (one, other) in [
        (r#""a":1,"b":2"#, r#""b":2.0,"a":1e0"#),
        (r#""a":{"x":[1,2],"y":null}"#, r#""a" : {"y":null,"x":[1,20e-1]}"#),
        (r#""a":"\u00e9""#, r#""a":"é""#),
        (r#""\u0061":true"#, r#""a":true"#),
        (r#""a":0,"a":1"#, r#""a":1"#),
        (r#""a":{"b":0,"b":1}"#, r#""a":{"b":1}"#),
        (&format!("\"a\":1{}", "0".repeat(400)), r#""a":1e400"#),
        (r#""a":"\ud83d""#, r#""a":"\ud83d""#),
    ] {
        assert_eq!(extra(one), extra(other), "{one} {other}");
    }
    for (one, other) in [
        (r#""a":1"#, r#""a":"1""#),
        (r#""a":1"#, r#""a":1,"b":null"#),
        (r#""a":[1,2]"#, r#""a":[2,1]"#),
        (r#""a":9007199254740993"#, r#""a":9007199254740992"#),
        (r#""a":true"#, r#""a":false"#),
        (r#""a":null"#, ""),
        (r#""a":"\ud83d""#, r#""a":"\\ud83d""#),
        (r#""a":1,"a":0"#, r#""a":1"#),
    ] {
        assert_ne!(extra(one), extra(other), "{one} {other}");
    }
}

#[test]
fn no_member_costs_two_words_and_no_allocation() {
    assert_eq!(size_of::<Extra>(), 2 * size_of::<usize>());
    assert_eq!(allocation_counter::measure(|| drop(Extra::new())).count_total, 0);
}

#[test]
fn debug_prints_the_members() {
    assert_eq!(format!("{:?}", extra(r#""a":1.0,"b":"x""#)), r#"{"a": 1.0, "b": "x"}"#);
}

proptest! {
    #![proptest_config(crate::property(400))]

    #[test]
    fn any_number_keeps_its_spelling(number in "-?(0|[1-9][0-9]{0,40})(\\.[0-9]{1,30})?([eE][+-]?[0-9]{1,40})?") {
        let text = link(&format!("\"n\":{number},\"list\":[{number}]"));
        let read = decode_payload::<Link>(text.as_bytes()).unwrap();
        prop_assert_eq!(serde_json::to_string(&read).unwrap(), text.clone());
        prop_assert_eq!(serde_json::to_string(&decode::<Link>(text.as_bytes()).unwrap()).unwrap(), text);
        // And the same value with ten times the digits and a tenth of the power.
        let (mantissa, exponent) = number.split_once(['e', 'E']).unwrap_or((&number, "0"));
        if let Ok(exponent) = exponent.parse::<i128>() {
            let point = if mantissa.contains('.') { "" } else { "." };
            let other = format!("\"n\":{mantissa}{point}0e{exponent}");
            prop_assert_eq!(extra(&format!("\"n\":{number}")), extra(&other));
        }
    }

    #[test]
    fn whole_numbers_are_equal_as_integers_are(one in any::<i64>(), other in any::<i64>(), shift in 0_u32..10) {
        let spelled = |number: i64| extra(&format!("\"n\":{number}.{}e{shift}", "0".repeat(shift as usize + 1)));
        prop_assert_eq!(spelled(one) == spelled(other), one == other);
        let shifted = i128::from(one) * 10_i128.pow(shift);
        prop_assert_eq!(spelled(one), extra(&format!("\"n\":{shifted}")));
    }

    #[test]
    fn arbitrary_text_never_panics(text in "[{}\\[\\]:,\"\\\\u0-9a-e. -]{0,40}") {
        if let Ok(extra) = serde_json::from_str::<Extra>(&text) {
            let written = serde_json::to_string(&extra).unwrap();
            prop_assert_eq!(serde_json::from_str::<Extra>(&written).unwrap(), extra);
        }
    }
}
