//! Where tokens, secrets and activation links must not go.

use std::fmt::{self, Write};
use std::sync::{Arc, Mutex};

use http::StatusCode;
use partner_center_orders::types::{Link, Order, OrderLineItemActivationLink};
use partner_center_orders::{ClientSecret, ErrorKind, PartnerCenter, RefreshToken};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

use crate::support::{Answer, CUSTOMER, Service, client, fault_json, order_json, settings};

fn link(uri: &str) -> Link {
    serde_json::from_value(serde_json::json!({"uri": uri, "method": "GET", "headers": []})).unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_redirect_is_not_followed() {
    let service = Service::script([Answer::json(302, "").with("location", "https://elsewhere.example/v1/orders")]);

    let error = client(&service).customer(CUSTOMER).orders().get("o-1").await.unwrap_err();

    assert_eq!(error.kind(), ErrorKind::UnexpectedStatus);
    assert_eq!(error.status(), Some(StatusCode::FOUND));
    assert_eq!(service.seen().len(), 1);
}

#[tokio::test]
async fn the_http_client_follows_no_redirect_either() {
    let (listener, elsewhere) = (listen().await, listen().await);
    let target = format!("http://{}/v1/customers", elsewhere.local_addr().unwrap());
    let base_url = format!("http://{}/v1", listener.local_addr().unwrap());
    let server = tokio::spawn(async move {
        let (mut connection, _) = listener.accept().await.unwrap();
        answer(
            &mut connection,
            &format!("HTTP/1.1 307 Temporary Redirect\r\nlocation: {target}\r\ncontent-length: 0\r\n\r\n"),
        )
        .await;
    });
    let partner = PartnerCenter::builder()
        .base_url(base_url)
        .credential(partner_center_orders::StaticToken::new("token-1"))
        .configure_http(|http| http.no_proxy().redirect(reqwest::redirect::Policy::limited(5)))
        .build()
        .unwrap();

    let error = partner.customer(CUSTOMER).orders().get("o-1").await.unwrap_err();

    server.await.unwrap();
    assert_eq!(error.kind(), ErrorKind::UnexpectedStatus);
    assert!(futures_util::FutureExt::now_or_never(elsewhere.accept()).is_none());
}

async fn listen() -> tokio::net::TcpListener {
    tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap()
}

/// Reads a request's head and answers it.
async fn answer(connection: &mut tokio::net::TcpStream, answer: &str) {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(connection.read_u8().await.unwrap());
    }
    connection.write_all(answer.as_bytes()).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn links_to_another_place_get_no_token_and_no_request() {
    let path = format!("/v1/customers/{CUSTOMER}/orders/o-1");
    for uri in [
        format!("https://elsewhere.example{path}"),
        format!("http://partner.example{path}"),
        format!("https://partner.example:8443{path}"),
        format!("https://partner.example.elsewhere.example{path}"),
        format!("https://partner.example@elsewhere.example{path}"),
        format!("https://user:word@partner.example{path}"),
        format!("//elsewhere.example{path}"),
        format!("https://partner.example/v2/customers/{CUSTOMER}/orders/o-1"),
        format!("/../v2/customers/{CUSTOMER}/orders/o-1"),
        "file:///etc/passwd".to_owned(),
        "orders/o-1".to_owned(),
    ] {
        let service = Service::script([]);
        let error = client(&service).customer(CUSTOMER).follow::<Order>(&link(&uri)).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidRequest, "{uri}");
        assert!(service.seen().is_empty());
    }
}

#[tokio::test(start_paused = true)]
async fn a_further_part_elsewhere_gets_no_token_and_no_request() {
    for uri in ["https://elsewhere.example/v1/customers/x/orders", "https://partner.example/v1?orders"] {
        let list = format!(r#"{{"items":[],"links":{{"next":{{"uri":"{uri}","method":"GET"}}}}}}"#);
        let service = Service::new(move |_| Answer::json(200, list.clone()));
        let orders = client(&service).customer(CUSTOMER).orders();

        assert_eq!(orders.list().await.unwrap_err().kind(), ErrorKind::InvalidRequest, "{uri}");
        assert_eq!(orders.list().stream().next().await.unwrap().unwrap_err().kind(), ErrorKind::InvalidRequest);

        let base = "https://partner.example/v1/";
        assert!(service.seen().iter().all(|seen| seen.url.as_str().starts_with(base)), "{:?}", service.seen());
    }
}

#[tokio::test(start_paused = true)]
async fn a_link_sets_the_services_own_headers_and_no_others() {
    let names = [
        "Connection",
        "Upgrade",
        "Expect",
        "Range",
        "Proxy-Authorization",
        "Cookie",
        "Host",
        "Authorization",
        "Content-Length",
        "Transfer-Encoding",
        "TE",
        "If-Match",
        "Accept",
        "Accept-Encoding",
        "User-Agent",
        "Origin",
        "Forwarded",
        "X-HTTP-Method-Override",
        "MS-RequestId",
        "MS-CorrelationId",
    ];
    let mut headers: Vec<_> =
        names.iter().map(|name| serde_json::json!({"key": name, "value": "from-the-link"})).collect();
    headers.push(serde_json::json!({"key": "MS-ContinuationToken", "value": "page-2"}));
    let next =
        serde_json::json!({"uri": format!("/customers/{CUSTOMER}/orders/o-1"), "method": "GET", "headers": headers});
    let link: Link = serde_json::from_value(next.clone()).unwrap();
    let list = serde_json::json!({"items": [], "links": {"next": next}}).to_string();
    let service = Service::script([Answer::json(404, "{}"), Answer::json(200, list), Answer::json(404, "{}")]);
    let customer = client(&service).customer(CUSTOMER);
    customer.follow::<Order>(&link).await.unwrap_err();
    customer.orders().list().await.unwrap_err();

    let seen = service.seen();
    assert_eq!(seen.len(), 3, "{seen:?}");
    for seen in [&seen[0], &seen[2]] {
        assert_eq!(seen.header("ms-continuationtoken"), "page-2");
        let set = seen.headers.iter().filter(|(_, value)| *value == "from-the-link").collect::<Vec<_>>();
        assert!(set.is_empty(), "{set:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_id_cannot_lead_to_another_resource() {
    let service = Service::script([]);
    for id in ["", ".", ".."] {
        let error = client(&service).customer(CUSTOMER).orders().get(id).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidRequest);
    }
}

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
                return Answer::json(401, body);
            }
            return Answer::json(
                200,
                r#"{"token_type":"Bearer","expires_in":3600,"access_token":"access-1","refresh_token":"refresh-1"}"#,
            );
        }
        if path.ends_with("broken/activationlinks") {
            return Answer::json(
                200,
                r#"{"items":[{"lineItemNumber":"https://activate.example/code-of-activation"}]}"#,
            );
        }
        if path.ends_with("activationlinks") {
            return Answer::json(
                200,
                r#"{"items":[{"lineItemNumber":0,"link":{"uri":"https://activate.example/code-of-activation","method":"GET"}}]}"#,
            );
        }
        if path.ends_with("o-1") { Answer::json(200, order_json("o-1")) } else { Answer::json(404, fault_json(20000)) }
    })
}

#[tokio::test(start_paused = true)]
async fn nothing_that_a_run_emits_holds_a_secret() {
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
    let told = Told::default();
    let guard = tracing::subscriber::set_default(told.clone());
    let service = Service::script([Answer::json(503, ""), Answer::json(200, order_json("o-1"))]);
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
