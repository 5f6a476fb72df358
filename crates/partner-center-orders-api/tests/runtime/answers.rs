//! What becomes of answers that came whole.

use partner_center_orders_api::runtime::Error;
use partner_center_orders_api::types;

use crate::server::{answer, answering};
use crate::{CUSTOMER, client};

const LIST: &str = r#"{"totalCount":0,"items":[],"attributes":{"objectType":"Collection"}}"#;

type Answer = Result<partner_center_orders_api::runtime::ResponseValue<types::OrderCollection>, Error<types::Fault>>;

async fn list(answer: Vec<u8>) -> Answer {
    let (base_url, _server) = answering(answer).await;
    client(&base_url).list_orders().customer_id(CUSTOMER).send().await
}

#[tokio::test]
async fn status_and_headers_come_along() {
    let headers = ["MS-RequestId: 11", "MS-CorrelationId: 22", "ETag: \"33\"", "X-Locale: en-US,en-US"];
    let orders = list(answer("203 Odd", &headers, LIST)).await.unwrap();
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
    let error = list(answer("200 OK", &[], body)).await.unwrap_err();
    let Error::InvalidResponse(unreadable) = &error else { panic!("{error:?}") };
    assert!(unreadable.text().contains(secret));
    let mut printed = format!("{error} {error:?}");
    let mut source = std::error::Error::source(&error);
    while let Some(cause) = source {
        printed = format!("{printed} {cause} {cause:?}");
        source = cause.source();
    }
    assert!(!printed.contains("activation.example"), "{printed}");
}
