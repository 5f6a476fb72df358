//! Responses that arrive complete.

use partner_center_orders_api::runtime::Error;
use partner_center_orders_api::types;

use crate::{CUSTOMER, client};
use test_support::http::{responding, response};

const LIST: &str = r#"{"totalCount":0,"items":[],"attributes":{"objectType":"Collection"}}"#;

type ListResult =
    Result<partner_center_orders_api::runtime::ResponseValue<types::OrderCollection>, Error<types::Fault>>;

async fn list(response: Vec<u8>) -> ListResult {
    let (base_url, _server) = responding(response).await;
    client(&base_url).list_orders(CUSTOMER).send().await
}

#[tokio::test]
async fn status_and_headers_are_returned() {
    let headers = ["MS-RequestId: 11", "MS-CorrelationId: 22", "ETag: \"33\"", "X-Locale: en-US,en-US"];
    let orders = list(response("203 Odd", &headers, LIST)).await.unwrap();
    assert_eq!(orders.status(), 203);
    assert_eq!(orders.request_id(), Some("11"));
    assert_eq!(orders.correlation_id(), Some("22"));
    assert_eq!(orders.etag(), Some("\"33\""));
    assert_eq!(orders.headers()["x-locale"], "en-US,en-US");
}

#[tokio::test]
async fn neither_body_nor_its_texts_are_printed() {
    let secret = "https://activation.example/token";
    let body = format!(r#"{{"totalCount":1,"items":"{secret}"}}"#);
    let error = list(response("200 OK", &[], body)).await.unwrap_err();
    let Error::InvalidResponse(invalid) = &error else { panic!("{error:?}") };
    assert!(invalid.text().contains(secret));
    let mut printed = format!("{error} {error:?}");
    let mut source = std::error::Error::source(&error);
    while let Some(cause) = source {
        printed = format!("{printed} {cause} {cause:?}");
        source = cause.source();
    }
    assert!(!printed.contains("activation.example"), "{printed}");
}
