//! Every failure below a generated call reaches the caller complete and typed.

#![allow(clippy::unwrap_used, reason = "a test may fail")]

use std::error::Error as _;

use partner_center_orders_api::runtime::{
    CallOptions, DecodeError, Error, HttpTransport, OperationInfo, ResponseValue, SharedTransport, Transport,
    TransportError, TransportErrorKind, TransportFuture,
};
use partner_center_orders_api::types::{Fault, Order};
use partner_center_orders_api::{Client, ErrorCode, Operation};
use test_support::http::{Unreachable, responding, response};
use uuid::Uuid;

type Outcome = Result<ResponseValue<Order>, Error<Fault>>;

async fn fetch(base_url: &str, transport: SharedTransport) -> Outcome {
    Client::new(base_url, transport).get_order(Uuid::nil(), "5cf72f146967").send().await
}

fn http_transport() -> SharedTransport {
    SharedTransport::new(HttpTransport::new(HttpTransport::http_client().no_proxy().build().unwrap()))
}

async fn outcome_of(response: impl Into<Vec<u8>>) -> Outcome {
    let (address, request) = responding(response).await;
    let outcome = fetch(&address, http_transport()).await;
    request.await.unwrap();
    outcome
}

const ORDER: &str =
    r#"{"id":"5cf72f146967","referenceCustomerId":"c","creationDate":"2021-06-01T10:00:00Z","lineItems":[]}"#;

#[tokio::test]
async fn a_missing_credential_keeps_its_cause() {
    #[derive(Debug)]
    struct NoCredential;

    #[derive(Debug, thiserror::Error)]
    #[error("the secret has expired")]
    struct Expired;

    impl Transport for NoCredential {
        fn send<'a>(&'a self, _: reqwest::Request, info: OperationInfo, _: &'a CallOptions) -> TransportFuture<'a> {
            Box::pin(async move {
                Err(TransportError::with_source(TransportErrorKind::Credential, Expired).during(info.operation))
            })
        }
    }

    let Err(Error::Transport(error)) = fetch("http://127.0.0.1:1/v1", SharedTransport::new(NoCredential)).await else {
        panic!("no transport error");
    };
    assert_eq!((error.kind(), error.operation()), (TransportErrorKind::Credential, Some(Operation::GetOrder)));
    assert!(error.source().unwrap().downcast_ref::<Expired>().is_some());
    assert!(!error.maybe_sent());
}

#[tokio::test]
async fn no_error_repeats_its_cause() {
    let invalid = outcome_of(response("200 OK", &[], "[]")).await.unwrap_err();
    assert!(invalid.source().unwrap().downcast_ref::<DecodeError>().is_some());
    let interrupted = outcome_of("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{").await.unwrap_err();

    for mut error in [&invalid as &dyn std::error::Error, &interrupted] {
        let mut messages = vec![error.to_string()];
        while let Some(cause) = error.source() {
            error = cause;
            messages.push(error.to_string());
        }

        assert!(messages.len() > 1, "{messages:?}");
        assert!(messages.iter().all(|text| !text.is_empty()), "{messages:?}");
        for (outer, inner) in messages.iter().zip(&messages[1..]) {
            assert!(!outer.contains(inner.as_str()), "{messages:?}");
        }
    }
}

#[tokio::test]
async fn a_request_without_a_connection_was_not_sent() {
    let unreachable = Unreachable::new();
    let Err(Error::Transport(error)) = fetch(&unreachable.base_url(), http_transport()).await else {
        panic!("no transport error")
    };
    assert_eq!(error.kind(), TransportErrorKind::Connect);
    assert!(!error.maybe_sent());
}

#[tokio::test]
async fn a_connection_that_breaks_in_the_middle_of_a_body_is_a_failed_attempt() {
    let half = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{}", ORDER.len(), &ORDER[..20]);
    let Err(Error::Transport(error)) = outcome_of(half).await else { panic!("no transport error") };
    assert_eq!(error.kind(), TransportErrorKind::Interrupted);
    assert!(error.maybe_sent());
}

