//! What is evidence of the effect of a write.

use http::Method;
use partner_center_orders::types::{AttachmentMetadata, NewOrder};
use partner_center_orders::{AddOn, AttachmentFile, Call, Error, ErrorKind, Orders, Upload, requests};
use serde_json::{Value, json};

use super::{listed, named_order, new_order, sent_minutes_ago};
use crate::support::{CUSTOMER, FakeResponse, FakeService, client};

/// A service that lists these orders, and must not be written to.
fn listing(orders: Vec<Value>) -> FakeService {
    FakeService::new(move |seen| {
        assert_eq!(seen.method, Method::GET, "nothing may be sent");
        FakeResponse::json(200, json!({ "items": orders }).to_string())
    })
}

fn orders(service: &FakeService) -> Orders {
    client(service).customer(CUSTOMER).orders()
}

fn candidates(error: &Error) -> Vec<&str> {
    error.candidates().iter().map(|candidate| candidate.order_id.as_str()).collect()
}

#[tokio::test(start_paused = true)]
async fn an_identical_order_is_no_evidence() {
    // One of another write before, one of another write after: both are identical.
    for created in [124, 119] {
        let service = listing(vec![listed("o-other", created, None)]);

        let error = orders(&service).create(new_order()).resume(sent_minutes_ago(120)).await.unwrap_err();

        assert!(error.is_outcome_unknown() && !error.is_not_applied(), "{error}");
        assert_eq!(candidates(&error), ["o-other"]);
        assert_eq!(error.candidates()[0].line_items[0].quantity, 1);
        assert!(error.candidates()[0].creation_date.is_some());
        assert!(error.to_string().contains("o-other"), "{error}");
    }
}

#[tokio::test(start_paused = true)]
async fn orders_that_the_caller_knows_are_left_out() {
    let service = listing(vec![listed("o-other", 119, None)]);

    let call = orders(&service).create(new_order()).exclude_orders(["O-OTHER"]);
    let error = call.resume(sent_minutes_ago(120)).await.unwrap_err();

    assert!(error.is_not_applied(), "{error}");
}

