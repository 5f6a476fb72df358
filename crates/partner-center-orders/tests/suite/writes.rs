//! Writes and their helpers: the requests, and the handling of the responses.

use std::time::Duration;

use http::Method;
use partner_center_orders::enums::BillingCycle;
use partner_center_orders::types::{NewCartLineItem, NewOrder, OrderPatch};
use partner_center_orders::{
    AddOn, Checkout, Clock, ErrorCode, ErrorKind, PendingWrite, RetryPolicy, RetryWrites, StaticToken, Uuid,
};
use serde_json::{Value, json};

use crate::support::{
    CUSTOMER, FakeResponse, FakeService, NEW_YEAR, RecordedRequest, TestClock, client, fault_json, order_json, settings,
};

fn body(seen: &RecordedRequest) -> Value {
    serde_json::from_str(&seen.body).unwrap()
}

/// A cart with two lines, and with unknown members.
fn cart(status: &str) -> Value {
    json!({
        "id": "c-1",
        "status": status,
        "futureMember": {"a": [1, null]},
        "lineItems": [
            {"id": 0, "catalogItemId": "A:1:X", "quantity": 1, "termDuration": "", "futureLine": true},
            {"id": 1, "catalogItemId": "B:1:Y", "quantity": 2, "provisioningContext": {},
             "addonItems": [{"id": 2, "catalogItemId": "C:1:Z", "quantity": 1, "futureAddon": 7}]},
        ],
    })
}

/// A service that has that cart, and accepts updates of it.
fn holding_cart() -> FakeService {
    let mut held = cart("Active");
    FakeService::new(move |seen| {
        if seen.method == Method::PUT {
            held = body(seen);
        }
        FakeResponse::json(200, held.to_string())
    })
}

