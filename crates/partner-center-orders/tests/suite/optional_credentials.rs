//! The credentials behind features: certificate, device code, authorization code.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use partner_center_emulator::Emulator;
use partner_center_orders::identity::secrecy::SecretString;
use partner_center_orders::identity::{
    AuthorizationRequest, Certificate, ClientCertificate, CredentialErrorKind, DeviceCode, InvalidCertificate,
    MemoryTokenStore, RefreshToken, StoreError, TokenStore,
};
use partner_center_orders::{BoxFuture, ClientSecret, Cloud, Credential, PartnerCenter, SendRequest, StaticToken};
use ring::digest::{SHA256, digest};
use ring::rsa::KeyPair;
use ring::signature::{KeyPair as _, RSA_PSS_2048_8192_SHA256, UnparsedPublicKey};
use rustls_pki_types::PrivateKeyDer;
use rustls_pki_types::pem::PemObject as _;
use serde_json::Value;

use crate::emulated::{Emulated, emulator, signed_in};
use crate::support::{AUTHORITY, FakeResponse, FakeService, NEW_YEAR, TestRandomSource, settings};

/// ring can't generate RSA keys.
const KEY: &str = include_str!("keys/rsa-2048.pem");
const SHORT_KEY: &str = include_str!("keys/rsa-1024.pem");

fn pem(what: &str, der: &[u8]) -> String {
    format!("-----BEGIN {what}-----\n{}\n-----END {what}-----\n", STANDARD.encode(der))
}

/// The key, and text in place of its certificate: only its fingerprint is used.
fn certificate() -> Certificate {
    Certificate::from_pem(pem("CERTIFICATE", b"certificate"), KEY).unwrap()
}

fn public_key() -> Vec<u8> {
    let key = PrivateKeyDer::from_pem_slice(KEY.as_bytes()).unwrap();
    let PrivateKeyDer::Pkcs8(key) = key else { panic!("PKCS #8") };
    KeyPair::from_pkcs8(key.secret_pkcs8_der()).unwrap().public_key().as_ref().to_vec()
}

