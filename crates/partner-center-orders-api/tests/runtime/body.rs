//! Bodies that are read within the attempt.

use bytes::Bytes;
use http::StatusCode;
use partner_center_orders_api::runtime::{RawResponse, TransportErrorKind};

use crate::http;
use test_support::http::responding;

#[derive(Clone, Debug, PartialEq)]
struct Mark(u32);

fn in_memory(body: &'static str) -> reqwest::Response {
    let mut response = http::Response::new(Bytes::from_static(body.as_bytes()));
    *response.status_mut() = StatusCode::IM_A_TEAPOT;
    response.headers_mut().insert("x-mark", http::HeaderValue::from_static("1"));
    response.extensions_mut().insert(Mark(7));
    response.into()
}

#[tokio::test]
async fn status_headers_and_extensions_are_kept() {
    let response = RawResponse::read_whole(in_memory("text"), 4).await.unwrap();
    assert_eq!(response.status(), StatusCode::IM_A_TEAPOT);
    assert_eq!(response.headers()["x-mark"], "1");
    assert_eq!(response.extensions().get::<Mark>(), Some(&Mark(7)));
    assert_eq!(response.body().unwrap(), "text");
}

#[tokio::test]
async fn many_chunks_become_one_body() {
    let chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n2\r\nbc\r\n3\r\ndef\r\n0\r\n\r\n";
    let (base_url, _server) = responding(chunked).await;
    let request = http().get(base_url).build().unwrap();
    let response = RawResponse::read_whole(http().execute(request).await.unwrap(), 6).await.unwrap();
    assert_eq!(response.body().unwrap(), "abcdef");
}

#[tokio::test]
async fn one_byte_beyond_the_limit_is_an_error() {
    let error = RawResponse::read_whole(in_memory("text"), 3).await.unwrap_err();
    assert_eq!(error.kind(), TransportErrorKind::ResponseTooLarge);
    assert_eq!(error.status(), Some(StatusCode::IM_A_TEAPOT));
    assert_eq!(error.headers().unwrap()["x-mark"], "1");
}

#[tokio::test]
async fn the_beginning_of_an_error_response_is_kept() {
    let body = "x".repeat(2 * RawResponse::ERROR_BODY_LIMIT);
    let mut response = http::Response::new(Bytes::from(body));
    *response.status_mut() = StatusCode::BAD_REQUEST;
    let response = RawResponse::read_whole(response.into(), 4 * RawResponse::ERROR_BODY_LIMIT).await.unwrap();
    assert_eq!(response.status(), StatusCode::BAD_REQUEST);
    assert_eq!(response.body().unwrap().len(), RawResponse::ERROR_BODY_LIMIT);
}
