//! Values are built by constructors and setters, and shown with what they hold.

#![allow(clippy::unwrap_used, reason = "a test may fail")]

use partner_center_orders_api::enums::{BillingCycle, OrderStatus, ParticipantRole};
use partner_center_orders_api::types::*;
use partner_center_orders_api::wire::{InvalidMoney, InvalidTimestamp, Money, Timestamp};
use serde_json::{Map, Value, json};

#[test]
fn a_line_is_made_of_what_it_must_have_and_of_options() {
    let line = NewCartLineItem::new("CFQ7TTC0LDPB:0001:CFQ7TTC0QNPW", 5)
        .term_duration("P1Y")
        .billing_cycle(BillingCycle::Monthly)
        .participants([CartParticipant::new(ParticipantRole::TransactionReseller, "4847383")])
        .addon_items([NewCartLineItem::new("CFQ7TTC0LH16:0001:CFQ7TTC0K971", 2)]);
    let expected = json!({
        "catalogItemId": "CFQ7TTC0LDPB:0001:CFQ7TTC0QNPW", "quantity": 5, "termDuration": "P1Y", "billingCycle": "monthly",
        "participants": [{ "key": "transaction_reseller", "value": "4847383" }],
        "addonItems": [{ "catalogItemId": "CFQ7TTC0LH16:0001:CFQ7TTC0K971", "quantity": 2 }],
    });
    assert_eq!(serde_json::to_value(line).unwrap(), expected);
}

#[test]
fn what_requires_nothing_is_made_from_nothing() {
    assert_eq!(OrderPatch::new(), OrderPatch::default());
    assert_eq!(serde_json::to_value(OrderPatch::new()).unwrap(), json!({}));
}

#[test]
fn an_enum_may_be_set_by_its_text() {
    assert_eq!(OrderPatch::new().status("CANCELLED"), OrderPatch::new().status(OrderStatus::Cancelled));
    let unknown = OrderPatch::new().status("waxing");
    assert_eq!(serde_json::to_value(unknown).unwrap(), json!({ "status": "waxing" }));
}

#[test]
fn collections_take_whatever_becomes_their_elements() {
    let read: OrderLineItem =
        serde_json::from_value(json!({ "lineItemNumber": 0, "offerId": "A:1:X", "quantity": 1, "moon": "full" }))
            .unwrap();
    let patch = OrderPatch::new().line_items([read]);
    assert_eq!(patch.line_items_or_empty()[0].offer_id, "A:1:X");
    let error = OAuthError::new("invalid_grant").error_codes([70_008, 50_058]);
    assert_eq!(error.error_codes.as_deref(), Some([70_008, 50_058].as_slice()));
}

#[test]
fn an_absent_and_an_empty_collection_differ_and_read_alike() {
    let (absent, empty) = (OrderPatch::new(), OrderPatch::new().line_items(Vec::<OrderLineItemPatch>::new()));
    assert_ne!(absent, empty);
    assert!(absent.line_items_or_empty().is_empty() && empty.line_items_or_empty().is_empty());
}

#[test]
fn unknown_members_are_set_along_with_the_others() {
    let extra = Map::from_iter([("moon".to_owned(), Value::from("full"))]);
    let order = NewOrder::new([NewOrderLineItem::new(0, "A:1:X", 1)]).extra(extra);
    let written = serde_json::to_value(order).unwrap();
    assert_eq!(written["moon"], "full");
}

#[test]
fn what_is_malformed_fails_where_it_is_made() {
    let invalid: InvalidMoney = "19,99".parse::<Money>().unwrap_err();
    assert_eq!(invalid.to_string(), "invalid amount `19,99`: expected a decimal number such as 19.99");
    let invalid: InvalidTimestamp = "1 March".parse::<Timestamp>().unwrap_err();
    assert_eq!(
        invalid.to_string(),
        "invalid timestamp `1 March`: expected a date and time such as 2026-03-01T08:00:00Z"
    );
    let pricing = Pricing::new().price("19.90".parse::<Money>().unwrap()).list_price(20);
    assert_eq!(serde_json::to_string(&pricing).unwrap(), r#"{"listPrice":20,"price":19.90}"#);
}

#[test]
fn debug_shows_the_members_that_are_there() {
    let line = NewOrderLineItem::new(0, "A:1:X", 5).friendly_name("PO-1");
    let expected = r#"NewOrderLineItem { line_item_number: 0, offer_id: "A:1:X", friendly_name: "PO-1", quantity: 5 }"#;
    assert_eq!(format!("{line:?}"), expected);
    assert_eq!(format!("{:?}", OrderPatch::new()), "OrderPatch");
    let extra = Map::from_iter([("moon".to_owned(), Value::from("full"))]);
    assert!(format!("{:?}", OrderPatch::new().extra(extra)).contains("moon"));
}
