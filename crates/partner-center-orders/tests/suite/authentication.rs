//! Credentials: their requests, and their handling of the responses.

use std::sync::Arc;
use std::time::Duration;

use partner_center_orders::identity::{AccessToken, CredentialContext, CredentialErrorKind, TokenEndpoint};
use partner_center_orders::{
    BoxFuture, ClientSecret, Cloud, Credential, CredentialError, PartnerCenter, RefreshToken, TransportError,
    TransportErrorKind,
};

use crate::support::{AUTHORITY, BASE_URL, CUSTOMER, FakeResponse, FakeService, RecordedRequest, order_json, settings};

const TENANT: &str = "contoso.example";
const SECRET: &str = "the-secret-of-the-app";

fn v2_token(token: &str) -> FakeResponse {
    FakeResponse::json(
        200,
        format!(r#"{{"token_type":"Bearer","expires_in":3599,"ext_expires_in":3599,"access_token":"{token}"}}"#),
    )
}

fn v1_token(token: &str) -> FakeResponse {
    let body = format!(
        r#"{{"token_type":"Bearer","expires_in":"3599","ext_expires_in":"3599","expires_on":"1767229199","not_before":"1767225300","resource":"https://api.partnercenter.microsoft.com","access_token":"{token}"}}"#
    );
    FakeResponse::json(200, body)
}

/// Authenticates with this token and reads an order; returns the requests.
async fn authenticate_and_read(credential: impl Credential + 'static, token: FakeResponse) -> Vec<RecordedRequest> {
    let service = FakeService::script([token, FakeResponse::json(200, order_json("5cf72f146967"))]);
    let partner = settings(&service).credential(credential).build().unwrap();
    partner.customer(CUSTOMER).orders().get("5cf72f146967").await.unwrap();
    service.seen()
}

fn app() -> ClientSecret {
    ClientSecret::new(TENANT, "app-1", SECRET)
}

#[tokio::test(start_paused = true)]
async fn an_app_asks_the_v2_endpoint_for_the_default_scope() {
    let seen = authenticate_and_read(app(), v2_token("t-1")).await;

    assert_eq!(seen[0].url.as_str(), format!("{AUTHORITY}/{TENANT}/oauth2/v2.0/token"));
    assert_eq!(seen[0].field("grant_type").as_deref(), Some("client_credentials"));
    assert_eq!(seen[0].field("client_id").as_deref(), Some("app-1"));
    assert_eq!(seen[0].field("client_secret").as_deref(), Some(SECRET));
    assert_eq!(seen[0].field("scope").as_deref(), Some("https://api.partnercenter.microsoft.com/.default"));
    assert_eq!(seen[0].field("resource"), None);
    assert_eq!(seen[1].header("authorization"), "Bearer t-1");
}

#[tokio::test(start_paused = true)]
async fn an_app_asks_the_v1_endpoint_for_the_resource_and_takes_numbers_as_text() {
    let seen = authenticate_and_read(app().endpoint(TokenEndpoint::V1), v1_token("t-1")).await;

    assert_eq!(seen[0].url.as_str(), format!("{AUTHORITY}/{TENANT}/oauth2/token"));
    assert_eq!(seen[0].field("resource").as_deref(), Some("https://api.partnercenter.microsoft.com"));
    assert_eq!(seen[0].field("scope"), None);
    assert_eq!(seen[1].header("authorization"), "Bearer t-1");
}

#[tokio::test(start_paused = true)]
async fn an_app_with_a_user_authenticates_by_refresh_token() {
    let seen =
        authenticate_and_read(RefreshToken::new(TENANT, "app-1", "r-0").client_secret(SECRET), v2_token("t-1")).await;

    assert_eq!(seen[0].field("grant_type").as_deref(), Some("refresh_token"));
    assert_eq!(seen[0].field("refresh_token").as_deref(), Some("r-0"));
    let scope = seen[0].field("scope").unwrap();
    assert_eq!(scope, "https://api.partnercenter.microsoft.com/.default offline_access");
}

#[tokio::test(start_paused = true)]
async fn the_cloud_determines_authority_and_scope() {
    let service = FakeService::script([v2_token("t-1")]);
    let partner =
        PartnerCenter::builder().cloud(Cloud::china()).send_with(service.clone()).credential(app()).build().unwrap();

    partner.sign_in().await.unwrap();

    let seen = &service.seen()[0];
    assert_eq!(seen.url.host_str(), Some("login.partner.microsoftonline.cn"));
    let scope = seen.field("scope").unwrap();
    assert_eq!(scope, "https://partner.partnercenterapi.microsoftonline.cn/.default");
}

/// The error of authenticating if the identity platform responds so.
async fn error_of(status: u16, body: &str) -> partner_center_orders::CredentialError {
    let service = FakeService::script([FakeResponse::json(status, body)]);
    settings(&service).credential(app()).build().unwrap().sign_in().await.unwrap_err()
}

#[tokio::test(start_paused = true)]
async fn errors_have_a_kind_and_a_remedy() {
    for (body, kind, remedy) in [
        (
            r#"{"error":"invalid_grant","error_description":"AADSTS50076: You must use multi-factor authentication.\r\nTrace ID: 1\r\nTimestamp: 2026","error_codes":[50076],"trace_id":"1"}"#,
            CredentialErrorKind::InteractionRequired,
            "multi-factor",
        ),
        (
            r#"{"error":"invalid_grant","error_description":"AADSTS70008: The refresh token has expired.","error_codes":[70008]}"#,
            CredentialErrorKind::GrantRejected,
            "sign the user in again",
        ),
        (
            r#"{"error":"invalid_client","error_description":"AADSTS7000215: Invalid client secret.","error_codes":[7000215]}"#,
            CredentialErrorKind::ClientRejected,
            "secret",
        ),
        (
            r#"{"error":"invalid_client","error_description":"AADSTS700024: The assertion is not within its time.","error_codes":[700024]}"#,
            CredentialErrorKind::ClockSkew,
            "clock",
        ),
        (r#"{"error":"unauthorized_client"}"#, CredentialErrorKind::AppRejected, "registered"),
        (r#"{"error":"something_new"}"#, CredentialErrorKind::Other, "something_new"),
        ("<html>", CredentialErrorKind::InvalidResponse, "400"),
    ] {
        let error = error_of(400, body).await;
        assert_eq!(error.kind(), kind, "{body}");
        let line = error.to_string();
        assert!(line.contains(remedy) && !line.contains('\n') && !line.contains("Trace ID"), "{line}");
    }
}

#[tokio::test(start_paused = true)]
async fn only_failures_of_the_identity_platform_are_transient() {
    for (status, body, transient) in [
        (503, "busy", true),
        (429, r#"{"error":"temporarily_unavailable"}"#, true),
        (400, r#"{"error":"invalid_grant"}"#, false),
        (401, r#"{"error":"invalid_client"}"#, false),
    ] {
        let error = error_of(status, body).await;
        assert_eq!(error.is_transient(), transient, "{error}");
    }
    let service = FakeService::new(|_| FakeResponse::Failure(TransportError::new(TransportErrorKind::Connect)));
    let error = settings(&service).credential(app()).build().unwrap().sign_in().await.unwrap_err();
    assert!(error.is_transient(), "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_secret_that_an_error_response_repeats_is_redacted() {
    let body = format!(r#"{{"error":"invalid_client","error_description":"no app has the secret {SECRET}"}}"#);

    let error = error_of(401, &body).await;

    assert!(!format!("{error} {error:?}").contains(SECRET), "{error:?}");
    assert!(error.to_string().contains("no app has the secret [secret]"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_call_without_a_token_has_the_reason_and_sends_nothing() {
    let service = FakeService::script([FakeResponse::json(400, r#"{"error":"invalid_grant","error_codes":[50076]}"#)]);
    let partner = settings(&service).credential(app()).build().unwrap();

    let error = partner.customer(CUSTOMER).orders().get("5cf72f146967").await.unwrap_err();

    assert!(error.is_authentication() && error.is_mfa_required());
    assert_eq!(error.credential_error().unwrap().codes(), [50076]);
    assert!(error.to_string().contains("multi-factor"), "{error}");
    assert_eq!(service.seen().len(), 1);
    assert_eq!(error.attempts(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_failing_identity_platform_is_retried() {
    let service = FakeService::script([
        FakeResponse::json(503, "busy").with("retry-after", "20"),
        v2_token("t-1"),
        FakeResponse::json(200, order_json("5cf72f146967")),
    ]);
    let partner = settings(&service).credential(app()).build().unwrap();

    partner.customer(CUSTOMER).orders().get("5cf72f146967").await.unwrap();

    assert!(service.seen()[1].at >= Duration::from_secs(20));
}

#[tokio::test(start_paused = true)]
async fn an_identity_platform_that_never_responds_is_given_up() {
    let service = FakeService::new(|_| FakeResponse::Never);
    let partner = settings(&service).credential(app()).build().unwrap();

    let error = partner.sign_in().await.unwrap_err();

    assert_eq!(error.kind(), CredentialErrorKind::Unreachable);
}

#[tokio::test(start_paused = true)]
async fn a_response_without_end_is_not_read_to_its_end() {
    let service = FakeService::new(|_| {
        let begin = r#"{"token_type":"Bearer","expires_in":3600,"access_token":"t-1","padding":""#.to_owned();
        let padding = std::iter::repeat_n("x".repeat(100 * 1024), 3);
        let pieces = std::iter::once(begin).chain(padding).chain(["\"}".to_owned()]);
        let pieces = futures_util::stream::iter(pieces.map(Ok::<_, std::io::Error>));
        FakeResponse::Response(http::StatusCode::OK, http::HeaderMap::new(), reqwest::Body::wrap_stream(pieces))
    });
    let partner = settings(&service).credential(app()).build().unwrap();

    let error = partner.sign_in().await.unwrap_err();

    assert_eq!(error.kind(), CredentialErrorKind::InvalidResponse);
}

#[tokio::test(start_paused = true)]
async fn a_response_in_pieces_is_read_up_to_256_kibibytes() {
    for (length, is_read) in [(256 * 1024, true), (256 * 1024 + 1, false)] {
        let service = FakeService::new(move |_| {
            let begin = r#"{"token_type":"Bearer","access_token":"t-1","padding":""#;
            let padding = "x".repeat(length - begin.len() - 2);
            let text = format!("{begin}{padding}\"}}").into_bytes();
            let pieces = text.chunks(100 * 1024).map(|piece| Ok::<_, std::io::Error>(piece.to_vec()));
            let pieces = futures_util::stream::iter(pieces.collect::<Vec<_>>());
            FakeResponse::Response(http::StatusCode::OK, http::HeaderMap::new(), reqwest::Body::wrap_stream(pieces))
        });
        let partner = settings(&service).credential(app()).build().unwrap();
        assert_eq!(partner.sign_in().await.is_ok(), is_read, "{length}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_tenant_that_would_address_another_page_is_rejected() {
    for tenant in ["", "../common", "a/b", "..", "a?b"] {
        let service = FakeService::script([]);
        let credential = ClientSecret::new(tenant, "app-1", SECRET);
        let error = settings(&service).credential(credential).build().unwrap().sign_in().await.unwrap_err();
        assert_eq!(error.kind(), CredentialErrorKind::Configuration, "{tenant}");
    }
}

#[test]
fn debug_shows_no_secret() {
    let shown = format!("{:?} {:?}", app(), RefreshToken::new(TENANT, "app-1", "r-0").client_secret(SECRET));
    assert!(!shown.contains(SECRET) && !shown.contains("r-0"), "{shown}");
}

#[test]
fn a_known_cloud_can_be_reached_by_another_address() {
    let cloud = Cloud::china().with_base_url("https://proxy.example/partner/v1/").unwrap();
    assert_eq!(cloud.base_url().as_str(), "https://proxy.example/partner/v1");
    assert_eq!(cloud.authority(), Cloud::china().authority());
    let cloud = Cloud::china().with_base_url("https://proxy.example").unwrap();
    assert_eq!(cloud.base_url().as_str(), "https://proxy.example/");
    assert!(Cloud::china().with_base_url("http://proxy.example/v1").is_err());
}

#[test]
fn addresses_have_no_user_or_query_and_plain_http_goes_to_loopback_only() {
    let build = |base: &str, authority: &str| {
        PartnerCenter::builder().credential(app()).base_url(base).authority(authority).build().map(drop)
    };
    build("http://127.0.0.1:8080/v1", "http://localhost:8080").unwrap();
    build("http://[::1]:8080/v1", AUTHORITY).unwrap();
    for (base, authority) in [
        ("http://partner.example/v1", AUTHORITY),
        (BASE_URL, "http://login.example"),
        ("http://127.0.0.1.example/v1", AUTHORITY),
        ("http://localhost.example/v1", AUTHORITY),
        ("http://notlocalhost/v1", AUTHORITY),
        ("http://partner.localhost/v1", AUTHORITY),
        (BASE_URL, "http://notlocalhost"),
        ("ftp://127.0.0.1/v1", AUTHORITY),
        ("https://user:secret@partner.example/v1", AUTHORITY),
        ("https://user@partner.example/v1", AUTHORITY),
        ("https://:secret@partner.example/v1", AUTHORITY),
        ("https://partner.example/v1?key=1", AUTHORITY),
        ("https://partner.example/v1?", AUTHORITY),
        ("https://partner.example/v1#part", AUTHORITY),
        (BASE_URL, "https://login.example?key=1"),
        ("partner.example", AUTHORITY),
    ] {
        assert!(build(base, authority).is_err(), "{base} {authority}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_the_identity_platform_says_can_not_command_a_terminal() {
    let hostile = "a\u{1b}[2J\u{9b}31m\u{202e}b";
    let body = serde_json::json!({"error": hostile, "error_description": hostile, "trace_id": hostile}).to_string();
    let service = FakeService::script([FakeResponse::json(400, body)]);
    let partner = settings(&service).credential(app()).build().unwrap();
    let error = partner.customer(CUSTOMER).orders().get("o-1").await.unwrap_err();
    let credential = error.credential_error().unwrap();
    for shown in [error.to_string(), credential.to_string(), format!("{error:?}"), format!("{credential:?}")] {
        assert!(!shown.contains(['\u{1b}', '\u{9b}', '\u{202e}']), "{shown:?}");
    }
    assert_eq!(credential.oauth_error(), Some(hostile), "programs get the text as it is");
}

#[tokio::test(start_paused = true)]
async fn the_kind_of_an_error_follows_the_code_and_then_the_name() {
    use CredentialErrorKind as Kind;
    for (error, code, kind) in [
        ("invalid_grant", 50_072, Kind::InteractionRequired),
        ("invalid_grant", 50_074, Kind::InteractionRequired),
        ("invalid_grant", 50_079, Kind::InteractionRequired),
        ("invalid_grant", 50_158, Kind::InteractionRequired),
        ("invalid_grant", 65_001, Kind::ConsentMissing),
        ("invalid_request", 90_002, Kind::TenantUnknown),
        ("invalid_request", 700_016, Kind::AppRejected),
        ("invalid_client", 700_024, Kind::ClockSkew),
        ("interaction_required", 0, Kind::InteractionRequired),
        ("login_required", 0, Kind::InteractionRequired),
        ("consent_required", 0, Kind::ConsentMissing),
        ("invalid_grant", 0, Kind::GrantRejected),
        ("invalid_client", 0, Kind::ClientRejected),
        ("unauthorized_client", 0, Kind::AppRejected),
        ("authorization_declined", 0, Kind::Declined),
        ("access_denied", 0, Kind::Declined),
        ("expired_token", 0, Kind::Declined),
        ("code_expired", 0, Kind::Declined),
        ("temporarily_unavailable", 0, Kind::Unavailable),
        ("server_error", 0, Kind::Unavailable),
        ("invalid_request", 0, Kind::Other),
    ] {
        let returned = error_of(400, &format!(r#"{{"error":"{error}","error_codes":[{code}]}}"#)).await;
        assert_eq!(returned.kind(), kind, "{error} {code}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_error_has_the_details_of_the_identity_platform() {
    let body = r#"{"error":"invalid_grant","error_description":"No.","error_codes":[70008,1],"trace_id":"trace-1"}"#;

    let said = error_of(400, body).await;
    assert_eq!((said.oauth_error(), said.codes(), said.status()), (Some("invalid_grant"), &[70008, 1][..], Some(400)));
    assert_eq!((said.trace_id(), said.retry_after()), (Some("trace-1"), None));

    let own = CredentialError::other("the vault is sealed");
    assert_eq!((own.oauth_error(), own.codes(), own.status(), own.trace_id()), (None, &[][..], None, None));
}

#[test]
fn the_error_of_another_token_library_is_the_cause() {
    let error = CredentialError::other(std::io::Error::other("the vault is sealed"));
    let cause = std::error::Error::source(&error).unwrap();
    assert_eq!(cause.downcast_ref::<std::io::Error>().unwrap().to_string(), "the vault is sealed");

    let own = CredentialError::new(CredentialErrorKind::Configuration, "no vault");
    assert!(std::error::Error::source(&own).is_none());
}

/// Uses the resource of its context's cloud as the token.
#[derive(Debug)]
struct NamesTheResource;

impl Credential for NamesTheResource {
    fn access_token<'a>(
        &'a self,
        context: &'a CredentialContext,
    ) -> BoxFuture<'a, Result<AccessToken, CredentialError>> {
        Box::pin(async { Ok(AccessToken::without_expiry(context.cloud().resource())) })
    }
}

#[tokio::test(start_paused = true)]
async fn a_credential_learns_the_cloud_of_its_client() {
    let service = FakeService::new(|_| FakeResponse::json(200, order_json("o-1")));
    let partner = settings(&service).cloud(Cloud::china()).credential(NamesTheResource).build().unwrap();

    partner.customer(CUSTOMER).orders().get("o-1").await.unwrap();

    let token = service.seen()[0].header("authorization").to_owned();
    assert_eq!(token, "Bearer https://partner.partnercenterapi.microsoftonline.cn");
}

/// Knows its tenant, and waits for people.
#[derive(Debug)]
struct Waits;

impl Credential for Waits {
    fn access_token<'a>(&'a self, _: &'a CredentialContext) -> BoxFuture<'a, Result<AccessToken, CredentialError>> {
        Box::pin(async { Ok(AccessToken::without_expiry("t-1")) })
    }

    fn tenant(&self) -> Option<&str> {
        Some(TENANT)
    }

    fn time_limit(&self) -> Option<Duration> {
        Some(Duration::from_secs(900))
    }
}

#[test]
fn a_boxed_or_shared_credential_returns_what_the_credential_returns() {
    fn said(credential: &impl Credential) -> (Option<&str>, Option<Duration>) {
        (credential.tenant(), credential.time_limit())
    }
    let expected = (Some(TENANT), Some(Duration::from_secs(900)));
    assert_eq!(said(&(Box::new(Waits) as Box<dyn Credential>)), expected);
    assert_eq!(said(&(Arc::new(Waits) as Arc<dyn Credential>)), expected);
}