fn line(item: &str) -> NewCartLineItem {
    NewCartLineItem::builder().catalog_item_id(item).quantity(1).try_into().unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_cart_is_made_of_lines_that_are_numbered() {
    let service = FakeService::script([FakeResponse::json(201, cart("Active").to_string())]);

    client(&service).customer(CUSTOMER).carts().create_from([line("A:1:X"), line("B:1:Y")]).await.unwrap();

    let sent = body(&service.seen()[0]);
    let expected = json!({"lineItems": [
        {"id": 0, "catalogItemId": "A:1:X", "quantity": 1},
        {"id": 1, "catalogItemId": "B:1:Y", "quantity": 1},
    ]});
    assert_eq!(sent, expected);
}

#[tokio::test(start_paused = true)]
async fn adding_a_line_keeps_every_member_of_the_cart() {
    let service = holding_cart();

    client(&service).customer(CUSTOMER).carts().add_lines("c-1", [line("D:1:W")]).await.unwrap();

    let mut expected = cart("Active");
    let lines = expected["lineItems"].as_array_mut().unwrap();
    lines.push(json!({"id": 2, "catalogItemId": "D:1:W", "quantity": 1}));
    let seen = service.seen();
    assert_eq!(body(&seen[1]), expected);
    assert_ne!(seen[0].header("ms-requestid"), seen[1].header("ms-requestid"));
    assert_eq!(seen[0].header("ms-correlationid"), seen[1].header("ms-correlationid"));
}

#[tokio::test(start_paused = true)]
async fn changing_a_line_keeps_every_other_member() {
    let service = holding_cart();

    let change = client(&service).customer(CUSTOMER).carts().change("c-1", |cart| {
        cart.line_items[0].quantity = 10;
        cart.line_items.remove(1);
    });
    change.await.unwrap();

    let mut expected = cart("Active");
    expected["lineItems"][0]["quantity"] = json!(10);
    expected["lineItems"].as_array_mut().unwrap().remove(1);
    assert_eq!(body(&service.seen()[1]), expected);
}

#[tokio::test(start_paused = true)]
async fn a_checkout_with_errors_is_not_complete() {
    let order: Value = serde_json::from_str(&order_json("o-1")).unwrap();
    let result =
        json!({"orders": [order], "orderErrors": [{"orderGroupId": "1", "code": 800_013, "description": "No."}]});
    let service = FakeService::script([FakeResponse::json(201, result.to_string())]);

    let checkout = client(&service).customer(CUSTOMER).carts().checkout("c-1").await.unwrap();

    assert!(!checkout.is_complete());
    let Checkout::Incomplete(failed) = checkout.into_inner() else { panic!("not reported as incomplete") };
    assert_eq!(failed.orders()[0].id, "o-1");
    assert_eq!(failed.errors()[0].code.as_ref().unwrap().number(), Some(800_013));
    assert_eq!(failed.to_string(), "1 order group failed, 1 became an order; order group 1: code 800013: No.");
    assert_eq!(serde_json::to_value(failed.into_inner()).unwrap(), result);
}

#[tokio::test(start_paused = true)]
async fn what_a_failed_order_group_says_can_not_command_a_terminal() {
    let hostile = "a\u{1b}[2J\u{9b}31m\u{202e}b";
    let error = json!({"orderGroupId": hostile, "code": hostile, "description": hostile});
    let service = FakeService::script([FakeResponse::json(201, json!({ "orderErrors": [error] }).to_string())]);

    let checkout = client(&service).customer(CUSTOMER).carts().checkout("c-1").await.unwrap();

    let Checkout::Incomplete(failed) = checkout.into_inner() else { panic!("not reported as incomplete") };
    let shown = failed.to_string();
    assert_eq!(shown.matches("a\\u{1b}[2J\\u{9b}31m\\u{202e}b").count(), 3, "{shown:?}");
    assert!(!shown.contains(['\u{1b}', '\u{9b}', '\u{202e}']), "{shown:?}");
}

#[tokio::test(start_paused = true)]
async fn a_checkout_without_errors_is_complete() {
    let result = format!(r#"{{"orders":[{}]}}"#, order_json("o-1"));
    let service = FakeService::script([FakeResponse::json(201, result)]);

    let call = client(&service).customer(CUSTOMER).carts().checkout("c-1").customer_user("ada@contoso.example");
    let checkout = call.await.unwrap();

    assert!(checkout.is_complete());
    assert_eq!(service.seen()[0].header("x-ms-customeruser-upn"), "ada@contoso.example");
}

#[tokio::test(start_paused = true)]
async fn a_checkout_that_says_nothing_is_outcome_unknown() {
    for response in ["", "{}", r#"{"orders":[]}"#] {
        let service = FakeService::script([FakeResponse::json(201, response)]);
        let error = client(&service).customer(CUSTOMER).carts().checkout("c-1").await.unwrap_err();
        assert!(error.is_outcome_unknown(), "{response}");
    }
}

/// A service whose checkouts get these responses, and whose cart has that status afterwards.
fn checking_out(responses: Vec<FakeResponse>, status: &'static str) -> FakeService {
    let mut responses = responses.into_iter();
    FakeService::new(move |seen| {
        if seen.method == Method::GET {
            return FakeResponse::json(200, cart(status).to_string());
        }
        responses.next().unwrap_or_else(|| FakeResponse::json(400, fault_json(800_065)))
    })
}

#[tokio::test(start_paused = true)]
async fn a_later_attempt_that_finds_the_cart_submitted_reads_that_it_was_placed() {
    let service = checking_out(vec![FakeResponse::json(503, "")], "Ordered");

    let checkout = client(&service).customer(CUSTOMER).carts().checkout("c-1").await.unwrap();

    assert!(matches!(checkout.into_inner(), Checkout::PlacedBefore(cart) if cart.id == "c-1"));
}

#[tokio::test(start_paused = true)]
async fn a_first_attempt_that_finds_the_cart_submitted_is_rejected() {
    let service = checking_out(vec![], "Ordered");

    let error = client(&service).customer(CUSTOMER).carts().checkout("c-1").await.unwrap_err();

    assert_eq!(error.code(), Some(ErrorCode::CartAlreadySubmitted));
    assert!(!error.is_outcome_unknown());
}

#[tokio::test(start_paused = true)]
async fn a_later_attempt_whose_cart_is_not_ordered_stays_unknown() {
    let service = checking_out(vec![FakeResponse::json(503, "")], "Active");

    let error = client(&service).customer(CUSTOMER).carts().checkout("c-1").await.unwrap_err();

    assert!(error.is_outcome_unknown());
}

/// A cart whose lines are in these order groups.
fn grouped(groups: &[Option<&str>]) -> Value {
    let lines = groups.iter().enumerate();
    let lines: Vec<_> = lines
        .map(|(id, group)| {
            let mut line = json!({"id": id, "catalogItemId": "A:1:X", "quantity": 1});
            if let Some(group) = group {
                line["orderGroup"] = json!(group);
            }
            line
        })
        .collect();
    json!({"id": "c-1", "status": "Active", "lineItems": lines})
}

/// A cart of one order group that was created and last changed in these years.
fn changed(created: &str, changed: &str) -> Value {
    let mut cart = grouped(&[Some("0")]);
    cart["creationTimestamp"] = json!(format!("{created}-06-01T12:00:00.1234567Z"));
    cart["lastModifiedTimestamp"] = json!(format!("{changed}-06-01T12:00:00.1234567Z"));
    cart
}

/// Carts, and whether a checkout in the first hours of 2026 can have bought a part of them.
fn active_carts() -> [(Value, bool); 8] {
    [
        (changed("2024", "2025"), false),
        (changed("2025", "2027"), true),
        // By a clock that is ahead: never changed.
        (changed("2027", "2027"), false),
        (grouped(&[Some("0")]), false),
        (grouped(&[Some("0"), Some("0")]), false),
        (grouped(&[Some("0"), Some("OMS-0")]), true),
        (grouped(&[Some("0"), None]), true),
        (grouped(&[None, None]), true),
    ]
}

#[tokio::test(start_paused = true)]
async fn an_active_cart_shows_that_a_resumed_checkout_had_no_effect_only_if_it_has_and_had_one_group() {
    for (cart, is_open) in active_carts() {
        let shown = cart.to_string();
        let service = FakeService::new(move |_| FakeResponse::json(200, shown.clone()));

        let call = client(&service).customer(CUSTOMER).carts().checkout("c-1").resume(sent_minutes_ago(90));
        let error = call.await.unwrap_err();

        assert_eq!((error.is_outcome_unknown(), error.is_not_applied()), (is_open, !is_open), "{cart}: {error}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_active_cart_settles_a_rejected_checkout_that_was_open_only_if_it_has_and_had_one_group() {
    for (cart, is_open) in active_carts() {
        let shown = cart.to_string();
        let mut posts = 0;
        let service = FakeService::new(move |seen| {
            posts += usize::from(seen.method == Method::POST);
            match (seen.method == Method::POST, posts) {
                (false, _) => FakeResponse::json(200, shown.clone()),
                (true, 1) => FakeResponse::json(503, ""),
                (true, _) => FakeResponse::json(400, fault_json(800_009)),
            }
        });

        let error = client(&service).customer(CUSTOMER).carts().checkout("c-1").await.unwrap_err();

        assert_eq!(error.is_outcome_unknown(), is_open, "{cart}: {error}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_checkout_that_keeps_failing_stays_unknown_without_reading_the_cart() {
    for body in [String::new(), fault_json(800_009)] {
        let service = FakeService::new(move |seen| match seen.method {
            Method::POST => FakeResponse::json(503, body.clone()),
            _ => FakeResponse::json(200, cart("Ordered").to_string()),
        });

        let error = client(&service).customer(CUSTOMER).carts().checkout("c-1").await.unwrap_err();

        assert!(error.is_outcome_unknown(), "{error}");
        assert!(service.seen().iter().all(|seen| seen.method == Method::POST));
    }
}

#[tokio::test(start_paused = true)]
async fn a_cart_in_use_is_waited_for_and_read_and_not_checked_out_again() {
    let mut reads = 0;
    let service = FakeService::new(move |seen| {
        if seen.method == Method::POST {
            return FakeResponse::json(409, fault_json(800_064));
        }
        reads += 1;
        FakeResponse::json(200, cart(if reads < 3 { "Active" } else { "Ordered" }).to_string())
    });

    let checkout = client(&service).customer(CUSTOMER).carts().checkout("c-1").await.unwrap();

    assert!(matches!(checkout.into_inner(), Checkout::PlacedBefore(_)));
    assert_eq!(service.seen().iter().filter(|seen| seen.method == Method::POST).count(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_cart_that_stays_in_use_ends_with_the_deadline() {
    let service = checking_out(vec![FakeResponse::json(409, fault_json(800_064))], "Active");

    let call = client(&service).customer(CUSTOMER).carts().checkout("c-1").deadline(Duration::from_secs(60));
    let error = call.await.unwrap_err();

    assert!(error.is_in_progress() && !error.is_outcome_unknown(), "{error}");
    assert!(service.seen().last().unwrap().at < Duration::from_secs(60));
}

#[tokio::test(start_paused = true)]
async fn a_cart_in_use_that_cannot_be_read_leaves_a_first_checkout_rejected() {
    let service = FakeService::new(|seen| match seen.method {
        Method::POST => FakeResponse::json(409, fault_json(800_064)),
        _ => FakeResponse::json(403, fault_json(20002)),
    });

    let error = client(&service).customer(CUSTOMER).carts().checkout("c-1").await.unwrap_err();

    assert!(error.is_no_relationship() && !error.is_outcome_unknown(), "{error}");
}

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

fn subscription(status: &str) -> Value {
    json!({
        "id": "s-1", "quantity": 3, "status": status, "friendlyName": "Sales",
        "attributes": {"objectType": "Subscription", "etag": "abc"}, "futureMember": {"x": 1},
    })
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

fn new_order() -> NewOrder {
    let line = json!({"lineItemNumber": 0, "offerId": "dzh318z0bq3q:001x:dzh318z08r4q", "quantity": 1});
    serde_json::from_value(json!({ "lineItems": [line] })).unwrap()
}

/// A write that was first sent so many minutes before the test's clock begins.
fn sent_minutes_ago(minutes: u64) -> PendingWrite {
    PendingWrite::new(Uuid::from_u128(7), TestClock::new().now() - Duration::from_secs(60 * minutes))
}

/// A service whose list holds one order that was created so many minutes before the test's clock begins.
fn listing(created: Option<u64>) -> FakeService {
    FakeService::new(move |seen| {
        if seen.method == Method::POST {
            return FakeResponse::json(201, order_json("o-new"));
        }
        let items: Vec<Value> = created
            .map(|minutes| {
                let seconds = NEW_YEAR.as_secs() - 60 * minutes;
                let mut order: Value = serde_json::from_str(&order_json("o-old")).unwrap();
                let time = on_the_last_day(seconds);
                order["creationDate"] = json!(time);
                order["lineItems"][0]["friendlyName"] = json!("PO-1");
                order
            })
            .into_iter()
            .collect();
        FakeResponse::json(200, json!({ "items": items }).to_string()).with("date", "Thu, 01 Jan 2026 00:00:00 GMT")
    })
}

/// A time of the last day of 2025, in the form of the service.
fn on_the_last_day(seconds: u64) -> String {
    let of_day = seconds % 86_400;
    format!("2025-12-31T{:02}:{:02}:{:02}Z", of_day / 3600, of_day / 60 % 60, of_day % 60)
}

#[tokio::test(start_paused = true)]
async fn a_recent_write_is_resumed_under_its_id() {
    let service = listing(None);
    let partner = client(&service);
    // A response has shown the service's time.
    partner.customer(CUSTOMER).orders().list().await.unwrap();
    service.clear();

    let call = partner.customer(CUSTOMER).orders().create(new_order()).resume(sent_minutes_ago(5));
    let order = call.await.unwrap();

    assert_eq!(order.id, "o-new");
    let seen = service.seen();
    assert_eq!((seen.len(), seen[0].header("ms-requestid")), (1, Uuid::from_u128(7).to_string().as_str()));
}

#[tokio::test(start_paused = true)]
async fn an_old_write_that_took_place_is_found_by_its_unique_name_and_not_sent() {
    let service = listing(Some(119));

    let mut new = new_order();
    new.line_items[0].friendly_name = Some("PO-1".to_owned());
    let call = client(&service).customer(CUSTOMER).orders().create(new).unique_name("PO-1");
    let order = call.resume(sent_minutes_ago(120)).await.unwrap();

    assert_eq!(order.id, "o-old");
    assert!(service.seen().iter().all(|seen| seen.method == Method::GET));
}

#[tokio::test(start_paused = true)]
async fn an_old_write_that_did_not_take_place_is_reported_and_not_sent() {
    // What was ordered long before is not what came of it.
    let service = listing(Some(600));

    let call = client(&service).customer(CUSTOMER).orders().create(new_order()).resume(sent_minutes_ago(120));
    let error = call.await.unwrap_err();

    assert!(error.is_not_applied() && !error.is_outcome_unknown());
    assert!(service.seen().iter().all(|seen| seen.method == Method::GET));
}

#[tokio::test(start_paused = true)]
async fn a_write_that_the_list_cannot_show_yet_is_not_sent() {
    let service = listing(None);

    let call = client(&service).customer(CUSTOMER).orders().create(new_order()).resume(sent_minutes_ago(12));
    let error = call.await.unwrap_err();

    assert!(error.is_outcome_unknown());
    assert_eq!(error.retry_after().unwrap().as_secs() / 60, 48);
    assert!(error.is_in_progress() && error.hint().unwrap().contains("don't send it again"), "{error}");
    assert_eq!(error.pending_write().unwrap().request_id, Uuid::from_u128(7));
    assert!(service.seen().iter().all(|seen| seen.method == Method::GET));
}

#[tokio::test(start_paused = true)]
async fn a_write_older_than_the_retention_of_its_id_is_not_sent_again() {
    for (minutes, sent) in [(3, true), (5, false)] {
        let service = listing(None);
        let policy = RetryPolicy::default().request_id_retention(Duration::from_secs(4 * 60));
        let partner = settings(&service).credential(StaticToken::new("token-1")).retry(policy).build().unwrap();

        let call = partner.customer(CUSTOMER).orders().create(new_order()).resume(sent_minutes_ago(minutes));
        let outcome = call.await;

        assert_eq!(outcome.is_ok(), sent, "{minutes} minutes");
        assert_eq!(service.seen().iter().any(|seen| seen.method == Method::POST), sent, "{minutes} minutes");
    }
}

#[tokio::test(start_paused = true)]
async fn an_unknown_outcome_keeps_when_it_was_first_sent() {
    let service = FakeService::new(|_| FakeResponse::json(503, ""));
    let first = sent_minutes_ago(5);

    let error = client(&service).customer(CUSTOMER).orders().create(new_order()).resume(first).await.unwrap_err();

    assert_eq!(error.pending_write(), Some(first));
}

#[tokio::test(start_paused = true)]
async fn an_old_change_that_shows_is_not_sent_again() {
    let mut order: Value = serde_json::from_str(&order_json("o-1")).unwrap();
    order["lineItems"][0]["quantity"] = json!(0);
    let text = order.to_string();
    let service = FakeService::new(move |_| FakeResponse::json(200, text.clone()));

    client(&service).customer(CUSTOMER).orders().cancel("o-1").resume(sent_minutes_ago(60)).await.unwrap();

    assert!(service.seen().iter().all(|seen| seen.method == Method::GET));
}

#[tokio::test(start_paused = true)]
async fn an_old_change_that_sends_lines_back_adds_none() {
    let mut order: Value = serde_json::from_str(&order_json("o-1")).unwrap();
    order["billingCycle"] = json!("annual");
    let text = order.to_string();
    let service = FakeService::new(move |_| FakeResponse::json(200, text.clone()));
    let patch: OrderPatch = serde_json::from_value(json!({
        "id": "o-1",
        "billingCycle": "annual",
        "lineItems": [{"lineItemNumber": 0, "offerId": "offer-1", "quantity": 1}],
    }))
    .unwrap();

    let call = client(&service).customer(CUSTOMER).orders().update("o-1", patch).resume(sent_minutes_ago(60));
    let shown = call.await.unwrap();

    assert_eq!(shown.id, "o-1");
    assert!(service.seen().iter().all(|seen| seen.method == Method::GET));
}

#[tokio::test(start_paused = true)]
async fn an_old_change_that_does_not_show_is_reported_and_not_sent() {
    let service = FakeService::new(|_| FakeResponse::json(200, order_json("o-1")));

    let call = client(&service).customer(CUSTOMER).orders().cancel("o-1").resume(sent_minutes_ago(60));
    let error = call.await.unwrap_err();

    assert!(error.is_not_applied());
    assert!(error.hint().unwrap().contains("without resuming"), "{error}");
    assert!(service.seen().iter().all(|seen| seen.method == Method::GET));
}

#[tokio::test(start_paused = true)]
async fn a_checkout_whose_cart_cannot_be_read_is_left_unknown() {
    let service = FakeService::new(|_| FakeResponse::json(404, fault_json(800_008)));
    let first = sent_minutes_ago(60);

    let error = client(&service).customer(CUSTOMER).carts().checkout("c-1").resume(first).await.unwrap_err();

    assert_eq!(error.pending_write(), Some(first));
}

#[tokio::test(start_paused = true)]
async fn a_resumed_checkout_that_may_have_taken_place_in_part_names_the_next_step() {
    let cart = json!({"id": "c-1", "status": "Active", "lineItems": [
        {"id": 0, "catalogItemId": "a", "quantity": 1, "orderGroup": "0"},
        {"id": 1, "catalogItemId": "b", "quantity": 1, "orderGroup": "1"},
    ]});
    let service = FakeService::new(move |_| FakeResponse::json(200, cart.to_string()));

    let call = client(&service).customer(CUSTOMER).carts().checkout("c-1").resume(sent_minutes_ago(60));
    let error = call.await.unwrap_err();

    assert!(error.is_outcome_unknown(), "{error}");
    assert!(error.to_string().contains("check it out in a new call"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_repeated_checkout_whose_cart_cannot_be_read_is_left_unknown() {
    let mut posts = 0;
    let service = FakeService::new(move |seen| {
        if seen.method == Method::POST {
            posts += 1;
        }
        match (seen.method.clone(), posts) {
            (Method::POST, 1) => FakeResponse::json(503, ""),
            (Method::POST, _) => FakeResponse::json(400, fault_json(800_065)),
            _ => FakeResponse::json(404, fault_json(800_008)),
        }
    });

    let error = client(&service).customer(CUSTOMER).carts().checkout("c-1").await.unwrap_err();

    assert!(error.is_outcome_unknown());
}

#[tokio::test(start_paused = true)]
async fn a_write_that_is_never_sent_twice_is_only_read_for_even_immediately() {
    let service = listing(None);
    let partner = settings(&service)
        .credential(StaticToken::new("token-1"))
        .retry(RetryPolicy::default().writes(RetryWrites::Never))
        .build()
        .unwrap();

    let error = partner.customer(CUSTOMER).orders().create(new_order()).resume(sent_minutes_ago(1)).await.unwrap_err();

    assert!(error.is_outcome_unknown());
    assert!(service.seen().iter().all(|seen| seen.method == Method::GET));
}

#[tokio::test(start_paused = true)]
async fn a_read_that_fails_leaves_the_write_unknown() {
    let service =
        FakeService::new(|_| FakeResponse::json(404, json!({"code": 20000, "description": "gone"}).to_string()));

    let error =
        client(&service).customer(CUSTOMER).orders().cancel("o-1").resume(sent_minutes_ago(60)).await.unwrap_err();

    assert!(error.is_outcome_unknown());
}

#[tokio::test(start_paused = true)]
async fn a_cart_in_an_unknown_state_is_not_taken_for_one_that_was_not_checked_out() {
    let service = FakeService::new(|_| FakeResponse::json(200, cart("Pondering").to_string()));

    let call = client(&service).customer(CUSTOMER).carts().checkout("c-1").resume(sent_minutes_ago(60));

    assert!(call.await.unwrap_err().is_outcome_unknown());
}

#[tokio::test(start_paused = true)]
async fn an_old_change_that_cannot_show_is_left_to_the_caller() {
    let service = FakeService::new(|_| FakeResponse::json(200, order_json("o-1")));

    let call = client(&service).customer(CUSTOMER).orders().update("o-1", OrderPatch::default());
    let error = call.resume(sent_minutes_ago(60)).await.unwrap_err();

    assert!(error.is_outcome_unknown());
    assert!(service.seen().iter().all(|seen| seen.method == Method::GET));
}

#[tokio::test(start_paused = true)]
async fn an_old_change_of_a_subscription_reads_the_subscription_first() {
    let service = FakeService::new(|_| FakeResponse::json(200, subscription("deleted").to_string()));

    client(&service).customer(CUSTOMER).subscriptions().cancel("s-1").resume(sent_minutes_ago(60)).await.unwrap();

    assert!(service.seen().iter().all(|seen| seen.method == Method::GET));
}

/// It may say that the cart was submitted before.
#[tokio::test(start_paused = true)]
async fn an_error_response_that_cannot_be_read_settles_no_unknown_outcome() {
    for malformed in ["", "{\"code\":8000", "<html>Bad Request</html>"] {
        let responses = vec![FakeResponse::json(408, ""), FakeResponse::json(400, malformed)];

        let error =
            client(&checking_out(responses, "Active")).customer(CUSTOMER).carts().checkout("c-1").await.unwrap_err();

        assert!(error.is_outcome_unknown(), "{malformed}: {error}");
        let again = client(&checking_out(vec![FakeResponse::json(400, malformed)], "Active"));
        let again = again.customer(CUSTOMER).carts().checkout("c-1").resume(error.pending_write().unwrap());
        assert!(again.await.unwrap_err().is_outcome_unknown(), "{malformed}");

        let service = FakeService::script([FakeResponse::json(408, ""), FakeResponse::json(400, malformed)]);
        let order = client(&service).customer(CUSTOMER).orders().create(new_order());
        assert!(order.await.unwrap_err().is_outcome_unknown(), "{malformed}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_first_error_response_counts_whether_it_can_be_read_or_not() {
    let service = checking_out(vec![FakeResponse::json(400, "")], "Active");

    let error = client(&service).customer(CUSTOMER).carts().checkout("c-1").await.unwrap_err();

    assert!(!error.is_outcome_unknown());
}

/// All members that a change of a subscription may be recognised by.
fn changeable() -> Value {
    json!({
        "id": "s-1", "quantity": 3, "status": "active", "friendlyName": "Sales", "autoRenewEnabled": true,
        "billingCycle": "monthly", "partnerId": "p-1",
    })
}

#[tokio::test(start_paused = true)]
async fn an_old_change_of_a_subscription_shows_only_if_every_member_is_as_wanted() {
    let resumed = |patch: Value| {
        let service = FakeService::new(|seen| {
            assert_eq!(seen.method, Method::GET, "nothing may be sent");
            FakeResponse::json(200, changeable().to_string())
        });
        let call =
            client(&service).customer(CUSTOMER).subscriptions().update("s-1", serde_json::from_value(patch).unwrap());
        call.resume(sent_minutes_ago(90)).send()
    };

    resumed(changeable()).await.unwrap();
    for (member, wanted) in [
        ("quantity", json!(4)),
        ("status", json!("suspended")),
        ("friendlyName", json!("Support")),
        ("autoRenewEnabled", json!(false)),
        ("billingCycle", json!("annual")),
        ("partnerId", json!("p-2")),
    ] {
        let mut patch = changeable();
        patch[member] = wanted;
        let error = resumed(patch).await.unwrap_err();
        assert!(error.is_not_applied(), "{member}: {error}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_a_subscription_may_show_late_or_never_leaves_its_change_unknown() {
    let next_term = json!({ "product": { "productId": "CFQ7TTC0LH18", "skuId": "0001" }, "quantity": 5 });
    let shown = json!({ "id": "s-1", "quantity": 3, "status": "active", "termDuration": "P1Y", "novel": [1],
        "scheduledNextTermInstructions": next_term });
    let service = FakeService::new(move |seen| {
        assert_eq!(seen.method, Method::GET, "nothing may be sent");
        FakeResponse::json(200, shown.to_string())
    });
    let subscriptions = client(&service).customer(CUSTOMER).subscriptions();
    let resumed = |patch: Value| {
        let call = subscriptions.update("s-1", serde_json::from_value(patch).unwrap());
        call.resume(sent_minutes_ago(90)).send()
    };

    for unknown in [
        json!({ "termDuration": "P3Y" }),
        json!({ "quantity": 3, "scheduledNextTermInstructions": { "quantity": 6 } }),
        json!({ "scheduledNextTermInstructions": { "customTermEndDate": "2027-01-31" } }),
        json!({ "novel": [1, 2] }),
        json!({ "unheard": "of" }),
        // Nothing that a change could be known by.
        json!({ "id": "s-1", "attributes": { "etag": "1" } }),
        json!({}),
    ] {
        let error = resumed(unknown.clone()).await.unwrap_err();
        assert!(error.is_outcome_unknown() && !error.is_not_applied(), "{unknown}: {error}");
    }
    for shown in [
        json!({ "termDuration": "P1Y" }),
        json!({ "quantity": 3, "scheduledNextTermInstructions": { "quantity": 5 } }),
        json!({ "novel": [1], "commitmentEndDate": "2020-01-01T00:00:00Z" }),
    ] {
        resumed(shown).await.unwrap();
    }

    let changed = subscriptions.change("s-1", |patch| patch.term_duration = Some("P3Y".into()));
    assert!(changed.resume(sent_minutes_ago(90)).await.unwrap_err().is_outcome_unknown());
}

#[tokio::test(start_paused = true)]
async fn a_new_change_of_a_subscription_is_sent_though_it_shows_already() {
    let service = FakeService::new(|_| FakeResponse::json(200, subscription("deleted").to_string()));

    client(&service).customer(CUSTOMER).subscriptions().cancel("s-1").await.unwrap();

    let methods: Vec<_> = service.seen().into_iter().map(|seen| seen.method).collect();
    assert_eq!(methods, [Method::GET, Method::PATCH]);
}

#[tokio::test(start_paused = true)]
async fn an_old_change_of_a_subscription_that_does_not_show_is_left_unknown() {
    let service = FakeService::new(|_| FakeResponse::json(200, subscription("active").to_string()));

    let call = client(&service).customer(CUSTOMER).subscriptions().cancel("s-1").resume(sent_minutes_ago(90));

    assert!(call.await.unwrap_err().is_outcome_unknown());
    assert!(service.seen().iter().all(|seen| seen.method == Method::GET));
}
