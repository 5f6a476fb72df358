//! Changes of orders and subscriptions.

use http::Method;
use partner_center_orders::enums::BillingCycle;
use partner_center_orders::types::OrderPatch;
use partner_center_orders::{AddOn, ErrorKind};
use serde_json::{Value, json};

use super::{body, sent_minutes_ago, subscription};
use crate::support::{CUSTOMER, FakeResponse, FakeService, client, fault_json, order_json};

#[tokio::test(start_paused = true)]
async fn cancelling_sends_id_and_status() {
    let service = FakeService::script([FakeResponse::json(200, order_json("o-1"))]);

    client(&service).customer(CUSTOMER).orders().cancel("o-1").await.unwrap();

    let seen = &service.seen()[0];
    assert_eq!((seen.method.clone(), seen.path()), (Method::PATCH, format!("/customers/{CUSTOMER}/orders/o-1")));
    assert_eq!(body(seen), json!({"id": "o-1", "status": "cancelled"}));
}

#[tokio::test(start_paused = true)]
async fn cancelling_lines_names_their_offers() {
    let service = FakeService::new(|_| FakeResponse::json(200, order_json("o-1")));

    client(&service).customer(CUSTOMER).orders().cancel("o-1").lines([0]).await.unwrap();

    let lines = json!([{"lineItemNumber": 0, "offerId": "DZH318Z0BQ3Q:001X:DZH318Z08R4Q"}]);
    assert_eq!(body(&service.seen()[1]), json!({"id": "o-1", "status": "cancelled", "lineItems": lines}));
    let error = client(&service).customer(CUSTOMER).orders().cancel("o-1").lines([7]).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidRequest);
}

#[tokio::test(start_paused = true)]
async fn a_cancellation_that_belongs_to_the_subscription_is_recognised() {
    for code in [800_063, 800_077] {
        let service = FakeService::script([FakeResponse::json(400, fault_json(code))]);
        let error = client(&service).customer(CUSTOMER).orders().cancel("o-1").await.unwrap_err();
        assert!(error.is_cancelled_by_subscription());
        assert!(error.to_string().to_lowercase().contains("subscription"), "{error}");
    }
}

#[tokio::test(start_paused = true)]
async fn add_ons_are_numbered_from_zero_and_name_their_parent() {
    let service = FakeService::script([FakeResponse::json(200, order_json("o-1"))]);
    let add_ons = [AddOn::new("offer-1", "parent-1", 2).friendly_name("More"), AddOn::new("offer-2", "parent-1", 1)];

    client(&service).customer(CUSTOMER).orders().add_on("o-1", add_ons).await.unwrap();

    let lines = json!([
        {"lineItemNumber": 0, "offerId": "offer-1", "parentSubscriptionId": "parent-1", "quantity": 2, "friendlyName": "More"},
        {"lineItemNumber": 1, "offerId": "offer-2", "parentSubscriptionId": "parent-1", "quantity": 1},
    ]);
    let expected = json!({"id": "o-1", "referenceCustomerId": CUSTOMER.to_string(), "lineItems": lines});
    assert_eq!(body(&service.seen()[0]), expected);
}

#[tokio::test(start_paused = true)]
async fn the_billing_cycle_is_changed_with_every_member_kept() {
    let mut order: Value = serde_json::from_str(&order_json("o-1")).unwrap();
    order["futureMember"] = json!([1]);
    order["lineItems"][0]["subscriptionId"] = json!("DB8C695B-1C3C-4C55-B697-771503DD46BF");
    let text = order.to_string();
    let service = FakeService::new(move |_| FakeResponse::json(200, text.clone()));

    client(&service).customer(CUSTOMER).orders().change_billing_cycle("o-1", BillingCycle::Annual).await.unwrap();

    order["billingCycle"] = json!("annual");
    order.as_object_mut().unwrap().remove("status");
    assert_eq!(body(&service.seen()[1]), order);
}

#[tokio::test(start_paused = true)]
async fn only_a_resumed_change_of_the_billing_cycle_is_done_where_it_shows() {
    for (cycle, is_resumed, is_done, requests) in [
        (BillingCycle::OneTime, false, true, vec![Method::GET, Method::PATCH]),
        (BillingCycle::OneTime, true, true, vec![Method::GET]),
        (BillingCycle::Annual, true, false, vec![Method::GET]),
    ] {
        let service = FakeService::new(|_| FakeResponse::json(200, order_json("o-1")));
        let call = client(&service).customer(CUSTOMER).orders().change_billing_cycle("o-1", cycle.clone());
        let call = if is_resumed { call.resume(sent_minutes_ago(60)) } else { call };

        assert_eq!(call.await.is_ok(), is_done, "{cycle:?}, resumed {is_resumed}");

        let mut seen: Vec<_> = service.seen().into_iter().map(|seen| seen.method).collect();
        seen.dedup();
        assert_eq!(seen, requests, "{cycle:?}, resumed {is_resumed}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_etag_goes_out_in_quotes() {
    let service = FakeService::new(|_| FakeResponse::json(200, order_json("o-1")));
    let orders = client(&service).customer(CUSTOMER).orders();

    orders.update("o-1", OrderPatch::default()).if_match("eyJpZCI6").await.unwrap();
    orders.update("o-1", OrderPatch::default()).if_match("\"eyJpZCI6\"").await.unwrap();

    assert!(service.seen().iter().all(|seen| seen.header("if-match") == "\"eyJpZCI6\""));
}

#[tokio::test(start_paused = true)]
async fn a_subscription_is_cancelled_or_suspended_with_every_member_kept() {
    for (cancel, status) in [(true, "deleted"), (false, "suspended")] {
        let service = FakeService::new(|_| FakeResponse::json(200, subscription("active").to_string()));
        let subscriptions = client(&service).customer(CUSTOMER).subscriptions();

        let call = if cancel { subscriptions.cancel("s-1") } else { subscriptions.suspend("s-1") };
        call.await.unwrap();

        assert_eq!(body(&service.seen()[1]), subscription(status));
    }
}

#[tokio::test(start_paused = true)]
async fn a_new_change_of_a_subscription_is_sent_though_it_shows_already() {
    let service = FakeService::new(|_| FakeResponse::json(200, subscription("deleted").to_string()));

    client(&service).customer(CUSTOMER).subscriptions().cancel("s-1").await.unwrap();

    let methods: Vec<_> = service.seen().into_iter().map(|seen| seen.method).collect();
    assert_eq!(methods, [Method::GET, Method::PATCH]);
}
