//! Responses that don't arrive, or arrive incomplete.

use std::time::Duration;

use partner_center_orders_api::Operation;
use partner_center_orders_api::runtime::{CallOptions, Error, HttpTransport, TransportError, TransportErrorKind};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::oneshot;

use crate::{CUSTOMER, client, client_with, http};
use test_support::http::{Request, Unreachable, responding, response, serve};

async fn failure_with(base_url: &str, transport: HttpTransport, call: CallOptions) -> TransportError {
    let client = client_with(base_url, transport, call);
    match client.list_orders(CUSTOMER).send().await {
        Err(Error::Transport(error)) => error,
        other => panic!("no transport error: {other:?}"),
    }
}

async fn failure(base_url: &str) -> TransportError {
    failure_with(base_url, HttpTransport::new(http()), CallOptions::new()).await
}

/// Closes the connection so that the other side sees a reset.
fn reset(stream: TcpStream) {
    stream.set_zero_linger().unwrap();
    drop(stream);
}

#[tokio::test]
async fn an_error_is_one_line_without_the_address() {
    let unreachable = Unreachable::new();
    let error = failure(&unreachable.base_url()).await;
    let line = error.to_string();
    assert_eq!(line, "list_orders: no connection to the service");
    assert!(!format!("{error:?}").contains(&CUSTOMER.to_string()), "{error:?}");
}

#[tokio::test]
async fn a_connection_closed_without_a_response_is_interrupted() {
    let (base_url, _server) = serve(|mut stream| async move {
        Request::read(&mut stream).await;
    })
    .await;
    let error = failure(&base_url).await;
    assert_eq!(error.kind(), TransportErrorKind::Interrupted);
    assert!(error.maybe_sent() && error.status().is_none());
}

