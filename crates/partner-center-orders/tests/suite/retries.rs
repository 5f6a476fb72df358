//! Retries: which attempts are repeated, and when.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use futures_util::StreamExt;
use partner_center_orders::types::{NewCart, NewOrder, OrderPatch, SubscriptionPatch};
use partner_center_orders::{
    BoxFuture, ClientSecret, Error, ErrorKind, Operation, PartnerCenter, RateLimit, RetryClass, RetryPolicy,
    RetryWrites, StaticToken, TransportError, TransportErrorKind,
};
use serde_json::json;

use crate::attachments::upload;
use crate::support::{CUSTOMER, FakeResponse, FakeService, RecordedRequest, client, fault_json, order_json, settings};

const TABLE: &str = include_str!("../../src/retry_table.md");

fn new_order() -> NewOrder {
    serde_json::from_value(json!({"lineItems": [{"lineItemNumber": 0, "offerId": "o", "quantity": 1}]})).unwrap()
}

fn new_cart() -> NewCart {
    serde_json::from_value(json!({"lineItems": [{"id": 0, "catalogItemId": "c", "quantity": 1}]})).unwrap()
}

/// Makes a call with the one request of an operation.
fn call(partner: &PartnerCenter, operation: Operation) -> BoxFuture<'static, Result<(), Error>> {
    let customer = partner.customer(CUSTOMER);
    let (orders, carts, subscriptions) = (customer.orders(), customer.carts(), customer.subscriptions());
    let attachments = orders.attachments("o-1");
    Box::pin(async move {
        match operation {
            Operation::CreateCart => carts.create(new_cart()).await.map(drop),
            Operation::GetCart => carts.get("c-1").await.map(drop),
            Operation::UpdateCart => carts.update("c-1", new_cart()).await.map(drop),
            Operation::CheckoutCart => carts.checkout("c-1").await.map(drop),
            Operation::ListOrders => orders.list().await.map(drop),
            Operation::CreateOrder => orders.create(new_order()).await.map(drop),
            Operation::GetOrder => orders.get("o-1").await.map(drop),
            Operation::UpdateOrder => orders.update("o-1", OrderPatch::default()).await.map(drop),
            Operation::ListOrderActivationLinks => orders.activation_links("o-1").await.map(drop),
            Operation::UploadOrderAttachments => attachments.upload(upload()).await.map(drop),
            Operation::DownloadOrderAttachment => attachments.download("a-1").await.map(drop),
            Operation::ListOrderAttachments => attachments.list().await.map(drop),
            Operation::ListLineItemActivationLinks => orders.line_activation_links("o-1", 0).await.map(drop),
            Operation::GetOrderProvisioningStatus => orders.provisioning_status("o-1").await.map(drop),
            Operation::ListSubscriptionsByOrder => orders.subscriptions("o-1").await.map(drop),
            Operation::GetSubscription => subscriptions.get("s-1").await.map(drop),
            Operation::UpdateSubscription => subscriptions.update("s-1", SubscriptionPatch::default()).await.map(drop),
            Operation::ActivateSandboxSubscription => subscriptions.activate_in_sandbox("s-1").await.map(drop),
            Operation::ListSubscriptionActivationLinks => subscriptions.activation_links("s-1").await.map(drop),
            Operation::GetSubscriptionProvisioningStatus => subscriptions.provisioning_status("s-1").await.map(drop),
            other => panic!("not called yet: {other}"),
        }
    })
}

