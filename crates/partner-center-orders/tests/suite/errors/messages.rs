//! What an error says: descriptions, remedies, causes.

use std::collections::HashSet;

use partner_center_orders::enums::BillingCycle;
use partner_center_orders::identity::{AccessToken, CredentialContext};
use partner_center_orders::{
    AddOn, BoxFuture, ClientSecret, Credential, CredentialError, Error, ErrorKind, RetryPolicy, StaticToken,
    TransportError, TransportErrorKind,
};

use super::error_of;
use crate::support::{CUSTOMER, FakeResponse, FakeService, client, fault_json, order_json, settings};

#[tokio::test(start_paused = true)]
async fn remedies_are_displayed() {
    for (status, code, remedy) in [
        (401, 900_421, "multi-factor"),
        (401, 10001, "multi-factor"),
        (401, 900_420, "graph.windows.net"),
        (403, 800_019, "Cancel the subscription instead"),
        (404, 400_019, "read the availabilities again"),
        (409, 800_060, "don't send it again"),
        (409, 800_064, "don't send the request again"),
    ] {
        let error = error_of(FakeResponse::json(status, fault_json(code))).await;
        assert!(error.to_string().contains(remedy), "{error}");
    }
}

#[tokio::test(start_paused = true)]
async fn without_a_hint_of_the_code_the_kind_has_a_remedy() {
    for (status, remedy) in [
        (401, Some("credential")),
        (403, Some("permissions")),
        (404, Some("base address")),
        (412, Some("Read it again")),
        (500, Some("support")),
    ] {
        let service = FakeService::new(move |_| FakeResponse::json(status, ""));
        let error = client(&service).customer(CUSTOMER).orders().get("o-1").await.unwrap_err();
        assert_eq!(error.hint().is_some(), remedy.is_some(), "{error}");
        assert!(error.hint().unwrap_or_default().contains(remedy.unwrap_or_default()), "{error}");
        assert!(error.to_string().contains(error.hint().unwrap_or_default()), "{error}");
    }
}