fn json(part: &str) -> Value {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_certificate_signs_an_assertion_for_the_endpoint() {
    let service = FakeService::script([FakeResponse::json(200, r#"{"token_type":"Bearer","access_token":"t-1"}"#)]);
    let credential = ClientCertificate::new("contoso.example", "app-1", certificate());
    assert!(!format!("{credential:?}").contains("PRIVATE"));

    settings(&service).credential(credential).build().unwrap().sign_in().await.unwrap();

    let seen = &service.seen()[0];
    let assertion = seen.field("client_assertion").unwrap();
    let (message, signature) = assertion.rsplit_once('.').unwrap();
    let (header, claims) = message.split_once('.').unwrap();
    let (header, claims) = (json(header), json(claims));
    assert_eq!(seen.field("client_secret"), None);
    assert_eq!((header["alg"].as_str(), header["typ"].as_str()), (Some("PS256"), Some("JWT")));
    // SHA-256 of "certificate".
    let fingerprint = digest(&SHA256, b"certificate");
    assert_eq!(header["x5t#S256"], URL_SAFE_NO_PAD.encode(fingerprint));
    assert_eq!(claims["aud"], format!("{AUTHORITY}/contoso.example/oauth2/v2.0/token"));
    assert_eq!((claims["iss"].as_str(), claims["sub"].as_str()), (Some("app-1"), Some("app-1")));
    assert_eq!(claims["nbf"], NEW_YEAR.as_secs());
    assert_eq!(claims["exp"], NEW_YEAR.as_secs() + 600);
    UnparsedPublicKey::new(&RSA_PSS_2048_8192_SHA256, public_key())
        .verify(message.as_bytes(), &URL_SAFE_NO_PAD.decode(signature).unwrap())
        .unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_refresh_token_is_renewed_with_a_certificate_in_place_of_a_secret() {
    let service = FakeService::script([FakeResponse::json(200, r#"{"token_type":"Bearer","access_token":"t-1"}"#)]);
    let credential = RefreshToken::new("contoso.example", "app-1", "r-0")
        .client_secret("no longer used")
        .client_certificate(certificate());

    settings(&service).credential(credential).build().unwrap().sign_in().await.unwrap();

    let seen = &service.seen()[0];
    assert_eq!(seen.field("grant_type").as_deref(), Some("refresh_token"));
    assert_eq!(seen.field("refresh_token").as_deref(), Some("r-0"));
    assert_eq!(seen.field("client_secret"), None);
    let assertion = seen.field("client_assertion").unwrap();
    let claims = json(assertion.split('.').nth(1).unwrap());
    assert_eq!((claims["iss"].as_str(), claims["sub"].as_str()), (Some("app-1"), Some("app-1")));
}

#[test]
fn a_certificate_without_a_supported_rsa_key_is_rejected() {
    let certificate = pem("CERTIFICATE", b"certificate");
    let error = |certificate: &str, key: &str| Certificate::from_pem(certificate, key).unwrap_err();
    assert_eq!(error("nothing", "nothing"), InvalidCertificate::NoCertificate);
    assert_eq!(error(&certificate, "nothing"), InvalidCertificate::NoKey);
    assert_eq!(error(&certificate, &pem("ENCRYPTED PRIVATE KEY", b"x")), InvalidCertificate::NoKey);
    assert_eq!(error(&certificate, &pem("EC PRIVATE KEY", b"x")), InvalidCertificate::NotRsa);
    assert_eq!(error(&certificate, &pem("PRIVATE KEY", b"x")), InvalidCertificate::NotRsa);
    assert_eq!(error(&certificate, SHORT_KEY), InvalidCertificate::UnsupportedKeySize);
}

#[tokio::test]
async fn the_emulator_accepts_an_assertion() {
    let emulator = Emulator::builder().start().await.unwrap();
    let (tenant, client_id) = (emulator.tenant().to_string(), emulator.client_id().to_string());
    let partner = PartnerCenter::builder()
        .base_url(format!("{}/v1", emulator.base_url()))
        .authority(emulator.authority())
        .configure_http(reqwest::ClientBuilder::no_proxy)
        .credential(ClientCertificate::new(tenant, client_id, certificate()))
        .build()
        .unwrap();

    partner.sign_in().await.unwrap();
}

fn by_device(emulator: &Emulator, prompts: &Arc<Mutex<Vec<String>>>) -> DeviceCode {
    let prompts = Arc::clone(prompts);
    DeviceCode::new(emulator.tenant().to_string(), emulator.client_id().to_string(), move |prompt| {
        assert!(prompt.verification_uri.starts_with("http"));
        assert!(prompt.expires_in > Duration::ZERO);
        prompts.lock().unwrap().push(prompt.user_code.clone());
    })
}

#[tokio::test(start_paused = true)]
async fn a_user_signs_in_by_device_code_once_and_is_renewed_from_then_on() {
    let emulator = emulator(|builder| builder.configure(|settings| settings.device_code_polls = 3));
    let prompts = Arc::default();
    let partner = signed_in(&emulator, by_device(&emulator, &prompts));

    partner.sign_in().await.unwrap();
    tokio::time::advance(Duration::from_secs(3600)).await;
    partner.customer(emulator.customers()[0]).orders().list().await.unwrap();

    assert_eq!(prompts.lock().unwrap().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_user_whose_refresh_token_ended_is_asked_again() {
    let emulator =
        emulator(|builder| builder.configure(|settings| settings.refresh_token_lifetime = Duration::from_secs(600)));
    let prompts = Arc::default();
    let partner = signed_in(&emulator, by_device(&emulator, &prompts));

    partner.sign_in().await.unwrap();
    tokio::time::advance(Duration::from_secs(3600)).await;
    partner.sign_in().await.unwrap();

    assert_eq!(prompts.lock().unwrap().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_code_that_is_not_entered_expires() {
    let service = FakeService::new(|seen| {
        if seen.url.path().ends_with("devicecode") {
            return FakeResponse::json(
                200,
                r#"{"device_code":"d","user_code":"U","verification_uri":"https://login.example/device","expires_in":60,"interval":5}"#,
            );
        }
        FakeResponse::json(400, r#"{"error":"authorization_pending"}"#)
    });
    let credential = DeviceCode::new("contoso.example", "app-1", |_| {});

    let error = settings(&service).credential(credential).build().unwrap().sign_in().await.unwrap_err();

    assert_eq!(error.kind(), CredentialErrorKind::Declined);
    assert_eq!(service.seen().len(), 13);
}

#[tokio::test(start_paused = true)]
async fn a_user_who_declines_ends_authentication() {
    let service = FakeService::script([
        FakeResponse::json(
            200,
            r#"{"device_code":"d","user_code":"U","verification_uri":"x","expires_in":"60","interval":"5"}"#,
        ),
        FakeResponse::json(400, r#"{"error":"slow_down"}"#),
        FakeResponse::json(400, r#"{"error":"authorization_declined"}"#),
    ]);
    let credential = DeviceCode::new("contoso.example", "app-1", |_| {});

    let error = settings(&service).credential(credential).build().unwrap().sign_in().await.unwrap_err();

    assert_eq!(error.kind(), CredentialErrorKind::Declined);
    assert_eq!(service.seen()[2].at.as_secs(), 5 + 10);
}

/// Opens the page as a browser would, and returns the address of the redirect.
fn browse<'a>(emulator: &Emulator, url: &'a str) -> BoxFuture<'a, String> {
    let emulated = Emulated(emulator.service());
    Box::pin(async move {
        let request = reqwest::Request::new(http::Method::GET, url.parse().unwrap());
        let response = emulated.send(request).await.unwrap();
        response.headers()["location"].to_str().unwrap().to_owned()
    })
}

fn request(emulator: &Emulator) -> AuthorizationRequest {
    let cloud = Cloud::global().with_authority("http://localhost").unwrap();
    let (tenant, client_id) = (emulator.tenant().to_string(), emulator.client_id().to_string());
    let redirect = "http://localhost:8400/signed-in";
    AuthorizationRequest::with_random_source(&cloud, tenant, client_id, redirect, &TestRandomSource::default()).unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_user_signs_in_by_the_browser_and_the_next_process_starts_from_the_store() {
    let emulator = emulator(|builder| builder);
    let request = request(&emulator);
    let store = Arc::new(MemoryTokenStore::default());
    let redirect = browse(&emulator, request.url().as_str()).await;

    let credential =
        request.complete(&redirect).unwrap().client_secret(emulator.client_secret()).store(Arc::clone(&store));
    let partner = signed_in(&emulator, credential);
    let orders = partner.customer(emulator.customers()[0]).orders();
    orders.provisioning_status("YxH1q4KScfvfkJQjgRI8QY1DznnUWZTH1").await.unwrap();
    tokio::time::advance(Duration::from_secs(3600)).await;
    orders.list().await.unwrap();

    let next = RefreshToken::from_store(emulator.tenant().to_string(), emulator.client_id().to_string(), store)
        .client_secret(emulator.client_secret());
    signed_in(&emulator, next).sign_in().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_response_to_another_request_is_rejected() {
    let emulator = emulator(|builder| builder);
    let redirect = browse(&emulator, request(&emulator).url().as_str()).await;
    let other = AuthorizationRequest::new(&Cloud::global(), "contoso.example", "app-1", "http://localhost/").unwrap();

    assert_eq!(other.complete(&redirect).unwrap_err().kind(), CredentialErrorKind::InvalidResponse);

    let state = request(&emulator).url().query_pairs().find(|(key, _)| key == "state").unwrap().1.into_owned();
    let declined = format!("http://localhost/?error=access_denied&error_description=No&state={state}");
    assert_eq!(request(&emulator).complete(&declined).unwrap_err().kind(), CredentialErrorKind::Declined);
}

#[tokio::test(start_paused = true)]
async fn a_code_from_the_browser_outlives_an_exchange_that_failed() {
    let service = FakeService::script([
        FakeResponse::json(503, "busy"),
        FakeResponse::json(200, r#"{"token_type":"Bearer","expires_in":3600,"access_token":"t-1"}"#),
    ]);
    let request =
        AuthorizationRequest::new(&Cloud::global(), "contoso.example", "app-1", "http://localhost:1").unwrap();
    let state = request.url().query_pairs().find(|(name, _)| name == "state").unwrap().1.into_owned();
    let credential = request.complete(&format!("http://localhost:1/?code=c&state={state}")).unwrap();
    let partner = settings(&service).credential(credential).build().unwrap();

    partner.sign_in().await.unwrap_err();
    partner.sign_in().await.unwrap();

    let codes: Vec<_> = service.seen().iter().map(|seen| seen.field("code")).collect();
    assert_eq!(codes, [Some("c".to_owned()), Some("c".to_owned())]);
}

#[tokio::test(start_paused = true)]
async fn a_device_code_may_say_anything_about_its_life() {
    for (expires_in, interval) in [
        ("9223372036854775807", "5"),
        ("\"9223372036854775807\"", "9223372036854775807"),
        ("900", "9223372036854775807"),
        ("9223372036854775807", "9223372036854775807"),
    ] {
        let started = format!(
            r#"{{"device_code":"d","user_code":"u","verification_uri":"x","expires_in":{expires_in},"interval":{interval}}}"#
        );
        let service = FakeService::new(move |seen| {
            if seen.url.path().ends_with("/devicecode") {
                return FakeResponse::json(200, started.clone());
            }
            FakeResponse::json(400, r#"{"error":"authorization_pending"}"#)
        });
        let credential = DeviceCode::new("contoso.example", "app-1", |_| {});
        let partner = settings(&service).credential(credential).build().unwrap();
        let begun = tokio::time::Instant::now();

        let error = partner.sign_in().await.unwrap_err();

        assert_eq!(error.kind(), CredentialErrorKind::Declined, "{error}");
        assert!(begun.elapsed() <= Duration::from_secs(3600), "{:?}", begun.elapsed());
    }
}

#[tokio::test(start_paused = true)]
async fn polling_a_device_code_obeys_retry_after() {
    let mut polls = 0;
    let service = FakeService::new(move |seen| {
        if seen.url.path().ends_with("/devicecode") {
            let started = r#"{"device_code":"d","user_code":"u","verification_uri":"https://login.example","expires_in":900,"interval":5}"#;
            return FakeResponse::json(200, started);
        }
        polls += 1;
        match polls {
            1 => FakeResponse::json(503, "").with("retry-after", "60"),
            _ => FakeResponse::json(200, r#"{"token_type":"Bearer","access_token":"t-1"}"#),
        }
    });
    let credential = DeviceCode::new("contoso.example", "app-1", |_| {});

    settings(&service).credential(credential).build().unwrap().sign_in().await.unwrap();

    let seconds: Vec<_> = service.seen().iter().map(|seen| seen.at.as_secs()).collect();
    assert_eq!(seconds, [0, 5, 65]);
}

/// A store that never completes.
#[derive(Debug)]
struct Stuck;

impl TokenStore for Stuck {
    fn load(&self) -> BoxFuture<'_, Result<Option<SecretString>, StoreError>> {
        Box::pin(async { Ok(None) })
    }

    fn save<'a>(&'a self, _: &'a SecretString) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(std::future::pending())
    }
}

#[tokio::test(start_paused = true)]
async fn a_code_from_the_browser_is_exchanged_once_whatever_the_store_does() {
    let service = FakeService::new(|seen| {
        let grant = seen.field("grant_type").unwrap();
        FakeResponse::json(
            200,
            format!(r#"{{"token_type":"Bearer","expires_in":3600,"access_token":"by {grant}","refresh_token":"r-1"}}"#),
        )
    });
    let request =
        AuthorizationRequest::new(&Cloud::global(), "contoso.example", "app-1", "http://localhost:1").unwrap();
    let state = request.url().query_pairs().find(|(name, _)| name == "state").unwrap().1.into_owned();
    let credential = request.complete(&format!("http://localhost:1/?code=c&state={state}")).unwrap().store(Stuck);
    let credential = Arc::new(credential);

    // The first renewal ends with its runtime, while the store is still saving.
    let (first, shared) = (service.clone(), Arc::clone(&credential));
    let abandoned = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        runtime.block_on(async {
            let partner = settings(&first).credential(shared).build().unwrap();
            tokio::time::timeout(Duration::from_secs(1), partner.sign_in()).await.unwrap_err();
        });
    });
    abandoned.join().unwrap();
    settings(&service).credential(credential).build().unwrap().sign_in().await.unwrap();

    let grants: Vec<_> = service.seen().iter().map(|seen| seen.field("grant_type").unwrap()).collect();
    assert_eq!(grants, ["authorization_code", "refresh_token"]);
}

#[test]
fn a_credential_knows_its_tenant() {
    const TENANT: &str = "contoso.example";
    let request = AuthorizationRequest::new(&Cloud::global(), TENANT, "app-1", "http://localhost:1").unwrap();
    let state = request.url().query_pairs().find(|(name, _)| name == "state").unwrap().1.into_owned();
    let by_browser = request.complete(&format!("http://localhost:1/?code=c&state={state}")).unwrap();
    let credentials: [Box<dyn Credential>; 5] = [
        Box::new(ClientSecret::new(TENANT, "app-1", "s")),
        Box::new(ClientCertificate::new(TENANT, "app-1", certificate())),
        Box::new(RefreshToken::new(TENANT, "app-1", "r-0")),
        Box::new(DeviceCode::new(TENANT, "app-1", |_| {})),
        Box::new(by_browser),
    ];
    for credential in credentials {
        assert_eq!(credential.tenant(), Some(TENANT), "{credential:?}");
    }
    let token = StaticToken::new("t-1");
    assert_eq!((token.tenant(), token.time_limit()), (None, None));
}
