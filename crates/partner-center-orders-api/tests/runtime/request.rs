//! The requests that are sent.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use futures_util::FutureExt as _;
use partner_center_orders_api::Client;
use partner_center_orders_api::runtime::{
    CallOptions, Error, HttpTransport, OperationInfo, SharedTransport, Transport, TransportError, TransportErrorKind,
    TransportFuture, encode_path,
};
use proptest::prelude::*;

use crate::{CUSTOMER, client, client_with, http};
use test_support::http::{Request, responding, response};

async fn request() -> Request {
    let (base_url, server) = responding(response("404 Not Found", &[], "{}")).await;
    client(&base_url).get_order(CUSTOMER, "abc").include_price(true).send().await.unwrap_err();
    server.await.unwrap()
}

#[tokio::test]
async fn nothing_is_added_to_the_generated_request() {
    let request = request().await;
    assert_eq!(request.line, format!("GET /v1/customers/{CUSTOMER}/orders/abc?include_price=true HTTP/1.1"));
    assert_eq!(request.header_names(), ["accept", "accept-encoding", "host"]);
    assert_eq!(request.header("accept"), Some("application/json"));
}

#[tokio::test]
async fn a_post_without_a_body_has_length_zero() {
    let (base_url, server) = responding(response("404 Not Found", &[], "{}")).await;
    client(&base_url).checkout_cart(CUSTOMER, "c").send().await.unwrap_err();
    assert_eq!(server.await.unwrap().header("content-length"), Some("0"));
}

#[tokio::test]
async fn an_enum_in_the_query_is_written_as_on_the_wire() {
    let (base_url, server) = responding(response("404 Not Found", &[], "{}")).await;
    let call = client(&base_url);
    call.list_orders(CUSTOMER).billing_type("a b&c").send().await.unwrap_err();
    assert!(server.await.unwrap().line.contains("/orders?billingType=a+b%26c "));
}

/// Counts requests, and sends nothing.
#[derive(Clone, Debug, Default)]
struct Counting(Arc<AtomicUsize>);

impl Transport for Counting {
    fn send<'a>(&'a self, _: reqwest::Request, _: OperationInfo, _: &'a CallOptions) -> TransportFuture<'a> {
        self.0.fetch_add(1, Ordering::Relaxed);
        Box::pin(async { Err(TransportError::new(TransportErrorKind::Connect)) })
    }
}

#[tokio::test]
async fn a_segment_that_addresses_another_resource_is_rejected_before_anything_is_sent() {
    let sender = Counting::default();
    for id in ["", ".", ".."] {
        let client = Client::new("http://127.0.0.1:9/v1", SharedTransport::new(sender.clone()));
        let error = client.get_order(CUSTOMER, id).send().await.unwrap_err();
        assert!(matches!(error, Error::InvalidRequest(_)), "{id}: {error:?}");
    }
    assert_eq!(sender.0.load(Ordering::Relaxed), 0);
}

#[tokio::test]
async fn a_locale_that_no_header_can_have_is_rejected() {
    let call = CallOptions::new().locale("de\nDE");
    let client = client_with("http://127.0.0.1:9/v1", HttpTransport::new(http()), call);
    let error = client.get_order(CUSTOMER, "abc").send().await.unwrap_err();
    assert!(matches!(&error, Error::Transport(error) if error.kind() == TransportErrorKind::Request), "{error:?}");
}

#[tokio::test]
async fn an_invalid_base_url_is_rejected() {
    let client = client("not an address");
    let error = client.get_order(CUSTOMER, "abc").send().await.unwrap_err();
    assert!(matches!(error, Error::InvalidRequest(_)), "{error:?}");
}

#[tokio::test]
async fn a_base_url_with_more_than_a_path_is_rejected_before_anything_is_sent() {
    let sender = Counting::default();
    for base_url in [
        "http://127.0.0.1:9/v1?to=",
        "http://127.0.0.1:9/v1#",
        "http://name:word@127.0.0.1:9/v1",
        "http://me@127.0.0.1:9/v1",
    ] {
        let client = Client::new(base_url, SharedTransport::new(sender.clone()));
        let error = client.get_order(CUSTOMER, "abc").send().await.unwrap_err();
        let is_request = matches!(&error, Error::Transport(error) if error.kind() == TransportErrorKind::Request);
        assert!(is_request, "{base_url}: {error:?}");
    }
    assert_eq!(sender.0.load(Ordering::Relaxed), 0);
}

#[tokio::test]
async fn an_escape_in_an_id_is_sent_literally() {
    for (id, segment) in [("a%2Fb", "a%252Fb"), ("%2e%2e", "%252e%252e"), ("%", "%25"), ("a/../b", "a%2F..%2Fb")] {
        let (base_url, server) = responding(response("404 Not Found", &[], "{}")).await;
        client(&base_url).get_order(CUSTOMER, id).send().await.unwrap_err();
        let expected = format!("GET /v1/customers/{CUSTOMER}/orders/{segment} HTTP/1.1");
        assert_eq!(server.await.unwrap().line, expected);
    }
}