#[tokio::test(start_paused = true)]
async fn of_many_candidates_the_message_names_five() {
    for (count, has_more) in [(5, false), (6, true)] {
        let service = listing((0..count).map(|n| listed(&format!("o-{n}"), 119, None)).collect());

        let error = orders(&service).create(new_order()).resume(sent_minutes_ago(120)).await.unwrap_err();

        assert_eq!(error.candidates().len(), count);
        assert_eq!(error.to_string().contains("…"), has_more, "{error}");
        assert_eq!(error.to_string().matches("o-").count(), 5, "{error}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_unique_name_distinguishes_identical_orders() {
    let both = vec![listed("o-1", 119, Some("PO-1")), listed("o-2", 119, Some("PO-2"))];
    let resumed = |name: &'static str| {
        let service = listing(both.clone());
        let call = orders(&service).create(named_order(name)).unique_name(name);
        call.resume(sent_minutes_ago(120)).send()
    };

    assert_eq!(resumed("PO-2").await.unwrap().id, "o-2");
    assert!(resumed("PO-3").await.unwrap_err().is_not_applied());
}

#[tokio::test(start_paused = true)]
async fn a_name_that_is_not_declared_unique_is_no_evidence() {
    let service = listing(vec![listed("o-1", 119, Some("PO-1"))]);

    let error = orders(&service).create(named_order("PO-1")).resume(sent_minutes_ago(120)).await.unwrap_err();

    assert_eq!(candidates(&error), ["o-1"]);
}

#[tokio::test(start_paused = true)]
async fn a_unique_name_that_contradicts_or_is_lost_or_occurs_twice_is_no_evidence() {
    let mut another_quantity = listed("o-1", 119, Some("PO-1"));
    another_quantity["lineItems"][0]["quantity"] = json!(5);
    for (found, expected) in [
        (vec![another_quantity], vec!["o-1"]),
        (vec![listed("o-1", 119, None)], vec!["o-1"]),
        (vec![listed("o-1", 119, Some("PO-1")), listed("o-2", 118, Some("PO-1"))], vec!["o-2", "o-1"]),
        // Long before the write.
        (vec![listed("o-1", 700, Some("PO-1"))], vec!["o-1"]),
    ] {
        let service = listing(found.clone());
        let call = orders(&service).create(named_order("PO-1")).unique_name("PO-1");
        let error = call.resume(sent_minutes_ago(120)).await.unwrap_err();
        assert!(error.is_outcome_unknown(), "{found:?}: {error}");
        assert_eq!(candidates(&error), expected, "{found:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_unique_name_must_be_one_of_the_lines() {
    let service = FakeService::new(|_| panic!("nothing may be sent"));

    let error = orders(&service).create(named_order("PO-1")).unique_name("po-1").await.unwrap_err();

    assert_eq!(error.kind(), ErrorKind::InvalidRequest);
}

#[tokio::test(start_paused = true)]
async fn an_order_that_differs_in_a_member_is_no_candidate() {
    let with = |member: &str, value: Value| {
        let mut order = listed("o-other", 119, Some("PO-1"));
        order["lineItems"][0][member] = value;
        order
    };
    let mut new = serde_json::to_value(named_order("PO-1")).unwrap();
    new["lineItems"][0]["termDuration"] = json!("P1M");
    new["lineItems"][0]["promotionId"] = json!("half-price");
    let new: NewOrder = serde_json::from_value(new).unwrap();
    for order in [
        with("quantity", json!(2)),
        with("offerId", json!("another")),
        with("friendlyName", json!("PO-2")),
        with("termDuration", json!("P1Y")),
        with("promotionId", json!("none")),
        listed("o-other", 600, Some("PO-1")),
    ] {
        let service = listing(vec![order.clone()]);
        let error = orders(&service).create(new.clone()).resume(sent_minutes_ago(120)).await.unwrap_err();
        assert!(error.is_not_applied(), "{order}: {error}");
    }
    // Cancelled since, or changed in what can change: it may still be the one.
    for order in [with("quantity", json!(0)), with("termDuration", json!("P1M"))] {
        let service = listing(vec![order.clone()]);
        let error = orders(&service).create(new.clone()).resume(sent_minutes_ago(120)).await.unwrap_err();
        assert_eq!(candidates(&error), ["o-other"], "{order}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_order_in_another_currency_is_no_candidate() {
    for (sent, found, is_candidate) in [
        (json!("USD"), json!("USD"), true),
        (json!("usd"), json!("USD"), true),
        (json!("USD"), json!("EUR"), false),
        // A member that one of the two lacks excludes nothing.
        (json!(""), json!("USD"), true),
        (json!("USD"), json!(""), true),
        (Value::Null, json!("USD"), true),
        (json!("USD"), Value::Null, true),
    ] {
        let mut new = serde_json::to_value(new_order()).unwrap();
        new["currencyCode"] = sent.clone();
        let mut order = listed("o-other", 119, None);
        order["currencyCode"] = found.clone();

        let call = orders(&listing(vec![order])).create(serde_json::from_value(new).unwrap());
        let error = call.resume(sent_minutes_ago(120)).await.unwrap_err();

        assert_eq!(!error.candidates().is_empty(), is_candidate, "{sent} {found}: {error}");
        assert_eq!(error.is_not_applied(), !is_candidate, "{sent} {found}: {error}");
    }
}

fn add_on(name: Option<&str>) -> AddOn {
    let add_on = AddOn::new("offer-1", "parent-1", 2);
    name.map_or(add_on.clone(), |name| add_on.friendly_name(name))
}

/// A service that holds an order with these lines behind its first.
fn holding(lines: Vec<Value>) -> FakeService {
    let mut order = listed("o-1", 300, None);
    order["lineItems"].as_array_mut().unwrap().extend(lines);
    FakeService::new(move |seen| {
        assert_eq!(seen.method, Method::GET, "nothing may be sent");
        FakeResponse::json(200, order.to_string())
    })
}

#[tokio::test(start_paused = true)]
async fn an_identical_add_on_is_no_evidence() {
    let line = json!({"lineItemNumber": 1, "offerId": "offer-1", "quantity": 2, "friendlyName": "PO-1"});
    let resume = |service: &FakeService, call: fn(Orders) -> Call<requests::BuyAddOns>| {
        call(orders(service)).resume(sent_minutes_ago(120)).send()
    };

    let error = resume(&holding(vec![line.clone()]), |orders| orders.add_on("o-1", [add_on(None)])).await.unwrap_err();
    assert!(error.is_outcome_unknown(), "{error}");
    assert_eq!(error.candidates()[0].line_items.iter().map(|line| line.line_item_number).collect::<Vec<_>>(), [1]);

    let known = resume(&holding(vec![line.clone()]), |orders| orders.add_on("o-1", [add_on(None)]).exclude_lines([1]));
    assert!(known.await.unwrap_err().is_not_applied());

    let named =
        resume(&holding(vec![line.clone()]), |orders| orders.add_on("o-1", [add_on(Some("PO-1"))]).unique_name("PO-1"));
    assert_eq!(named.await.unwrap().id, "o-1");

    let anothers =
        resume(&holding(vec![line]), |orders| orders.add_on("o-1", [add_on(Some("PO-2"))]).unique_name("PO-2"));
    assert!(anothers.await.unwrap_err().is_not_applied());
}

#[tokio::test(start_paused = true)]
async fn an_add_on_of_another_quantity_or_parent_is_no_candidate() {
    for (member, value) in [("quantity", json!(3)), ("parentSubscriptionId", json!("parent-2"))] {
        let mut line = json!({"lineItemNumber": 1, "offerId": "offer-1", "quantity": 2});
        line[member] = value;
        let call = orders(&holding(vec![line])).add_on("o-1", [add_on(None)]);
        let error = call.resume(sent_minutes_ago(120)).await.unwrap_err();
        assert!(error.is_not_applied(), "{member}: {error}");
    }
}

#[tokio::test(start_paused = true)]
async fn two_add_ons_are_not_both_found_in_one_line() {
    let line = json!({"lineItemNumber": 1, "offerId": "offer-1", "quantity": 2});

    let call = orders(&holding(vec![line])).add_on("o-1", [add_on(None), add_on(None)]);
    let error = call.resume(sent_minutes_ago(120)).await.unwrap_err();

    assert!(error.is_not_applied(), "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_file_of_the_same_name_is_no_evidence() {
    let files = json!({"items": [{"attachmentId": "a-1", "fileName": "order.pdf"}]});
    let resumed = |is_unique: bool, name: &'static str| {
        let files = files.to_string();
        let service = FakeService::new(move |_| FakeResponse::json(200, files.clone()));
        let upload =
            Upload::new(AttachmentMetadata::new("1", "EUR")).purchase_order(AttachmentFile::from_bytes(name, "x"));
        let call = orders(&service).attachments("o-1").upload(upload);
        let call = if is_unique { call.unique_file_names() } else { call };
        call.resume(sent_minutes_ago(120)).send()
    };

    let error = resumed(false, "order.pdf").await.unwrap_err();
    assert!(error.is_outcome_unknown());
    assert_eq!(error.candidates()[0].attachments[0].attachment_id.as_deref(), Some("a-1"));
    assert_eq!(resumed(true, "order.pdf").await.unwrap().len(), 1);
    assert!(resumed(true, "another.pdf").await.unwrap_err().is_not_applied());
}
