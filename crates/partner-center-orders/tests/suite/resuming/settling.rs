//! Which rejections settle a write that is open.

use std::sync::Mutex;

use http::Method;
use partner_center_orders::{Checkout, Error, PartnerCenter, StaticToken};
use serde_json::json;

use super::{MINUTE, dated, new_order, posts, sent_minutes_ago};
use crate::support::{CUSTOMER, FakeResponse, FakeService, client, fault_json, settings};

const TABLE: &str = include_str!("../../../src/error/settled_table.md");

/// The rows of the table: the rejection, and its meaning by column.
fn rows() -> Vec<[&'static str; 4]> {
    TABLE
        .lines()
        .skip_while(|line| !line.starts_with("| rejection |"))
        .skip(2)
        .take_while(|line| line.starts_with('|'))
        .map(|line| {
            let cells: Vec<_> = line.trim_matches('|').split('|').map(str::trim).collect();
            cells.try_into().unwrap()
        })
        .collect()
}

/// The responses of a row.
fn rejections(row: &str) -> Vec<(u16, String)> {
    let (status, code) = row.split_once(' ').unwrap_or((row, ""));
    let status = status.parse().unwrap();
    let codes: Vec<i64> = match code {
        "" => vec![2000, 900_001],
        "without a code" => {
            return ["", "<html>", r#"{"description":"No."}"#].map(|body| (status, body.to_owned())).into();
        }
        "with any other code" => vec![800_004, 900_117, 123_456],
        code => vec![code.strip_prefix("with ").unwrap().parse().unwrap()],
    };
    codes.into_iter().map(|code| (status, fault_json(code))).collect()
}

/// A service that loses the response to the first write if `first_is_lost`, and rejects further ones.
fn rejecting(status: u16, body: String, cart: &'static str, first_is_lost: bool) -> FakeService {
    let lost = Mutex::new(first_is_lost);
    dated(move |seen| {
        if seen.method == Method::GET {
            let cart = json!({"id": "c-1", "status": cart, "lineItems": []});
            return FakeResponse::json(200, cart.to_string());
        }
        if std::mem::take(&mut *lost.lock().unwrap()) {
            return FakeResponse::json(503, "");
        }
        FakeResponse::json(status, body.clone())
    })
}

fn impatient(service: &FakeService) -> PartnerCenter {
    settings(service).credential(StaticToken::new("t")).deadline(MINUTE).build().unwrap()
}

fn is_settled<T: std::fmt::Debug>(outcome: Result<T, Error>) -> bool {
    !outcome.expect_err("it was rejected").is_outcome_unknown()
}

#[tokio::test(start_paused = true)]
async fn a_rejection_settles_an_open_write_as_the_table_says() {
    let rows = rows();
    assert_eq!(rows.len(), 29);
    for [row, _, same_call, resumed] in rows {
        for (status, body) in rejections(row) {
            let service = rejecting(status, body.clone(), "Active", true);
            let outcome = impatient(&service).customer(CUSTOMER).orders().create(new_order()).await;
            assert_eq!(is_settled(outcome), same_call == "settles", "{row}, same call: {body}");

            let service = rejecting(status, body.clone(), "Active", false);
            let partner = impatient(&service);
            partner.customer(CUSTOMER).carts().get("c-1").await.unwrap();
            let call = partner.customer(CUSTOMER).orders().create(new_order()).resume(sent_minutes_ago(5));
            assert_eq!(is_settled(call.await), resumed == "settles", "{row}, resumed: {body}");
            assert!(posts(&service) > 0);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_rejection_of_an_open_checkout_is_followed_by_reading_the_cart() {
    for [row, checkout, ..] in rows() {
        let settles = match checkout {
            "reads, settles" => true,
            "reads, open" => false,
            other => panic!("unknown cell {other}"),
        };
        for (status, body) in rejections(row) {
            for resumed in [false, true] {
                for (cart, settles) in [("Ordered", false), ("Active", settles), ("Pondering", false)] {
                    let service = rejecting(status, body.clone(), cart, !resumed);
                    let partner = impatient(&service);
                    let carts = partner.customer(CUSTOMER).carts();
                    carts.get("c-1").await.unwrap();
                    let call = carts.checkout("c-1");
                    let call = if resumed { call.resume(sent_minutes_ago(5)) } else { call };
                    match call.await {
                        Ok(checkout) => {
                            assert_eq!(cart, "Ordered", "{row}");
                            assert!(matches!(checkout.into_inner(), Checkout::PlacedBefore(_)));
                        }
                        Err(error) => {
                            // A rate limit that stays closed past the deadline keeps the cart from being read.
                            assert_ne!(cart, "Ordered", "{row}, resumed {resumed}: {error}");
                            assert_eq!(
                                !error.is_outcome_unknown(),
                                settles,
                                "{row}, {cart}, resumed {resumed}: {body}"
                            );
                        }
                    }
                }
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_rejected_checkout_whose_cart_cannot_be_read_is_left_unknown() {
    let mut writes = 0;
    let service = FakeService::new(move |seen| {
        writes += usize::from(seen.method == Method::POST);
        match (seen.method == Method::POST, writes) {
            (true, 1) => FakeResponse::json(503, ""),
            _ => FakeResponse::json(404, fault_json(800_008)),
        }
    });

    let error = client(&service).customer(CUSTOMER).carts().checkout("c-1").await.unwrap_err();

    assert!(error.is_outcome_unknown(), "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_redirected_checkout_is_not_reported_as_failed() {
    let service = rejecting(302, String::new(), "Active", false);
    let error = client(&service).customer(CUSTOMER).carts().checkout("c-1").await.unwrap_err();
    assert!(error.is_outcome_unknown(), "{error}");

    let service = rejecting(302, String::new(), "Ordered", false);
    client(&service).customer(CUSTOMER).carts().checkout("c-1").await.unwrap();
}
