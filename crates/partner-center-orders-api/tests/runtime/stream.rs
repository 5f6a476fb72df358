//! Responses that are read as they arrive.

use futures_util::StreamExt as _;
use partner_center_orders_api::runtime::{Error, TransportErrorKind};
use tokio::io::AsyncWriteExt;
use tokio::sync::oneshot;

use crate::{CUSTOMER, client};
use test_support::http::{Request, responding, response, serve};

#[tokio::test]
async fn a_chunk_arrives_before_the_next_is_sent() {
    let (received, wait) = oneshot::channel::<()>();
    let (base_url, _server) = serve(move |mut stream| async move {
        Request::read(&mut stream).await;
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\nMS-RequestId: 11\r\n\r\nabc").await.unwrap();
        wait.await.unwrap();
        stream.write_all(b"def").await.unwrap();
    })
    .await;
    let orders = client(&base_url).list_orders(CUSTOMER).stream().await.unwrap();
    assert_eq!(orders.request_id(), Some("11"));
    let mut orders = orders.into_inner();
    assert_eq!(orders.next().await.unwrap().unwrap(), "abc");
    received.send(()).unwrap();
    assert_eq!(orders.next().await.unwrap().unwrap(), "def");
    assert!(orders.next().await.is_none());
}

#[tokio::test]
async fn a_byte_order_mark_is_kept() {
    let (base_url, _server) = responding(response("200 OK", &[], "\u{feff}x")).await;
    let orders = client(&base_url).list_orders(CUSTOMER).stream().await.unwrap();
    let mut stream = orders.into_inner();
    assert_eq!(stream.next().await.unwrap().unwrap(), "\u{feff}x");
}

#[tokio::test]
async fn an_early_end_is_an_error_of_the_stream() {
    let (base_url, _server) = responding("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc").await;
    let orders = client(&base_url).list_orders(CUSTOMER).stream().await.unwrap();
    let mut stream = orders.into_inner();
    assert_eq!(stream.next().await.unwrap().unwrap(), "abc");
    assert!(stream.next().await.unwrap().unwrap_err().kind() == TransportErrorKind::Interrupted);
}

#[tokio::test]
async fn an_error_response_is_typed() {
    let fault = r#"{"code":"800043","description":"No prices."}"#;
    let (base_url, _server) = responding(response("403 Forbidden", &[], fault)).await;
    let error = client(&base_url).list_orders(CUSTOMER).stream().await.unwrap_err();
    assert!(matches!(&error, Error::ErrorResponse(fault) if fault.code.as_ref().unwrap().number() == Some(800_043)));
}

#[tokio::test]
async fn it_is_requested_as_json() {
    let (base_url, server) = responding(response("200 OK", &[], "{}")).await;
    client(&base_url).list_orders(CUSTOMER).stream().await.unwrap();
    assert_eq!(server.await.unwrap().header("accept"), Some("application/json"));
}