#[tokio::test]
async fn a_gateways_page_keeps_status_headers_and_text() {
    let page =
        response("502 Bad Gateway", &["Content-Type: text/html", "X-Gateway: west"], "<html>upstream is away</html>");
    let Err(Error::InvalidResponse(response)) = outcome_of(page).await else { panic!("not an invalid response") };
    assert_eq!(response.status, 502);
    assert_eq!(response.headers["x-gateway"], "west");
    assert_eq!(response.text(), "<html>upstream is away</html>");
}

#[tokio::test]
async fn an_empty_401_keeps_its_headers() {
    let unauthorized = response("401 Unauthorized", &["WWW-Authenticate: OAuth realm=urn:cpsvc:cpid:7"], "");
    let error = outcome_of(unauthorized).await.unwrap_err();
    assert_eq!(error.status().unwrap(), 401);
    assert_eq!(error.headers().unwrap()["www-authenticate"], "OAuth realm=urn:cpsvc:cpid:7");
    let Error::InvalidResponse(response) = error else { panic!("not an invalid response") };
    assert!(response.error.is_empty_body());
}

#[tokio::test]
async fn a_success_without_body_is_neither_an_order_nor_an_error_response() {
    let Err(Error::InvalidResponse(response)) = outcome_of(response("200 OK", &[], "")).await else {
        panic!("not an invalid response");
    };
    assert_eq!(response.status, 200);
    assert!(response.error.is_empty_body());
}

#[tokio::test]
async fn an_error_response_keeps_code_ids_and_raw_body() {
    let body = r#"{"code":20000,"description":"no such order","data":[],"source":"PartnerFD"}"#;
    let not_found = response("404 Not Found", &["MS-RequestId: r-1", "MS-CorrelationId: c-1"], body);
    let Err(Error::ErrorResponse(fault)) = outcome_of(not_found).await else { panic!("no fault") };
    let code = fault.code.as_ref().and_then(partner_center_orders_api::wire::FaultCode::error_code);
    assert_eq!(code, Some(ErrorCode::from_number(20000)));
    assert_eq!((fault.request_id(), fault.correlation_id()), (Some("r-1"), Some("c-1")));
    assert_eq!(fault.raw_body().unwrap(), body.as_bytes());
}

#[tokio::test]
async fn a_byte_order_mark_is_removed() {
    let order = outcome_of(response("200 OK", &[], format!("\u{feff}{ORDER}"))).await.unwrap();
    assert_eq!(order.id, "5cf72f146967");
}

#[tokio::test]
async fn a_success_of_another_shape_names_the_member() {
    let payload = ORDER.replace("[]", "7");
    let Err(Error::InvalidResponse(response)) = outcome_of(response("200 OK", &[], &payload)).await else {
        panic!("not an invalid response");
    };
    assert_eq!(response.error.path(), "lineItems");
    assert_eq!(response.text(), payload);
}

#[tokio::test]
async fn a_body_beyond_the_limit_is_rejected() {
    let (address, request) = responding(response("200 OK", &[], ORDER)).await;
    let small = HttpTransport::new(HttpTransport::http_client().no_proxy().build().unwrap()).with_body_limit(16);
    let Err(Error::Transport(error)) = fetch(&address, SharedTransport::new(small)).await else {
        panic!("no transport error");
    };
    assert_eq!(error.kind(), TransportErrorKind::ResponseTooLarge);
    request.await.unwrap();
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let moved = response("302 Found", &["Location: http://127.0.0.1:1/elsewhere"], "");
    let Err(Error::UnexpectedResponse(response)) = outcome_of(moved).await else { panic!("followed or invalid") };
    assert_eq!(response.status(), 302);
}

#[tokio::test]
async fn the_options_of_a_call_become_headers_and_no_api_version_is_sent() {
    let (address, request) = responding(response("200 OK", &[], ORDER)).await;
    let call = CallOptions::new().request_id(Uuid::from_u128(1)).correlation_id(Uuid::from_u128(2)).locale("de-DE");
    fetch(&address, http_transport().with_call(call)).await.unwrap();
    let request = request.await.unwrap();
    assert_eq!(request.header("ms-requestid"), Some("00000000-0000-0000-0000-000000000001"));
    assert_eq!(request.header("ms-correlationid"), Some("00000000-0000-0000-0000-000000000002"));
    assert_eq!(request.header("x-locale"), Some("de-DE"));
    assert!(!format!("{request:?}").to_ascii_lowercase().contains("api-version"), "{request:?}");
}