#[test]
fn errors_show_no_control_characters() {
    let hostile = "a\u{1b}[2J\r\n\u{9b}31m\u{202e}b";
    let parse = hostile.parse::<partner_center_orders_api::wire::Money>().unwrap_err();
    let text = serde_json::json!({"uri": {hostile: 1}, "method": "GET"}).to_string();
    let decode = partner_center_orders_api::runtime::decode::<std::collections::BTreeMap<String, i32>>(
        serde_json::json!({ hostile: "x" }).to_string().as_bytes(),
    )
    .unwrap_err();
    let request: Error = Error::InvalidRequest(hostile.to_owned());
    let payload =
        partner_center_orders_api::runtime::decode_payload::<partner_center_orders_api::types::Link>(text.as_bytes());
    for shown in [parse.to_string(), decode.to_string(), request.to_string(), payload.unwrap_err().to_string()] {
        assert!(!shown.contains(['\u{1b}', '\r', '\n', '\u{9b}', '\u{202e}']), "{shown:?}");
    }
    assert!(decode.to_string().contains("a\\u{1b}[2J\\u{d}\\u{a}\\u{9b}31m\\u{202e}b"), "{decode}");
    assert_eq!(decode.path(), hostile, "programs get the text unescaped");
}

#[tokio::test]
async fn a_value_that_no_header_can_have_is_rejected_and_named() {
    let sender = Counting::default();
    let client = Client::new("http://127.0.0.1:9/v1", SharedTransport::new(sender.clone()));
    let call = client.checkout_cart(CUSTOMER, "c").x_ms_customeruser_upn("a\nb");
    let error = call.send().await.unwrap_err();
    let is_named = matches!(&error, Error::InvalidRequest(problem) if problem.contains("`x-ms-customeruser-upn`"));
    assert!(is_named, "{error:?}");
    assert_eq!(sender.0.load(Ordering::Relaxed), 0);
}

#[tokio::test]
async fn nothing_is_sent_before_the_future_is_awaited() {
    let sender = Counting::default();
    let client = Client::new("http://127.0.0.1:9/v1", SharedTransport::new(sender.clone()));
    drop(client.get_order(CUSTOMER, "abc").send());
    drop(client.list_orders(CUSTOMER).stream());
    assert_eq!(sender.0.load(Ordering::Relaxed), 0);
}

#[tokio::test]
async fn an_option_that_is_set_again_is_sent_once() {
    let (base_url, server) = responding(response("404 Not Found", &[], "{}")).await;
    let client = client(&base_url);
    client.get_order(CUSTOMER, "abc").include_price(true).include_price(false).send().await.unwrap_err();
    assert!(server.await.unwrap().line.contains("/orders/abc?include_price=false "));
}

/// Keeps the address of the last request, and sends nothing.
#[derive(Clone, Debug, Default)]
struct Addressed(Arc<Mutex<Option<reqwest::Url>>>);

impl Transport for Addressed {
    fn send<'a>(&'a self, request: reqwest::Request, _: OperationInfo, _: &'a CallOptions) -> TransportFuture<'a> {
        *self.0.lock().unwrap() = Some(request.url().clone());
        Box::pin(async { Err(TransportError::new(TransportErrorKind::Connect)) })
    }
}

proptest! {
    #![proptest_config(crate::property(256))]

    #[test]
    fn any_text_in_path_and_query_is_written_as_a_browser_does(id in any::<String>(), text in any::<String>()) {
        prop_assume!(!matches!(id.as_str(), "" | "." | ".."));
        let addressed = Addressed::default();
        let client = Client::new("http://127.0.0.1/v1", SharedTransport::new(addressed.clone()));
        client.list_orders(CUSTOMER).include_price(true).indirect_reseller_id(&text).send().now_or_never().unwrap().unwrap_err();
        let mut expected = reqwest::Url::parse(&format!("http://127.0.0.1/v1/customers/{CUSTOMER}/orders")).unwrap();
        expected.query_pairs_mut().append_pair("include_price", "true").append_pair("indirect_reseller_id", &text);
        prop_assert_eq!(addressed.0.lock().unwrap().take(), Some(expected));

        client.get_order(CUSTOMER, &id).send().now_or_never().unwrap().unwrap_err();
        let path = format!("http://127.0.0.1/v1/customers/{CUSTOMER}/orders/{}", encode_path(&id).unwrap());
        prop_assert_eq!(addressed.0.lock().unwrap().take(), Some(reqwest::Url::parse(&path).unwrap()));
    }

    #[test]
    fn any_other_segment_stays_one_segment_with_its_value(segment in any::<String>()) {
        prop_assume!(!matches!(segment.as_str(), "" | "." | ".."));
        let encoded = encode_path(&segment).unwrap();
        let address = format!("http://127.0.0.1/v1/orders/{encoded}/x");
        let url = reqwest::Url::parse(&address).unwrap();
        let segments: Vec<&str> = url.path_segments().unwrap().collect();
        prop_assert_eq!(&segments, &["v1", "orders", encoded.as_ref(), "x"]);
        let decoded = percent_encoding::percent_decode_str(&encoded).decode_utf8().unwrap();
        prop_assert_eq!(decoded, segment.as_str());
    }
}