/// The response of a row to every request, those for tokens included.
fn response(row: &str, seen: &RecordedRequest, tokens: &mut u32) -> FakeResponse {
    if seen.url.host_str() == Some("login.example") {
        return match row {
            "authentication unavailable" => FakeResponse::json(503, ""),
            "authentication rejected" => FakeResponse::json(401, r#"{"error":"invalid_client"}"#),
            _ => {
                *tokens += 1;
                FakeResponse::json(200, format!(r#"{{"token_type":"Bearer","access_token":"t-{tokens}"}}"#))
            }
        };
    }
    match row {
        "no connection" => FakeResponse::Failure(TransportError::new(TransportErrorKind::Connect)),
        "no response in time" => FakeResponse::Never,
        "connection broke" => FakeResponse::Failure(TransportError::new(TransportErrorKind::Interrupted)),
        "body too large" => FakeResponse::json(404, "x".repeat(2000)),
        "2xx" => FakeResponse::json(204, ""),
        "3xx" => FakeResponse::json(302, "").with("location", "https://elsewhere.example/"),
        _ => {
            let (status, code) = row.split_once(" with ").unwrap_or((row, "2000"));
            FakeResponse::json(status.parse().unwrap(), fault_json(code.parse().unwrap()))
        }
    }
}

/// A client, and a service that always gives it the response of this row.
fn client_of_row(row: &'static str, writes: RetryWrites) -> (PartnerCenter, FakeService) {
    let mut tokens = 0;
    let service = FakeService::new(move |seen| response(row, seen, &mut tokens));
    let partner = settings(&service)
        .credential(ClientSecret::new("contoso.example", "app-1", "secret"))
        .retry(RetryPolicy::default().writes(writes))
        .rate_limit(RateLimit::unlimited())
        .attempt_timeout(Duration::from_secs(10))
        .body_limit(1000)
        .build()
        .unwrap();
    (partner, service)
}

/// The number of requests of a call, all under one id.
async fn requests(partner: &PartnerCenter, service: &FakeService, operation: Operation, row: &str) -> usize {
    service.clear();
    let outcome = call(partner, operation).await;
    assert!(outcome.is_err() || row == "2xx", "{operation} {row}");

    let mut seen = service.seen();
    if row.starts_with("authentication") {
        return seen.len();
    }
    // Some calls read other resources afterwards, which don't count.
    seen.retain(|seen| seen.url.host_str() != Some("login.example"));
    let first = (seen[0].method.clone(), seen[0].url.clone());
    seen.retain(|seen| (seen.method.clone(), seen.url.clone()) == first);
    let ids: BTreeSet<_> = seen.iter().map(|seen| seen.header("ms-requestid").to_owned()).collect();
    assert_eq!(ids.len(), 1, "{operation} {row}");
    seen.len()
}

/// The rows of the table after this heading.
fn rows(heading: &str) -> Vec<Vec<&'static str>> {
    TABLE
        .lines()
        .skip_while(|line| !line.starts_with(&format!("| {heading} |")))
        .skip(2)
        .take_while(|line| line.starts_with('|'))
        .map(|line| line.trim_matches('|').split('|').map(str::trim).collect())
        .collect()
}

/// The documented column of each operation.
fn columns() -> BTreeMap<&'static str, Vec<Operation>> {
    rows("column")
        .into_iter()
        .map(|row| (row[0], row[1].split(", ").map(|id| id.trim_matches('`').parse().unwrap()).collect()))
        .collect()
}

#[test]
fn the_table_holds_every_operation_in_the_column_of_its_class() {
    let mut listed = 0;
    for (column, operations) in columns() {
        listed += operations.len();
        for operation in operations {
            let expected = match operation.retry_class() {
                RetryClass::Read => "reads",
                RetryClass::IdempotentWrite => "carts",
                _ => "other writes",
            };
            assert_eq!(column, expected, "{operation}");
        }
    }
    assert_eq!(listed, Operation::ALL.len());
}

#[tokio::test(start_paused = true)]
async fn every_operation_handles_every_response_as_the_table_says() {
    let columns = columns();
    let mut cells = 0;
    for row in rows("response") {
        for writes in [RetryWrites::SameId, RetryWrites::Never] {
            let (partner, service) = client_of_row(row[0], writes);
            for (cell, column) in row[1..].iter().zip(["reads", "carts", "other writes"]) {
                let expected = match (*cell, writes) {
                    ("ends", _) | ("same id", RetryWrites::Never) => 1,
                    ("once more", _) => 2,
                    ("again", _) | ("same id", RetryWrites::SameId) => 4,
                    other => panic!("unknown cell {other:?}"),
                };
                for operation in &columns[column] {
                    let made = requests(&partner, &service, *operation, row[0]).await;
                    assert_eq!(made, expected, "{operation}, {}, {writes:?}", row[0]);
                }
                cells += 1;
            }
        }
    }
    assert_eq!(cells, 25 * 3 * 2);
}

/// A service that gives these responses one after another, and then an order.
fn then_order(responses: impl IntoIterator<Item = FakeResponse>) -> FakeService {
    let mut responses: Vec<_> = responses.into_iter().collect();
    responses.reverse();
    FakeService::new(move |_| responses.pop().unwrap_or_else(|| FakeResponse::json(200, order_json("o-1"))))
}

async fn read(partner: &PartnerCenter) -> Result<u32, Error> {
    Ok(partner.customer(CUSTOMER).orders().get("o-1").await?.attempts())
}

#[tokio::test(start_paused = true)]
async fn backoff_is_random_and_grows() {
    let service = then_order([503, 503, 503].map(|status| FakeResponse::json(status, "")));

    assert_eq!(read(&client(&service)).await.unwrap(), 4);

    let at: Vec<_> = service.seen().iter().map(|seen| seen.at).collect();
    let waits: Vec<_> = at.windows(2).map(|pair| pair[1].saturating_sub(pair[0])).collect();
    for (wait, bound) in waits.iter().zip([500, 1000, 2000]) {
        assert!(*wait <= Duration::from_millis(bound + 1), "{waits:?}");
    }
    assert_ne!(waits[0], waits[1]);
}

#[tokio::test(start_paused = true)]
async fn no_backoff_exceeds_the_maximum() {
    let service = then_order([503; 7].map(|status| FakeResponse::json(status, "")));
    let longest = Duration::from_millis(700);
    let policy = RetryPolicy::default().max_attempts(8).max_backoff(longest);
    let partner = settings(&service).credential(StaticToken::new("token-1")).retry(policy).build().unwrap();

    assert_eq!(read(&partner).await.unwrap(), 8);

    let at: Vec<_> = service.seen().iter().map(|seen| seen.at).collect();
    let waits: Vec<_> = at.windows(2).map(|pair| pair[1].saturating_sub(pair[0])).collect();
    // tokio's clock counts whole milliseconds, and sleeps round up.
    assert!(waits.iter().all(|wait| *wait <= longest + Duration::from_millis(1)), "{waits:?}");
}

#[tokio::test(start_paused = true)]
async fn retry_after_is_obeyed() {
    let service = then_order([FakeResponse::json(503, "").with("retry-after", "30")]);

    read(&client(&service)).await.unwrap();

    assert!(service.seen()[1].at >= Duration::from_secs(30));
}

#[tokio::test(start_paused = true)]
async fn a_wait_beyond_the_deadline_is_not_begun() {
    for seconds in [20, 30] {
        let service =
            then_order([FakeResponse::json(503, fault_json(800_003)).with("retry-after", &seconds.to_string())]);
        let begun = tokio::time::Instant::now();

        let call = client(&service).customer(CUSTOMER).orders().get("o-1").deadline(Duration::from_secs(20));
        let error = call.await.unwrap_err();

        assert_eq!(error.kind(), ErrorKind::ServerError);
        assert_eq!(error.retry_after(), Some(Duration::from_secs(seconds)));
        assert_eq!(begun.elapsed(), Duration::ZERO);
    }
}

#[tokio::test(start_paused = true)]
async fn the_deadline_ends_an_attempt() {
    let service = FakeService::new(|_| FakeResponse::Never);
    let begun = tokio::time::Instant::now();

    let call = client(&service).customer(CUSTOMER).orders().get("o-1").deadline(Duration::from_secs(20));
    let error = call.await.unwrap_err();

    assert!(error.is_timeout());
    assert_eq!(begun.elapsed(), Duration::from_secs(20));
}

#[tokio::test(start_paused = true)]
async fn the_deadline_ends_the_wait_for_a_token_and_nothing_was_sent() {
    let service = FakeService::new(|_| FakeResponse::Never);
    let credential = ClientSecret::new("contoso.example", "app-1", "secret");
    let partner = settings(&service).credential(credential).build().unwrap();
    let begun = tokio::time::Instant::now();

    let call = partner.customer(CUSTOMER).orders().create(new_order()).deadline(Duration::from_secs(3));
    let error = call.await.unwrap_err();

    assert!(error.is_timeout() && !error.is_outcome_unknown(), "{error}");
    assert_eq!(begun.elapsed(), Duration::from_secs(3));
    assert!(service.seen().iter().all(|seen| seen.url.host_str() == Some("login.example")));
}

#[tokio::test(start_paused = true)]
async fn the_deadline_ends_the_reading_of_a_body_and_a_write_is_left_unknown() {
    let trickling = || {
        let begun = futures_util::stream::iter([Ok::<_, std::io::Error>("{\"id\":")]);
        let body = reqwest::Body::wrap_stream(begun.chain(futures_util::stream::pending()));
        FakeResponse::Response(http::StatusCode::CREATED, http::HeaderMap::new(), body)
    };
    let service = FakeService::new(move |_| trickling());
    let begun = tokio::time::Instant::now();

    let call = client(&service).customer(CUSTOMER).orders().create(new_order()).deadline(Duration::from_secs(3));
    let error = call.await.unwrap_err();

    assert!(error.is_outcome_unknown(), "{error}");
    assert_eq!(begun.elapsed(), Duration::from_secs(3));
    assert_eq!(service.seen()[0].header("ms-requestid"), error.pending_write().unwrap().request_id.to_string());
}

#[tokio::test(start_paused = true)]
async fn a_body_that_breaks_off_is_a_failed_attempt() {
    let broken = || {
        let chunks = [Ok("{\"id\":"), Err(std::io::Error::from(std::io::ErrorKind::ConnectionReset))];
        let body = reqwest::Body::wrap_stream(futures_util::stream::iter(chunks));
        FakeResponse::Response(http::StatusCode::OK, http::HeaderMap::new(), body)
    };
    let service = then_order([broken()]);

    assert_eq!(read(&client(&service)).await.unwrap(), 2);
}

fn never(service: &FakeService) -> PartnerCenter {
    settings(service)
        .credential(StaticToken::new("token-1"))
        .retry(RetryPolicy::default().writes(RetryWrites::Never))
        .build()
        .unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_write_without_final_response_is_outcome_unknown() {
    for response in [
        FakeResponse::json(500, ""),
        FakeResponse::json(504, fault_json(800_003)),
        FakeResponse::json(408, ""),
        FakeResponse::json(302, ""),
        FakeResponse::json(307, fault_json(2000)),
        FakeResponse::json(201, ""),
        FakeResponse::json(201, "<html>"),
        FakeResponse::json(201, r#"{"id": 7}"#),
        FakeResponse::Never,
        FakeResponse::Failure(TransportError::new(TransportErrorKind::Interrupted)),
    ] {
        let service = FakeService::script([response]);
        let error = never(&service).customer(CUSTOMER).orders().create(new_order()).await.unwrap_err();
        assert!(error.is_outcome_unknown(), "{error}");
        let pending_write = error.pending_write().unwrap();
        assert_eq!(service.seen()[0].header("ms-requestid"), pending_write.request_id.to_string());
        assert!(error.to_string().contains("resume"), "{error}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_write_whose_success_holds_half_a_fault_is_outcome_unknown() {
    for body in [r#"{"id":7,"description":"x"}"#, r#"{"id":7,"code":2000}"#] {
        let service = FakeService::script([FakeResponse::json(201, body)]);
        let error = never(&service).customer(CUSTOMER).orders().create(new_order()).await.unwrap_err();
        assert!(error.is_outcome_unknown(), "{body}: {error}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_write_that_was_rejected_or_never_sent_is_not_outcome_unknown() {
    for response in [
        FakeResponse::json(400, fault_json(2000)),
        FakeResponse::json(409, fault_json(800_060)),
        FakeResponse::json(401, ""),
        FakeResponse::json(429, ""),
        FakeResponse::json(200, fault_json(400_072)),
    ] {
        let service = FakeService::script([response]);
        let error = never(&service).customer(CUSTOMER).orders().create(new_order()).await.unwrap_err();
        assert!(!error.is_outcome_unknown(), "{error}");
    }
    let service = FakeService::new(|_| FakeResponse::Failure(TransportError::new(TransportErrorKind::Connect)));
    let error = never(&service).customer(CUSTOMER).orders().create(new_order()).await.unwrap_err();
    assert!(!error.is_outcome_unknown(), "{error}");
}

#[tokio::test(start_paused = true)]
async fn an_attempt_without_response_leaves_the_outcome_unknown_after_what_settles_nothing() {
    // An error for the rate limit, the token or another running request says nothing about the attempt before.
    for last in [
        FakeResponse::json(429, ""),
        FakeResponse::json(401, fault_json(900_421)),
        FakeResponse::json(409, fault_json(800_060)),
    ] {
        let mut responses = vec![last, FakeResponse::json(503, "")];
        let service = FakeService::new(move |_| responses.pop().unwrap_or_else(|| FakeResponse::json(429, "")));
        let error = client(&service).customer(CUSTOMER).orders().create(new_order()).await.unwrap_err();
        assert!(error.is_outcome_unknown(), "{error}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_business_error_settles_an_unknown_outcome() {
    let service = FakeService::script([FakeResponse::json(503, ""), FakeResponse::json(400, fault_json(2000))]);
    let error = client(&service).customer(CUSTOMER).orders().create(new_order()).await.unwrap_err();
    assert!(!error.is_outcome_unknown(), "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_read_is_never_outcome_unknown() {
    let service = FakeService::new(|_| FakeResponse::json(500, ""));
    let error = client(&service).customer(CUSTOMER).orders().list().await.unwrap_err();
    assert!(!error.is_outcome_unknown());
}
