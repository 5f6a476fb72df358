//! Carts and their checkout.

use std::time::Duration;

use http::Method;
use partner_center_orders::types::NewCartLineItem;
use partner_center_orders::{Checkout, ErrorCode};
use serde_json::{Value, json};

use super::{body, cart, new_order, sent_minutes_ago};
use crate::support::{CUSTOMER, FakeResponse, FakeService, client, fault_json, order_json};

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
    NewCartLineItem::new(item, 1)
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
async fn a_cart_in_an_unknown_state_is_not_taken_for_one_that_was_not_checked_out() {
    let service = FakeService::new(|_| FakeResponse::json(200, cart("Pondering").to_string()));

    let call = client(&service).customer(CUSTOMER).carts().checkout("c-1").resume(sent_minutes_ago(60));

    assert!(call.await.unwrap_err().is_outcome_unknown());
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
