//! Writes that are resumed: found, sent again, or left unknown.

use std::time::Duration;

use http::Method;
use partner_center_orders::types::OrderPatch;
use partner_center_orders::{RetryPolicy, RetryWrites, StaticToken, Uuid};
use serde_json::{Value, json};

use super::{new_order, sent_minutes_ago, subscription};
use crate::support::{CUSTOMER, FakeResponse, FakeService, NEW_YEAR, client, order_json, settings};

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
async fn an_old_change_of_a_subscription_that_does_not_show_is_left_unknown() {
    let service = FakeService::new(|_| FakeResponse::json(200, subscription("active").to_string()));

    let call = client(&service).customer(CUSTOMER).subscriptions().cancel("s-1").resume(sent_minutes_ago(90));

    assert!(call.await.unwrap_err().is_outcome_unknown());
    assert!(service.seen().iter().all(|seen| seen.method == Method::GET));
}