#[tokio::test(start_paused = true)]
async fn transport_errors_have_remedies() {
    for (transport, kind, remedy) in [
        (TransportErrorKind::Credential, ErrorKind::Authentication, None),
        (TransportErrorKind::Request, ErrorKind::InvalidRequest, None),
        (TransportErrorKind::Connect, ErrorKind::Connect, Some("the proxy")),
        (TransportErrorKind::Timeout, ErrorKind::Timeout, Some("more time")),
        (TransportErrorKind::Interrupted, ErrorKind::Interrupted, Some("Try again.")),
        (TransportErrorKind::ResponseTooLarge, ErrorKind::ResponseTooLarge, Some("as a stream")),
        (TransportErrorKind::Throttled, ErrorKind::Throttled, Some("less often")),
        (TransportErrorKind::Other, ErrorKind::Other, None),
    ] {
        let service = FakeService::new(move |_| FakeResponse::Failure(TransportError::new(transport)));
        let once = settings(&service).credential(StaticToken::new("token-1")).retry(RetryPolicy::none());
        let error = once.build().unwrap().customer(CUSTOMER).orders().get("o-1").await.unwrap_err();
        assert_eq!(error.kind(), kind, "{error}");
        assert_eq!(error.hint().is_some(), remedy.is_some(), "{error}");
        assert!(error.hint().unwrap_or_default().contains(remedy.unwrap_or_default()), "{error}");
    }
    for (response, kind, remedy) in [
        (FakeResponse::json(200, "{"), ErrorKind::InvalidResponse, "raw body: a proxy"),
        (FakeResponse::json(200, "{}"), ErrorKind::InvalidResponse, "raw body: the service"),
        (FakeResponse::json(302, ""), ErrorKind::UnexpectedStatus, "redirects"),
    ] {
        let error = error_of(response).await;
        assert_eq!(error.kind(), kind, "{error}");
        assert!(error.hint().unwrap().contains(remedy), "{error}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_error_says_how_many_attempts_there_were_if_there_were_several() {
    for (status, shown) in [(500, true), (400, false)] {
        let service = FakeService::new(move |_| FakeResponse::json(status, ""));
        let error = client(&service).customer(CUSTOMER).orders().get("o-1").await.unwrap_err();
        assert_eq!(error.to_string().ends_with(", 4 attempts)"), shown, "{error}");
        assert_eq!(error.to_string().contains("attempt"), shown, "{error}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_description_is_shown_up_to_its_300th_byte() {
    let words = ["ab"; 200].join(" ");
    let line = error_of(FakeResponse::json(400, format!(r#"{{"code":-7,"description":"{words}"}}"#))).await.to_string();
    // One word more would take 302.
    assert!(line.contains(&format!(": {} …", ["ab"; 100].join(" "))), "{line}");
}

#[tokio::test(start_paused = true)]
async fn a_word_of_up_to_40_bytes_is_not_cut() {
    for (length, is_cut) in [(40, false), (41, true)] {
        let words = vec!["x".repeat(length); 10].join(" ");
        let line =
            error_of(FakeResponse::json(400, format!(r#"{{"code":-7,"description":"{words}"}}"#))).await.to_string();
        assert_eq!(line.contains("x…"), is_cut, "{line}");
        assert_eq!(line.contains(" …"), !is_cut, "{line}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_empty_401_is_displayed_with_its_status() {
    let error = error_of(FakeResponse::json(401, "")).await;
    assert_eq!(error.kind(), ErrorKind::Unauthorized);
    assert!(error.to_string().starts_with("get_order failed: 401 Unauthorized."), "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_long_or_ragged_description_stays_one_line() {
    let words = "ragged\\r\\n\\twords ".repeat(100);
    let error = error_of(FakeResponse::json(400, format!(r#"{{"code":-7,"description":"{words}"}}"#))).await;
    let line = error.to_string();
    assert!(line.contains("ragged words") && line.contains('…') && !line.contains(['\n', '\t']), "{line}");
    assert!(line.len() < 600);
}

#[tokio::test(start_paused = true)]
async fn a_404_without_a_code_points_at_the_base_address() {
    let gateway = r#"{"statusCode":404,"message":"Resource not found"}"#;
    for body in ["", "<html></html>", gateway] {
        let error = error_of(FakeResponse::json(404, body)).await;
        assert!(!error.is_not_found() && error.kind() == ErrorKind::UnexpectedStatus, "{error}");
        assert!(
            error.to_string().contains("Check the base address, which ends with the API's version (`/v1`)"),
            "{error}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn an_invalid_element_of_a_list_can_be_skipped_as_the_hint_says() {
    let body = format!(r#"{{"totalCount":2,"items":[{},{{"id":7}}]}}"#, order_json("o-1"));
    let service = FakeService::new(move |_| FakeResponse::json(200, body.clone()));
    let orders = client(&service).customer(CUSTOMER).orders();

    let whole = orders.list().await.unwrap_err();
    let mut stream = orders.list().stream();
    assert_eq!(stream.next().await.unwrap().unwrap().id, "o-1");
    let element = stream.next().await.unwrap().unwrap_err();

    for error in [whole, element] {
        assert_eq!(error.kind(), ErrorKind::InvalidResponse);
        assert!(error.to_string().contains("`skip_invalid_items`") && !error.to_string().contains("proxy"), "{error}");
    }
}

#[tokio::test(start_paused = true)]
async fn too_many_requests_are_one_sentence() {
    let rest = "call less often, as all programs of the partner tenant share one rate limit. (request id";
    let gateway = r#"{"statusCode":429,"message":"Rate limit is exceeded. Try again in 1 seconds."}"#;
    for (retry_after, wait) in [(None, ""), (Some("1"), "wait 1 second and "), (Some("2"), "wait 2 seconds and ")] {
        let service = FakeService::new(move |_| {
            let response = FakeResponse::json(429, gateway);
            retry_after.into_iter().fold(response, |response, wait| response.with("retry-after", wait))
        });
        let once = settings(&service).credential(StaticToken::new("token-1")).retry(RetryPolicy::none());
        let error = once.build().unwrap().customer(CUSTOMER).orders().get("o-1").await.unwrap_err();
        let expected = format!("get_order failed: 429 Too Many Requests: {wait}{rest}");
        assert!(error.to_string().starts_with(&expected), "{error}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_error_names_the_request_as_it_was_made() {
    let service = FakeService::new(|_| FakeResponse::json(400, fault_json(2000)));
    let customer = client(&service).customer(CUSTOMER);
    let (orders, carts, subscriptions) = (customer.orders(), customer.carts(), customer.subscriptions());
    let add_on = || AddOn::new("offer", "parent", 1);
    for (error, name) in [
        (orders.cancel("o-1").await.unwrap_err(), "cancel_order"),
        (orders.cancel("o-1").lines([0]).await.unwrap_err(), "cancel_order"),
        (orders.change_billing_cycle("o-1", BillingCycle::Annual).await.unwrap_err(), "change_billing_cycle"),
        (orders.add_on("o-1", [add_on()]).await.unwrap_err(), "add_on"),
        (orders.wait_until_provisioned("o-1").await.unwrap_err(), "wait_until_provisioned"),
        (carts.add_lines("c-1", []).await.unwrap_err(), "add_lines"),
        (carts.change("c-1", |_| {}).await.unwrap_err(), "change_cart"),
        (subscriptions.change("s-1", |_| {}).await.unwrap_err(), "change_subscription"),
        (subscriptions.cancel("s-1").await.unwrap_err(), "cancel_subscription"),
        (subscriptions.suspend("s-1").await.unwrap_err(), "suspend_subscription"),
        (carts.checkout("c-1").await.unwrap_err(), "checkout_cart"),
    ] {
        assert!(error.to_string().starts_with(&format!("{name} failed: 400 ")), "{error}");
    }
}

/// A credential that fails.
#[derive(Debug)]
struct Failing(CredentialError);

impl Credential for Failing {
    fn access_token<'a>(&'a self, _: &'a CredentialContext) -> BoxFuture<'a, Result<AccessToken, CredentialError>> {
        Box::pin(std::future::ready(Err(self.0.clone())))
    }
}

/// A cause with a cause.
#[derive(Debug)]
struct Broken(std::io::Error);

impl std::fmt::Display for Broken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the cable broke")
    }
}

impl std::error::Error for Broken {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.0)
    }
}

fn broken() -> Broken {
    Broken(std::io::Error::other("someone stepped on it"))
}

/// The messages of an error and its causes.
fn chain(error: &dyn std::error::Error) -> Vec<String> {
    std::iter::successors(Some(error), |error| error.source()).map(ToString::to_string).collect()
}

#[tokio::test(start_paused = true)]
async fn no_error_repeats_what_its_source_says() {
    use TransportErrorKind::{Connect, Credential, Interrupted, Other, Request, ResponseTooLarge, Throttled, Timeout};
    let once = |service: &FakeService| settings(service).retry(RetryPolicy::none());
    let mut errors = Vec::new();
    for kind in [Connect, Credential, Interrupted, Other, Request, ResponseTooLarge, Throttled, Timeout] {
        let service = FakeService::new(move |_| FakeResponse::Failure(TransportError::with_source(kind, broken())));
        let partner = once(&service).credential(StaticToken::new("token-1")).build().unwrap();
        errors.push(partner.customer(CUSTOMER).orders().get("o-1").await.unwrap_err());
        let partner =
            once(&service).credential(ClientSecret::new("contoso.example", "app-1", "secret")).build().unwrap();
        errors.push(partner.customer(CUSTOMER).orders().get("o-1").await.unwrap_err());
    }
    let transports = errors.len();
    for (status, body) in [
        (200, r#"{"id":"o-1","lineItems":7}"#.to_owned()),
        (200, "<html>".to_owned()),
        (200, fault_json(400_072)),
        (302, String::new()),
        (400, fault_json(2000)),
        (400, fault_json(2055)),
        (401, String::new()),
        (401, fault_json(900_420)),
        (401, fault_json(900_421)),
        (403, fault_json(20002)),
        (403, fault_json(800_043)),
        (404, fault_json(20000)),
        (404, String::new()),
        (409, fault_json(800_014)),
        (409, fault_json(800_060)),
        (429, String::new()),
        (500, fault_json(800_003)),
    ] {
        let service = FakeService::new(move |_| FakeResponse::json(status, body.clone()));
        let partner = once(&service).credential(StaticToken::new("token-1")).build().unwrap();
        errors.push(partner.customer(CUSTOMER).orders().get("o-1").await.unwrap_err());
    }
    let service = FakeService::script([]);
    let partner = once(&service).credential(Failing(CredentialError::other(broken()))).build().unwrap();
    errors.push(partner.customer(CUSTOMER).orders().get("o-1").await.unwrap_err());
    errors.push(client(&service).customer(CUSTOMER).orders().get("").await.unwrap_err());

    for error in &errors {
        let messages = chain(error);
        for pair in messages.windows(2) {
            assert!(!pair[0].contains(&pair[1]), "{messages:?}");
        }
    }
    // Nothing that is known is lost on the way.
    for error in &errors[..transports] {
        let messages = chain(error);
        for said in ["the cable broke", "someone stepped on it"] {
            assert!(messages.iter().any(|message| message.contains(said)), "{messages:?}");
        }
    }
    let kinds: HashSet<_> = errors.iter().map(Error::kind).collect();
    assert_eq!(kinds.len(), 21, "every kind but that of resumed writes: {kinds:?}");
}

#[tokio::test(start_paused = true)]
async fn authentication_that_reaches_no_identity_platform_names_its_host() {
    for failure in [TransportErrorKind::Connect, TransportErrorKind::Interrupted] {
        let service = FakeService::new(move |_| FakeResponse::Failure(TransportError::new(failure)));
        let credential = ClientSecret::new("contoso.example", "app-1", "secret");
        let error = settings(&service).credential(credential).build().unwrap().sign_in().await.unwrap_err();
        assert!(error.to_string().contains("login.example could not be reached"), "{error}");
    }
    let service = FakeService::new(|_| FakeResponse::Never);
    let credential = ClientSecret::new("contoso.example", "app-1", "secret");
    let error = settings(&service).credential(credential).build().unwrap().sign_in().await.unwrap_err();
    assert!(error.to_string().contains("login.example did not respond within 30 seconds"), "{error}");
}

/// Text with characters that a terminal would obey.
const HOSTILE: &str = "a\u{1b}[2J\u{9b}31m\u{202e}b";

fn is_harmless(text: &str) -> bool {
    !text.contains(|letter: char| letter.is_control() || matches!(letter, '\u{202e}'))
}

#[tokio::test(start_paused = true)]
async fn what_the_service_says_can_not_command_a_terminal() {
    let fault = serde_json::json!({"code": HOSTILE, "description": HOSTILE, "data": [], "source": HOSTILE}).to_string();
    let unreadable = serde_json::json!({"id": "1", "status": {HOSTILE: 1}, "lineItems": [{HOSTILE: 1}]}).to_string();
    for response in [FakeResponse::json(400, fault), FakeResponse::json(200, unreadable)] {
        let error = error_of(response).await;
        assert!(is_harmless(&error.to_string()), "{:?}", error.to_string());
        assert!(is_harmless(&format!("{error:?}")), "{error:?}");
    }
    let fault = serde_json::json!({"code": 2000, "description": HOSTILE}).to_string();
    let error = error_of(FakeResponse::json(400, fault)).await;
    assert_eq!(error.description(), Some(HOSTILE), "programs get the text as it is");
}

#[tokio::test(start_paused = true)]
async fn a_description_without_blanks_is_cut_between_two_characters() {
    for (description, shown) in [
        ("注文".repeat(200), "注文注文"),
        (format!("エラー: {}", "注文".repeat(60)), "エラー: 注文"),
        (format!("{} {}", "word ".repeat(50), "注文".repeat(60)), "word 注文"),
        ("x".repeat(10_000), "xxxx"),
    ] {
        let fault = serde_json::json!({"code": 1, "description": description}).to_string();
        let line = error_of(FakeResponse::json(400, fault)).await.to_string();
        assert!(line.contains(shown) && line.contains('…') && line.len() < 700, "{line}");
    }
}
