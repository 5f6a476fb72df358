//! The shapes that the service's documentation shows: each decodes, and nothing is lost.

#![allow(clippy::unwrap_used, reason = "a test may fail")]

use partner_center_orders_api::enums::{AttachmentType, BillingCycle, BillingType, OrderStatus, SubscriptionStatus};
use partner_center_orders_api::runtime::decode;
use partner_center_orders_api::types::{
    Cart, CartCheckoutResult, CartError, Fault, NewCart, NewOrder, Order, OrderAttachmentCollection, OrderCollection,
    OrderLineItem, OrderLineItemPatch, OrderPatch, PurchaseCommitment, Subscription, SubscriptionPatch,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

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

/// An example of the contract.
macro_rules! example {
    ($name:literal) => {
        include_str!(concat!("../../../spec/examples/", $name))
    };
}

fn text(value: Option<&PurchaseCommitment>) -> String {
    value.unwrap().amount.as_ref().unwrap().to_string()
}

#[test]
fn a_savings_plan_has_its_commitment_in_order_cart_and_subscription() {
    let order: Order = lossless(example!("create_order.response.savings_plan.json"));
    let line = &order.line_items[0];
    assert_eq!((text(line.purchase_commitment.as_ref()).as_str(), line.quantity), ("0.25", 1));
    assert_eq!(line.provisioning_context.as_ref().unwrap()["scope"], "single");
    let sent_back = OrderPatch::from(order);
    assert_eq!(text(sent_back.line_items_or_empty()[0].purchase_commitment.as_ref()), "0.25");

    let _: NewOrder = lossless(example!("create_order.request.savings_plan.json"));
    let _: NewCart = lossless(example!("create_cart.request.savings_plan.json"));
    let cart: Cart = lossless(example!("create_cart.response.priced.json"));
    assert_eq!(text(NewCart::from(cart).line_items[0].purchase_commitment.as_ref()), "0.25");

    let plan: Subscription = lossless(example!("get_subscription.response.savings_plan.json"));
    assert_eq!((&plan.billing_type, plan.unit_type.as_deref()), (&Some(BillingType::Benefit), Some("Benefit")));
    assert_eq!(plan.product_type.as_ref().unwrap().sub_type.as_ref().unwrap().id.as_deref(), Some("SavingsPlan"));
    let line = &plan.line_items_or_empty()[0];
    assert_eq!(line.purchase_commitment.as_ref().unwrap().grain.as_deref(), Some("Hourly"));
    assert_eq!(line.scope.as_ref().unwrap().type_.as_deref(), Some("single"));
}

#[test]
fn a_commitment_keeps_its_amount_as_it_came() {
    for amount in ["0.05", "\"0.001\"", "5", "12345678901234567890.123456789"] {
        let payload = format!(r#"{{"amount":{amount},"currency":"usd","grain":"Hourly"}}"#);
        let commitment: PurchaseCommitment = decode(payload.as_bytes()).unwrap();
        assert_eq!(serde_json::to_string(&commitment).unwrap(), payload);
    }
}

#[test]
fn prices_without_asking_are_those_of_the_line() {
    let result: CartCheckoutResult = lossless(example!("checkout_cart.response.priced.json"));
    assert_eq!(result.additional_information, Some(json!([])));
    let licences = &result.orders_or_empty()[1];
    let pricing = licences.line_items[0].pricing.as_ref().unwrap();
    assert_eq!(pricing.price.as_ref().unwrap().to_string(), "6.0");
    assert_eq!(pricing.extended_price, licences.total_price);
}

#[test]
fn a_checkout_that_prints_a_bare_order_keeps_it() {
    let payload = example!("create_order.response.savings_plan.json");
    let result: CartCheckoutResult = lossless(payload);
    assert!(result.orders.is_none() && result.extra.get("lineItems").is_some());
}

#[test]
fn a_line_error_tells_what_is_left_and_keeps_the_rest() {
    let cart: Cart = lossless(example!("create_cart.response.line_error.json"));
    let particulars = cart.line_items[1].error.clone().unwrap().additional_information.unwrap();
    assert_eq!((particulars.available_quantity, particulars.purchased_quantity), (Some(40), Some(90)));
    let error: CartError =
        lossless(r#"{"errorCode":10002,"additionalInformation":{"availableQuantity":4,"other":["a"]}}"#);
    assert_eq!(error.additional_information.unwrap().extra.get("other").unwrap(), json!(["a"]));
}

#[test]
fn a_new_commerce_subscription_is_sent_back_with_all_that_a_change_would_reset() {
    let payload = example!("get_subscription.response.waiting.json");
    let read: Subscription = lossless(payload);
    assert_eq!(read.refundable_quantity.as_ref().unwrap().total_quantity, Some(25));
    assert_eq!(read.commitment_end_date_time.as_ref().unwrap().as_str(), "2023-06-30T23:59:59Z");
    let next = read.scheduled_next_term_instructions.as_ref().unwrap();
    assert!(next.product.as_ref().unwrap().promotion_id.is_some() && next.custom_term_end_date.is_some());
    let sent = serde_json::to_value(SubscriptionPatch::from(read)).unwrap();
    assert_eq!(sent, serde_json::from_str::<Value>(payload).unwrap());
}

#[test]
fn scheduled_actions_are_sent_back_whatever_they_are() {
    let one = json!({"scheduleType": "t", "actionType": "a", "effectiveDate": "2026-05-04", "more": [1, null]});
    for actions in [one.clone(), json!([one, {}]), json!("text"), json!(0)] {
        let payload = json!({"id": "s", "quantity": 1, "status": "active", "scheduledActions": actions});
        let read: Subscription = lossless(&payload.to_string());
        assert_eq!(serde_json::to_value(SubscriptionPatch::from(read)).unwrap(), payload);
    }
}

#[test]
fn a_usage_type_may_be_text_or_a_list() {
    for usage in [json!("overage"), json!([{"azureEntitlementId": "e", "overageEnabled": true}])] {
        let payload = json!({"id": "s", "quantity": 1, "status": "disabled", "consumptionType": usage}).to_string();
        assert_eq!(lossless::<Subscription>(&payload).status, SubscriptionStatus::Disabled);
    }
}

#[test]
fn an_upload_lists_its_files_by_type() {
    let files: OrderAttachmentCollection = lossless(example!("upload_order_attachments.response.json"));
    assert_eq!(files.items[0].attachment_type, Some(AttachmentType::POAttachment));
    assert_eq!(files.items[2].attachment_type, Some(AttachmentType::TenderAttachment));
}

#[test]
fn a_date_with_its_t_doubled_is_kept_without_an_instant() {
    let payload = example!("create_order.response.savings_plan.json").replace("2023-06-20T", "2023-06-20TT");
    let order: Order = lossless(&payload);
    assert_eq!(order.creation_date.as_str(), "2023-06-20TT09:12:44.8073412Z");
    assert_eq!(order.creation_date.instant(), None);
}

#[test]
fn an_error_of_the_agreements_has_names_of_its_own() {
    let fault: Fault = lossless(example!("fault.agreement.json"));
    assert_eq!((fault.error_name.as_deref(), fault.is_retryable), (Some("AgreementAlreadyConfirmed"), Some(false)));
    assert_eq!((fault.source, fault.data), (None, None));
}

#[test]
fn a_line_without_a_commitment_is_changed_without_one() {
    let line: OrderLineItem = lossless(r#"{"lineItemNumber":0,"offerId":"o","quantity":1}"#);
    let patch: OrderLineItemPatch = line.into();
    assert_eq!(serde_json::to_value(patch).unwrap(), json!({"lineItemNumber": 0, "offerId": "o", "quantity": 1}));
}
