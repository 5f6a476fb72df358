//! Nothing that is emitted holds a token, secret or activation link, and names are those of OpenTelemetry.
//!
//! A program of its own: `tracing` caches for all threads of a process whether a callsite has a subscriber, and a thread that
//! reaches it first while a test installs its subscriber could have it cached that there is none.

#![allow(clippy::unwrap_used, unreachable_pub, reason = "tests")]

#[path = "suite/support.rs"]
mod support;

use std::fmt::{self, Write};
use std::sync::{Arc, Mutex};

use partner_center_orders::types::OrderLineItemActivationLink;
use partner_center_orders::{ClientSecret, RefreshToken, RetryPolicy, StaticToken, TransportError, TransportErrorKind};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

use crate::support::{CUSTOMER, FakeResponse, FakeService, client, fault_json, order_json, settings};

/// One test at a time.
static ALONE: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

/// Records everything that `tracing` receives, as text.
#[derive(Clone, Default)]
struct Recorder(Arc<Mutex<String>>);

struct Writer<'a>(&'a mut String);

impl Visit for Writer<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        write!(self.0, " {field}={value:?}").unwrap();
    }
}

impl Subscriber for Recorder {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("partner_center")
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        let mut text = self.0.lock().unwrap();
        write!(text, "\nspan {}", span.metadata().name()).unwrap();
        span.record(&mut Writer(&mut text));
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, values: &Record<'_>) {
        values.record(&mut Writer(&mut self.0.lock().unwrap()));
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut text = self.0.lock().unwrap();
        write!(text, "\n{} {}", event.metadata().level(), event.metadata().target()).unwrap();
        event.record(&mut Writer(&mut text));
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

const SECRETS: [&str; 6] =
    ["app-s3cret", "refresh-0", "refresh-1", "access-1", "activate.example", "code-of-activation"];

/// A service that issues tokens, returns activation links and orders, and rejects everything else, repeating what it received.
fn echoing() -> FakeService {
    FakeService::new(|seen| {
        let path = seen.url.path();
        if seen.url.host_str() == Some("login.example") {
            if seen.field("client_id").as_deref() == Some("rejected") {
                let body = format!(
                    r#"{{"error":"invalid_client","error_description":"sent: {}"}}"#,
                    seen.body.replace('"', "")
                );
                return FakeResponse::json(401, body);
            }
            return FakeResponse::json(
                200,
                r#"{"token_type":"Bearer","expires_in":3600,"access_token":"access-1","refresh_token":"refresh-1"}"#,
            );
        }
        if path.ends_with("broken/activationlinks") {
            return FakeResponse::json(
                200,
                r#"{"items":[{"lineItemNumber":"https://activate.example/code-of-activation"}]}"#,
            );
        }
        if path.ends_with("activationlinks") {
            return FakeResponse::json(
                200,
                r#"{"items":[{"lineItemNumber":0,"link":{"uri":"https://activate.example/code-of-activation","method":"GET"}}]}"#,
            );
        }
        if path.ends_with("o-1") {
            FakeResponse::json(200, order_json("o-1"))
        } else {
            FakeResponse::json(404, fault_json(20000))
        }
    })
}

#[tokio::test(start_paused = true)]
async fn nothing_that_a_run_emits_holds_a_secret() {
    let _alone = ALONE.lock().await;
    let recorded = Recorder::default();
    let guard = tracing::subscriber::set_default(recorded.clone());
    let service = echoing();
    let credential = RefreshToken::new("contoso.example", "app-1", "refresh-0").client_secret("app-s3cret");
    let builder = settings(&service).trace_bodies(true).credential(credential);
    let mut emitted = format!("{builder:?}");
    let partner = builder.build().unwrap();
    let orders = partner.customer(CUSTOMER).orders();

    let order = orders.get("o-1").await.unwrap();
    let links = orders.activation_links("o-1").await.unwrap();
    let streamed = orders.activation_links("o-1").stream().next().await.unwrap().unwrap();
    let unknown = orders.get("o-2").await.unwrap_err();
    let unreadable = orders.activation_links("broken").await.unwrap_err();
    let unreadable_element = orders.activation_links("broken").stream().next().await.unwrap().unwrap_err();
    let rejected_app = ClientSecret::new("contoso.example", "rejected", "app-s3cret");
    let rejected = settings(&service).credential(rejected_app).build().unwrap();
    let rejection = rejected.sign_in().await.unwrap_err();
    let rejected_call = rejected.customer(CUSTOMER).orders().get("o-1").await.unwrap_err();
    let seen = service.seen();
    drop(guard);

    write!(emitted, "{partner:?} {orders:?} {:?} {order:?} {links:?} {streamed:?}", orders.get("o-1")).unwrap();
    // The generated client's type for a link shows no more than the wrapper's own.
    let wire = streamed.into_inner();
    let rebuilt = OrderLineItemActivationLink::new(wire.link.clone());
    write!(emitted, "{wire:?} {rebuilt:?}").unwrap();
    write!(emitted, "{unknown} {unknown:?} {unreadable} {unreadable:?} {unreadable_element} {unreadable_element:?}")
        .unwrap();
    write!(emitted, "{rejection} {rejection:?} {rejected_call} {rejected_call:?} {rejected:?}").unwrap();
    for error in [&unreadable, &unreadable_element, &rejected_call] {
        let mut cause = std::error::Error::source(error);
        while let Some(next) = cause {
            write!(emitted, "{next} {next:?}").unwrap();
            cause = next.source();
        }
    }
    emitted.push_str(&recorded.0.lock().unwrap());

    // The run did what it should, and was recorded.
    assert_eq!(seen.iter().filter(|seen| seen.header("authorization") == "Bearer access-1").count(), 6);
    assert!(emitted.contains("body=") && emitted.contains("get_order"), "{emitted}");
    for secret in SECRETS {
        assert!(!emitted.contains(secret), "{secret} in {emitted}");
    }
}

#[tokio::test(start_paused = true)]
async fn spans_are_named_as_open_telemetry_names_them_and_hold_no_customer() {
    let _alone = ALONE.lock().await;
    let recorded = Recorder::default();
    let guard = tracing::subscriber::set_default(recorded.clone());
    let service = FakeService::script([FakeResponse::json(503, ""), FakeResponse::json(200, order_json("o-1"))]);
    let order = client(&service).customer(CUSTOMER).orders().get("o-1").await.unwrap();
    drop(guard);

    let recorded = recorded.0.lock().unwrap();
    for part in [
        "otel.name=GET /customers/{customer_id}/orders/{order_id}",
        "otel.kind=\"client\"",
        "http.request.method=\"GET\"",
        "http.response.status_code=503",
        "http.response.status_code=200",
        "http.request.resend_count=1",
        "url.template=\"/customers/{customer_id}/orders/{order_id}\"",
        "server.address=\"partner.example\"",
        "server.port=443",
        "operation=\"get_order\"",
        "partner_center.attempts=2",
        &format!("partner_center.request_id={}", order.request_id()),
        &format!("partner_center.correlation_id={}", order.correlation_id()),
    ] {
        assert!(recorded.contains(part), "{part} in {recorded}");
    }
    let customer = CUSTOMER.to_string();
    for line in recorded.lines().filter(|line| line.contains(&customer)) {
        assert!(line.starts_with("DEBUG"), "{line}");
    }
    assert!(recorded.contains(&customer));
    assert!(!recorded.contains("body="), "bodies are not recorded unless requested");
}

#[tokio::test(start_paused = true)]
async fn spans_say_what_kind_of_failure_it_was() {
    let _alone = ALONE.lock().await;
    for (kind, name) in [
        (TransportErrorKind::Credential, "credential"),
        (TransportErrorKind::Request, "request"),
        (TransportErrorKind::Connect, "connect"),
        (TransportErrorKind::Timeout, "timeout"),
        (TransportErrorKind::Interrupted, "interrupted"),
        (TransportErrorKind::ResponseTooLarge, "too_large"),
        (TransportErrorKind::Throttled, "throttled"),
        (TransportErrorKind::Other, "_OTHER"),
    ] {
        let recorded = Recorder::default();
        let guard = tracing::subscriber::set_default(recorded.clone());
        let service = FakeService::new(move |_| FakeResponse::Failure(TransportError::new(kind)));
        let partner = settings(&service).credential(StaticToken::new("token-1")).retry(RetryPolicy::none());
        partner.build().unwrap().customer(CUSTOMER).orders().get("o-1").await.unwrap_err();
        drop(guard);

        // The attempt, and the call.
        let recorded = recorded.0.lock().unwrap();
        assert_eq!(recorded.matches(&format!("error.type={name:?}")).count(), 2, "{name} in {recorded}");
        assert_eq!(recorded.matches("error.type=").count(), 2, "{recorded}");
    }
}

#[tokio::test(start_paused = true)]
async fn spans_say_which_responses_are_errors() {
    let _alone = ALONE.lock().await;
    for (status, is_error) in [(200, false), (404, true), (500, true)] {
        let recorded = Recorder::default();
        let guard = tracing::subscriber::set_default(recorded.clone());
        let service = FakeService::new(move |_| FakeResponse::json(status, order_json("o-1")));
        let partner = settings(&service).credential(StaticToken::new("token-1")).retry(RetryPolicy::none());
        let outcome = partner.build().unwrap().customer(CUSTOMER).orders().get("o-1").await;
        drop(guard);

        assert_eq!(outcome.is_err(), is_error, "{status}");
        // The attempt, and the call.
        let (recorded, times) = (recorded.0.lock().unwrap(), if is_error { 2 } else { 0 });
        assert_eq!(recorded.matches(&format!("error.type=\"{status}\"")).count(), times, "{recorded}");
        assert_eq!(recorded.matches("error.type=").count(), times, "{recorded}");
        assert_eq!(recorded.matches("otel.status_code=\"ERROR\"").count(), times, "{recorded}");
    }
}
