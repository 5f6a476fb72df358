//! The success forms of an operation that can respond before its work is done.

#![allow(clippy::unwrap_used, reason = "a test may fail")]

use partner_center_orders_api::Client;
use partner_center_orders_api::runtime::{Accepted, Error, HttpTransport, ResponseValue, SharedTransport, Success};
use partner_center_orders_api::types::{Fault, Subscription, SubscriptionPatch};
use test_support::http::{responding, response};
use uuid::Uuid;

const SUBSCRIPTION: &str = r#"{"id":"s-1","quantity":3,"status":"active"}"#;
const LOCATION: &str = "/customers/c-1/subscriptions/s-1";

type Updated = Result<ResponseValue<Success<Subscription>>, Error<Fault>>;

async fn updated(response: Vec<u8>) -> Updated {
    let (address, request) = responding(response).await;
    let transport = HttpTransport::new(HttpTransport::http_client().no_proxy().build().unwrap());
    let client = Client::new(address, SharedTransport::new(transport));
    let outcome = client.update_subscription(Uuid::nil(), "s-1", SubscriptionPatch::new()).send().await;
    request.await.unwrap();
    outcome
}

async fn accepted(headers: &[&str], body: &str) -> Accepted<Subscription> {
    let response = updated(response("202 Accepted", headers, body)).await.unwrap();
    assert_eq!(response.status(), 202);
    response.into_inner().accepted().unwrap()
}

#[tokio::test]
async fn a_200_is_done() {
    let updated = updated(response("200 OK", &[], SUBSCRIPTION)).await.unwrap();
    assert_eq!(updated.into_inner().done().unwrap().id, "s-1");
}

#[tokio::test]
async fn a_202_without_a_body_keeps_its_location() {
    let accepted = accepted(&[&format!("Location: {LOCATION}")], "").await;
    assert_eq!(accepted.location(), Some(LOCATION));
    assert_eq!((accepted.value(), accepted.raw_body().len()), (None, 0));
}

#[tokio::test]
async fn a_202_with_a_body_is_still_accepted_only_and_keeps_it() {
    let accepted = accepted(&[], SUBSCRIPTION).await;
    assert_eq!(accepted.location(), None);
    assert_eq!(accepted.value().unwrap().id, "s-1");
    assert_eq!(accepted.raw_body(), SUBSCRIPTION.as_bytes());
}

#[tokio::test]
async fn a_202_with_a_body_of_another_shape_is_no_error() {
    for body in ["[]", "<html>soon</html>", "{\"operationId\":\"7\"}"] {
        let accepted = accepted(&[&format!("Location: {LOCATION}")], body).await;
        assert_eq!((accepted.value(), accepted.location()), (None, Some(LOCATION)), "{body}");
        assert_eq!(accepted.raw_body(), body.as_bytes());
    }
}

#[tokio::test]
async fn a_200_without_a_body_is_not_taken_for_an_accepted_request() {
    let Err(Error::InvalidResponse(response)) = updated(response("200 OK", &[], "")).await else {
        panic!("not an invalid response");
    };
    assert!(response.error.is_empty_body());
}

#[tokio::test]
async fn debug_shows_no_body() {
    let accepted = accepted(&[], SUBSCRIPTION).await;
    let shown = format!("{accepted:?}");
    assert!(!shown.contains("s-1") && shown.contains("body_length: 43"), "{shown}");
}
