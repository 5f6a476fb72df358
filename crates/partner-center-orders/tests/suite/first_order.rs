use std::collections::BTreeSet;
use std::time::Duration;

use http::StatusCode;
use partner_center_orders::{
    Attachments, Carts, CredentialError, Customer, ErrorCode, ErrorKind, Orders, PartnerCenter, RateLimit, RetryPolicy,
    Subscriptions, Uuid,
};

use crate::support::{CUSTOMER, FakeResponse, FakeService, client, fault_json, order_json};

#[test]
fn clients_and_handles_can_be_shared_between_threads() {
    fn shareable<T: Send + Sync + Clone + 'static>() {}
    fn sendable<T: Send + 'static>(_: T) {}
    shareable::<PartnerCenter>();
    shareable::<Customer>();
    shareable::<Orders>();
    shareable::<Carts>();
    shareable::<Subscriptions>();
    shareable::<Attachments>();
    shareable::<RateLimit>();
    shareable::<RetryPolicy>();
    shareable::<CredentialError>();
    let orders = client(&FakeService::script([])).customer(CUSTOMER).orders();
    sendable(orders.get("o-1").send());
    sendable(orders.list().stream());
}

#[tokio::test(start_paused = true)]
async fn an_order_is_read_with_ids_and_token() {
    let service = FakeService::script([FakeResponse::json(200, format!("\u{feff}{}", order_json("5cf72f146967")))
        .with("ms-requestid", "9c6e36ed-8b5b-4e5a-8f8c-0cbd0c4c1a3e")
        .with("etag", "\"abc\"")]);

    let order = client(&service).customer(CUSTOMER).orders().get("5cf72f146967").await.unwrap();

    assert_eq!(order.id, "5cf72f146967");
    assert_eq!(order.status(), StatusCode::OK);
    assert_eq!(order.service_request_id(), Some("9c6e36ed-8b5b-4e5a-8f8c-0cbd0c4c1a3e"));
    assert_eq!(order.etag(), Some("\"abc\""));
    let seen = &service.seen()[0];
    assert_eq!(seen.url.as_str(), format!("https://partner.example/v1/customers/{CUSTOMER}/orders/5cf72f146967"));
    assert_eq!(seen.header("authorization"), "Bearer token-1");
    assert_eq!(seen.header("ms-requestid"), order.request_id().to_string());
    assert_eq!(seen.header("ms-correlationid"), order.correlation_id().to_string());
}

#[tokio::test(start_paused = true)]
async fn a_response_has_the_ids_of_the_service_and_no_others() {
    let service = FakeService::script([
        FakeResponse::json(200, order_json("o-1"))
            .with("ms-requestid", "theirs")
            .with("ms-correlationid", "theirs too"),
        FakeResponse::json(200, order_json("o-1")),
    ]);
    let orders = client(&service).customer(CUSTOMER).orders();

    for expected in [[Some("theirs"), Some("theirs too")], [None, None]] {
        let order = orders.get("o-1").await.unwrap();
        assert_eq!([order.service_request_id(), order.service_correlation_id()], expected);
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_and_its_deadline_begin_when_it_is_awaited() {
    let service = FakeService::new(|_| FakeResponse::json(200, order_json("5cf72f146967")));
    let orders = client(&service).customer(CUSTOMER).orders();

    let call = orders.get("5cf72f146967").deadline(Duration::from_secs(10)).send();
    tokio::time::advance(Duration::from_secs(20)).await;
    assert!(service.seen().is_empty());

    call.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn every_call_has_two_ids_of_its_own() {
    let service = FakeService::new(|_| FakeResponse::json(200, order_json("5cf72f146967")));
    let orders = client(&service).customer(CUSTOMER).orders();

    orders.get("5cf72f146967").await.unwrap();
    orders.get("5cf72f146967").await.unwrap();

    let seen = service.seen();
    let ids: BTreeSet<_> =
        seen.iter().flat_map(|seen| ["ms-requestid", "ms-correlationid"].map(|name| seen.header(name))).collect();
    assert_eq!(ids.len(), 4);
    assert!(ids.iter().all(|id| Uuid::parse_str(id).unwrap().get_version_num() == 4), "{ids:?}");
}

#[tokio::test(start_paused = true)]
async fn options_of_a_call_reach_the_wire() {
    let service = FakeService::script([FakeResponse::json(200, order_json("5cf72f146967"))]);
    let (request_id, correlation_id) = (Uuid::from_u128(7), Uuid::from_u128(8));

    client(&service)
        .customer(CUSTOMER)
        .orders()
        .get("5cf72f146967")
        .include_price()
        .locale("de-DE")
        .request_id(request_id)
        .correlation_id(correlation_id)
        .await
        .unwrap();

    let seen = &service.seen()[0];
    assert_eq!(seen.url.query(), Some("include_price=true"));
    assert_eq!(seen.header("x-locale"), "de-DE");
    assert_eq!(seen.header("ms-requestid"), request_id.to_string());
    assert_eq!(seen.header("ms-correlationid"), correlation_id.to_string());
}

#[tokio::test(start_paused = true)]
async fn orders_are_listed_as_a_vec() {
    let (first, second) = (order_json("a"), order_json("b"));
    let list = format!(r#"{{"totalCount":2,"items":[{first},{second}],"attributes":{{"objectType":"Collection"}}}}"#);
    let service = FakeService::script([FakeResponse::json(200, list)]);

    let orders = client(&service).customer(CUSTOMER).orders().list().await.unwrap();

    let ids: Vec<_> = orders.iter().map(|order| order.id.as_str()).collect();
    assert_eq!(ids, ["a", "b"]);
}

#[tokio::test(start_paused = true)]
async fn an_error_response_has_a_meaning_and_a_remedy() {
    let service = FakeService::script([FakeResponse::json(404, fault_json(20000))]);

    let error = client(&service).customer(CUSTOMER).orders().get("5cf72f146967").await.unwrap_err();

    assert!(error.is_not_found());
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert_eq!(error.code(), Some(ErrorCode::OrderNotFound));
    assert_eq!(error.status(), Some(StatusCode::NOT_FOUND));
    assert_eq!(error.raw_body(), fault_json(20000).as_bytes());
    let line = error.to_string();
    let request_id = error.request_id().unwrap().to_string();
    for part in ["get_order failed: 404 Not Found, code 20000: There is no order with this id.", &request_id] {
        assert!(line.contains(part), "{line}");
    }
    assert!(!line.contains('\n'));
}