#[tokio::test]
async fn a_reset_in_the_middle_of_a_body_is_interrupted() {
    let (base_url, _server) = serve(|mut stream| async move {
        Request::read(&mut stream).await;
        let head = b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\nMS-RequestId: 11\r\n\r\n{\"totalCount\":";
        stream.write_all(head).await.unwrap();
        reset(stream);
    })
    .await;
    let error = failure(&base_url).await;
    assert_eq!(error.kind(), TransportErrorKind::Interrupted);
    assert_eq!(error.operation(), Some(Operation::ListOrders));
    // The reset may arrive before the head, but a head is never wrong.
    if let (Some(status), Some(headers)) = (error.status(), error.headers()) {
        assert_eq!((status.as_u16(), headers["ms-requestid"].as_bytes()), (200, b"11".as_slice()));
    }
}

#[tokio::test]
async fn a_body_that_ends_early_is_interrupted_and_keeps_the_head() {
    let (base_url, _server) =
        responding("HTTP/1.1 429 Too Many Requests\r\nContent-Length: 1000\r\nRetry-After: 7\r\n\r\n{\"statusCode\":")
            .await;
    let error = failure(&base_url).await;
    assert_eq!(error.kind(), TransportErrorKind::Interrupted);
    assert_eq!(error.status().unwrap(), 429);
    assert_eq!(error.headers().unwrap()["retry-after"], "7");
}

#[tokio::test]
async fn something_that_is_not_http_is_interrupted() {
    let (base_url, _server) = responding("220 mail.example ESMTP\r\n").await;
    assert_eq!(failure(&base_url).await.kind(), TransportErrorKind::Interrupted);
}

#[tokio::test]
async fn a_body_that_grows_too_large_is_abandoned() {
    let mut chunked = String::from("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    for _ in 0..20 {
        chunked.push_str("a\r\n0123456789\r\n");
    }
    // No closing chunk: the limit has to end it.
    let (base_url, _server) = responding(chunked).await;
    let error = failure_with(&base_url, HttpTransport::new(http()).with_body_limit(100), CallOptions::new()).await;
    assert_eq!(error.kind(), TransportErrorKind::ResponseTooLarge);
}

#[tokio::test]
async fn the_limit_counts_decompressed_bytes() {
    let (base_url, _server) = responding(response("200 OK", &["Content-Encoding: gzip"], BLANKS)).await;
    let error = failure_with(&base_url, HttpTransport::new(http()).with_body_limit(4_000), CallOptions::new()).await;
    assert_eq!(error.kind(), TransportErrorKind::ResponseTooLarge);
}

#[tokio::test]
async fn compression_that_ends_early_is_interrupted() {
    let (base_url, _server) =
        responding(response("200 OK", &["Content-Encoding: gzip"], &BLANKS[..BLANKS.len() - 9])).await;
    assert_eq!(failure(&base_url).await.kind(), TransportErrorKind::Interrupted);
}

/// The failure of a call whose deadline passes as soon as the server is silent: time is paused then, and jumps.
async fn failure_in_silence(base_url: &str, silent: oneshot::Receiver<()>) -> TransportError {
    let call = CallOptions::new().deadline(Duration::from_secs(3600));
    let silence = async {
        silent.await.unwrap();
        tokio::time::pause();
    };
    tokio::join!(failure_with(base_url, HttpTransport::new(http()), call), silence).0
}

#[tokio::test]
async fn silence_ends_at_the_calls_deadline() {
    let (falls_silent, silent) = oneshot::channel();
    let (base_url, _server) = serve(|mut stream| async move {
        Request::read(&mut stream).await;
        falls_silent.send(()).unwrap();
        stream.read_u8().await
    })
    .await;
    let error = failure_in_silence(&base_url, silent).await;
    assert!(error.kind() == TransportErrorKind::Timeout && error.maybe_sent());
}

#[tokio::test]
async fn silence_in_the_middle_of_a_body_ends_too() {
    let (falls_silent, silent) = oneshot::channel();
    let (base_url, _server) = serve(|mut stream| async move {
        Request::read(&mut stream).await;
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{").await.unwrap();
        falls_silent.send(()).unwrap();
        stream.read_u8().await
    })
    .await;
    let error = failure_in_silence(&base_url, silent).await;
    assert_eq!(error.kind(), TransportErrorKind::Timeout);
}

#[tokio::test]
async fn an_error_response_to_a_streaming_call_is_read_within_the_attempt() {
    let (base_url, _server) = responding("HTTP/1.1 503 Busy\r\nContent-Length: 1000\r\n\r\n{\"code\":").await;
    let error = client(&base_url).list_orders(CUSTOMER).stream().await.unwrap_err();
    assert!(matches!(&error, Error::Transport(error) if error.kind() == TransportErrorKind::Interrupted), "{error:?}");
    assert_eq!(error.status().unwrap(), 503);
}

#[tokio::test]
async fn a_refused_stream_is_not_retried_silently() {
    const SETTINGS: &[u8] = &[0, 0, 0, 4, 0, 0, 0, 0, 0];
    let (base_url, server) = serve(|mut connection| async move {
        let mut requests = 0;
        connection.read_exact(&mut [0; 24]).await.unwrap();
        connection.write_all(SETTINGS).await.unwrap();
        let mut head = [0; 9];
        while connection.read_exact(&mut head).await.is_ok() {
            let length = u32::from_be_bytes([0, head[0], head[1], head[2]]);
            connection.read_exact(&mut vec![0; usize::try_from(length).unwrap()]).await.unwrap();
            if head[3] == 1 {
                requests += 1;
                // RST_STREAM with REFUSED_STREAM: the service says that it did nothing.
                connection.write_all(&[0, 0, 4, 3, 0]).await.unwrap();
                connection.write_all(&head[5..]).await.unwrap();
                connection.write_all(&[0, 0, 0, 7]).await.unwrap();
            }
        }
        requests
    })
    .await;
    let http = HttpTransport::http_client().no_proxy().http2_prior_knowledge().build().unwrap();
    failure_with(&base_url, HttpTransport::new(http), CallOptions::new()).await;
    assert_eq!(server.await.unwrap(), 1);
}

/// `{}` and 4,000 blanks, compressed.
const BLANKS: &[u8] = &[
    31, 139, 8, 0, 0, 0, 0, 0, 2, 255, 237, 193, 65, 17, 0, 0, 12, 2, 160, 42, 235, 233, 173, 187, 49, 252, 0, 249, 3,
    0, 0, 0, 230, 10, 33, 174, 29, 116, 162, 15, 0, 0,
];

#[test]
fn a_delay_is_shown_if_there_is_one() {
    let shown = |seconds| TransportError::new(TransportErrorKind::Throttled).with_retry_after(seconds).to_string();
    assert!(shown(Duration::from_secs(1)).ends_with("; retry after 1 s"));
    assert!(!shown(Duration::ZERO).contains("retry after"));
    let delay = Duration::from_secs(7);
    let error = TransportError::new(TransportErrorKind::Throttled);
    assert_eq!(error.retry_after(), None);
    assert_eq!(error.with_retry_after(delay).retry_after(), Some(delay));
}
