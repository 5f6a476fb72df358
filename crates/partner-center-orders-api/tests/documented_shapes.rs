//! The shapes that the service's documentation shows for reading orders: each decodes, and nothing is lost.

#![allow(clippy::unwrap_used, reason = "a test may fail")]

use partner_center_orders_api::enums::{BillingCycle, OrderStatus};
use partner_center_orders_api::runtime::decode;
use partner_center_orders_api::types::{Order, OrderCollection, OrderLineItem};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

fn lossless<T: Serialize + DeserializeOwned>(payload: &str) -> T {
    let value: T = decode(payload.as_bytes()).unwrap();
    let before: Value = serde_json::from_str(payload).unwrap();
    assert_eq!(serde_json::to_value(&value).unwrap(), before);
    value
}

#[test]
fn a_reserved_instance_with_seven_digit_fraction() {
    let order: Order = lossless(include_str!("fixtures/order_with_symbol.json"));
    assert_eq!(order.creation_date.instant().unwrap().timestamp_subsec_nanos(), 45_123_800);
    assert_eq!(order.currency_symbol.as_deref(), Some("€"));
    assert_eq!(order.billing_cycle, Some(BillingCycle::OneTime));
    assert!(order.links.unwrap().provisioning_status.is_some());
}

#[test]
fn an_order_without_currency_symbol() {
    let order: Order = lossless(include_str!("fixtures/order_without_symbol.json"));
    assert_eq!(order.currency_symbol, None);
    assert_eq!(order.status, Some(OrderStatus::Completed));
}

#[test]
fn an_order_whose_date_has_no_fraction() {
    let order: Order = lossless(include_str!("fixtures/order_recent.json"));
    assert_eq!(order.creation_date.instant().unwrap().timestamp(), 1_739_275_200);
}

#[test]
fn a_list_of_a_modern_and_a_legacy_order() {
    let orders: OrderCollection = lossless(include_str!("fixtures/orders_of_two_kinds.json"));
    let legacy = &orders.items[1];
    assert_eq!(legacy.creation_date.instant().unwrap().to_rfc3339(), "2018-03-06T17:12:40.253+00:00");
    assert!(legacy.attributes.as_ref().unwrap().etag.is_some());
    let links = legacy.line_items[0].links.as_ref().unwrap();
    assert!(links.subscription.is_some() && links.provisioning_status.is_some());
}

#[test]
fn a_list_of_2015_with_blanks_in_its_dates() {
    let orders: OrderCollection = lossless(include_str!("fixtures/orders_of_2015.json"));
    assert_eq!(orders.total_count, Some(24));
    let order = &orders.items[0];
    assert_eq!(order.creation_date.as_str(), "2015-11-08T10: 42: 36.54-07: 00");
    assert_eq!(order.creation_date.instant(), None);
    assert_eq!((&order.status, &order.billing_cycle), (&Some(OrderStatus::None), &None));
}

#[test]
fn a_whole_number_with_a_point() {
    let payload = r#"{"totalCount":2.0,"items":[]}"#;
    assert_eq!(decode::<OrderCollection>(payload.as_bytes()).unwrap().total_count, Some(2));
}

#[test]
fn an_invalid_whole_number_is_an_error_with_a_position() {
    for number in ["2.5", "3e9", "2147483648", "-2147483649", "\"2\""] {
        let payload = format!("{{\"lineItemNumber\":0,\"offerId\":\"o\",\n\"quantity\":{number}}}");
        let error = decode::<OrderLineItem>(payload.as_bytes()).unwrap_err().to_string();
        assert!(error.contains("quantity") && error.contains("line 2"), "{number}: {error}");
    }
}
