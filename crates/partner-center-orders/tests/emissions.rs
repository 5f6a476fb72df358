//! What a run emits holds no token, secret or activation link, and is named as OpenTelemetry names it.
//!
//! A program of its own: whether anybody listens at a place in the code is remembered for all threads of a process, and a
//! thread that comes there first while a test begins to listen could have it remembered that nobody does.

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

use crate::support::{CUSTOMER, FakeResponse, Service, client, fault_json, order_json, settings};

/// One test at a time.
static ALONE: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

/// Everything that is told to `tracing`, as text.
#[derive(Clone, Default)]
struct Told(Arc<Mutex<String>>);

struct Writer<'a>(&'a mut String);

impl Visit for Writer<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        write!(self.0, " {field}={value:?}").unwrap();
    }
}

impl Subscriber for Told {
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

/// A service that signs in, gives activation links, orders, and refuses what it doesn't know, repeating all it was sent.
fn talkative() -> Service {
    Service::new(|seen| {
        let path = seen.url.path();
        if seen.url.host_str() == Some("login.example") {
            if seen.field("client_id").as_deref() == Some("refused") {
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
    let told = Told::default();
    let guard = tracing::subscriber::set_default(told.clone());
    let service = talkative();
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
    let refused_app = ClientSecret::new("contoso.example", "refused", "app-s3cret");
    let refused = settings(&service).credential(refused_app).build().unwrap();
    let refusal = refused.sign_in().await.unwrap_err();
    let refused_call = refused.customer(CUSTOMER).orders().get("o-1").await.unwrap_err();
    let seen = service.seen();
    drop(guard);

    write!(emitted, "{partner:?} {orders:?} {:?} {order:?} {links:?} {streamed:?}", orders.get("o-1")).unwrap();
    // What the generated client makes of a link is as silent as the wrapper's own type.
    let wire = streamed.into_inner();
    let rebuilt = OrderLineItemActivationLink::builder().link(wire.link.clone());
    write!(emitted, "{wire:?} {rebuilt:?}").unwrap();
    write!(emitted, "{unknown} {unknown:?} {unreadable} {unreadable:?} {unreadable_element} {unreadable_element:?}")
        .unwrap();
    write!(emitted, "{refusal} {refusal:?} {refused_call} {refused_call:?} {refused:?}").unwrap();
    for error in [&unreadable, &unreadable_element, &refused_call] {
        let mut cause = std::error::Error::source(error);
        while let Some(next) = cause {
            write!(emitted, "{next} {next:?}").unwrap();
            cause = next.source();
        }
    }
    emitted.push_str(&told.0.lock().unwrap());

    // The run did what it should, and told of it.
    assert_eq!(seen.iter().filter(|seen| seen.header("authorization") == "Bearer access-1").count(), 6);
    assert!(emitted.contains("body=") && emitted.contains("get_order"), "{emitted}");
    for secret in SECRETS {
        assert!(!emitted.contains(secret), "{secret} in {emitted}");
    }
}

#[tokio::test(start_paused = true)]
async fn spans_are_named_as_open_telemetry_names_them_and_hold_no_customer() {
    let _alone = ALONE.lock().await;
    let told = Told::default();
    let guard = tracing::subscriber::set_default(told.clone());
    let service = Service::script([FakeResponse::json(503, ""), FakeResponse::json(200, order_json("o-1"))]);
    let order = client(&service).customer(CUSTOMER).orders().get("o-1").await.unwrap();
    drop(guard);

    let told = told.0.lock().unwrap();
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
        assert!(told.contains(part), "{part} in {told}");
    }
    let customer = CUSTOMER.to_string();
    for line in told.lines().filter(|line| line.contains(&customer)) {
        assert!(line.starts_with("DEBUG"), "{line}");
    }
    assert!(told.contains(&customer));
    assert!(!told.contains("body="), "bodies are not told unless asked for");
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
        let told = Told::default();
        let guard = tracing::subscriber::set_default(told.clone());
        let service = Service::new(move |_| FakeResponse::Failure(TransportError::new(kind)));
        let partner = settings(&service).credential(StaticToken::new("token-1")).retry(RetryPolicy::none());
        partner.build().unwrap().customer(CUSTOMER).orders().get("o-1").await.unwrap_err();
        drop(guard);

        // The attempt, and the call.
        let told = told.0.lock().unwrap();
        assert_eq!(told.matches(&format!("error.type={name:?}")).count(), 2, "{name} in {told}");
        assert_eq!(told.matches("error.type=").count(), 2, "{told}");
    }
}

#[tokio::test(start_paused = true)]
async fn spans_say_which_responses_are_errors() {
    let _alone = ALONE.lock().await;
    for (status, is_error) in [(200, false), (404, true), (500, true)] {
        let told = Told::default();
        let guard = tracing::subscriber::set_default(told.clone());
        let service = Service::new(move |_| FakeResponse::json(status, order_json("o-1")));
        let partner = settings(&service).credential(StaticToken::new("token-1")).retry(RetryPolicy::none());
        let outcome = partner.build().unwrap().customer(CUSTOMER).orders().get("o-1").await;
        drop(guard);

        assert_eq!(outcome.is_err(), is_error, "{status}");
        // The attempt, and the call.
        let (told, times) = (told.0.lock().unwrap(), if is_error { 2 } else { 0 });
        assert_eq!(told.matches(&format!("error.type=\"{status}\"")).count(), times, "{told}");
        assert_eq!(told.matches("error.type=").count(), times, "{told}");
        assert_eq!(told.matches("otel.status_code=\"ERROR\"").count(), times, "{told}");
    }
}
