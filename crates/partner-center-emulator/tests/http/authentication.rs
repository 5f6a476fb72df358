//! The identity platform, and the validation of tokens by the API.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use crate::support::{DOCUMENTED, RESOURCE, TestServer, order, orders, send, stopped};

fn claims(token: &Value) -> Value {
    let claims = token.as_str().unwrap().split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).unwrap()).unwrap()
}

fn default_scope() -> String {
    format!("{RESOURCE}/.default")
}

const APP: (&str, &str) = ("grant_type", "client_credentials");

/// Returns the response of the API to this token.
async fn with_token(server: &TestServer, token: &str) -> crate::support::TestResponse {
    send(server.client.get(server.url(&orders(DOCUMENTED))).bearer_auth(token)).await
}

#[tokio::test]
async fn the_first_version_writes_numbers_as_text() {
    let server = TestServer::new().await;
    let token = server.token("oauth2/token", &[APP, ("resource", RESOURCE)]).await.expect(200);
    assert_eq!((&token["expires_in"], &token["token_type"]), (&json!("3599"), &json!("Bearer")));
    assert!(token["expires_on"].is_string() && token.get("refresh_token").is_none());
    let claims = claims(&token["access_token"]);
    assert_eq!((&claims["aud"], &claims["tid"]), (&json!(RESOURCE), &json!(server.emulator.tenant())));
    assert_eq!(claims["appid"], json!(server.emulator.client_id()));
    assert_eq!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(), 3599);
    assert!(claims["roles"].is_array() && claims.get("scp").is_none());
}

#[tokio::test]
async fn the_second_version_writes_numbers_and_requires_the_default_scope() {
    let server = TestServer::new().await;
    let token = server.token("oauth2/v2.0/token", &[APP, ("scope", &default_scope())]).await.expect(200);
    assert_eq!(token["expires_in"], 3599);
    let other = format!("{RESOURCE}/user_impersonation");
    let rejected = server.token("oauth2/v2.0/token", &[APP, ("scope", &other)]).await.expect(400);
    assert_eq!(rejected["error"], "invalid_scope");
}

#[tokio::test]
async fn the_tenant_s_domains_replace_its_id() {
    let server = TestServer::new().await;
    let id = server.emulator.client_id().to_string();
    let form =
        [APP, ("client_id", id.as_str()), ("client_secret", server.emulator.client_secret()), ("resource", RESOURCE)];
    assert_eq!(server.emulator.tenant_domains(), ["partner.example", "partner.onmicrosoft.example"]);
    for domain in ["Partner.Example", "partner.onmicrosoft.example"] {
        let address = format!("{}/{domain}/oauth2/token", server.emulator.authority());
        let token = send(server.client.post(address).form(&form)).await.expect(200);
        assert_eq!(claims(&token["access_token"])["tid"], json!(server.emulator.tenant()));
        assert_eq!(with_token(&server, token["access_token"].as_str().unwrap()).await.status, 200);
    }
    let address = format!("{}/customer.example/oauth2/token", server.emulator.authority());
    assert_eq!(send(server.client.post(address).form(&form)).await.expect(400)["error"], "invalid_request");
}

#[tokio::test]
async fn a_wrong_secret_is_rejected_with_the_documented_error() {
    let server = TestServer::new().await;
    let rejected = server.token("oauth2/token", &[APP, ("resource", RESOURCE), ("client_secret", "wrong")]).await;
    let rejected = rejected.expect(401);
    assert_eq!(rejected["error"], "invalid_client");
    assert!(rejected["error_description"].as_str().unwrap().starts_with("AADSTS7000215"));
    assert!(rejected["error_codes"].is_array() && rejected["trace_id"].is_string());
}

#[tokio::test]
async fn a_refresh_token_rotates_and_the_old_one_stays_valid() {
    let server = TestServer::new().await;
    let old = server.emulator.refresh_token().to_owned();
    let form = [("grant_type", "refresh_token"), ("refresh_token", old.as_str()), ("resource", RESOURCE)];
    let token = server.token("oauth2/token", &form).await.expect(200);
    assert_ne!(token["refresh_token"], json!(old));
    let claims = claims(&token["access_token"]);
    assert_eq!(claims["scp"], "user_impersonation");
    assert!(claims["amr"].as_array().unwrap().contains(&json!("mfa")));
    server.token("oauth2/token", &form).await.expect(200);
}

#[tokio::test]
async fn refresh_tokens_can_be_single_use() {
    let server = TestServer::new().await;
    server.configure(|settings| settings.single_use_refresh = true);
    let old = server.emulator.new_refresh_token(true);
    let form = [("grant_type", "refresh_token"), ("refresh_token", old.as_str()), ("resource", RESOURCE)];
    let new = server.token("oauth2/token", &form).await.expect(200)["refresh_token"].as_str().unwrap().to_owned();
    assert_eq!(server.token("oauth2/token", &form).await.expect(400)["error"], "invalid_grant");
    let form = [("grant_type", "refresh_token"), ("refresh_token", new.as_str()), ("resource", RESOURCE)];
    server.token("oauth2/token", &form).await.expect(200);
}

/// Signs a user in with a browser. Returns the code.
async fn code(server: &TestServer, challenge: &str) -> String {
    let query = [
        ("client_id", server.emulator.client_id().to_string()),
        ("response_type", "code".into()),
        ("redirect_uri", "http://localhost:8400/back".into()),
        ("scope", format!("{RESOURCE}/user_impersonation offline_access openid")),
        ("state", "state of play".into()),
        ("nonce", "once".into()),
        ("code_challenge", challenge.to_owned()),
        ("code_challenge_method", "S256".into()),
    ];
    let response = send(server.client.get(server.authority("oauth2/v2.0/authorize")).query(&query)).await;
    assert_eq!(response.status, 302);
    let back = reqwest::Url::parse(response.header("location").unwrap()).unwrap();
    let value = |name| back.query_pairs().find(|(key, _)| key == name).unwrap().1.into_owned();
    assert_eq!((back.path(), value("state").as_str()), ("/back", "state of play"));
    value("code")
}

#[tokio::test]
async fn a_code_is_redeemed_once_with_the_verifier_of_its_challenge() {
    let server = TestServer::new().await;
    let verifier = "a-verifier-that-is-at-least-forty-three-letters-long";
    let digest = ring::digest::digest(&ring::digest::SHA256, verifier.as_bytes());
    let challenge = URL_SAFE_NO_PAD.encode(digest);
    let redeem = async |code: &str, verifier: &str| {
        let form = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", "http://localhost:8400/back"),
            ("code_verifier", verifier),
        ];
        server.token("oauth2/v2.0/token", &form).await
    };
    let good = code(&server, &challenge).await;
    let token = redeem(&good, verifier).await.expect(200);
    assert_eq!(claims(&token["id_token"])["nonce"], "once");
    assert!(token["refresh_token"].is_string());
    assert_eq!(with_token(&server, token["access_token"].as_str().unwrap()).await.status, 200);
    assert_eq!(redeem(&good, verifier).await.expect(400)["error"], "invalid_grant");
    let other = code(&server, &challenge).await;
    assert_eq!(redeem(&other, "another").await.expect(400)["error_codes"], json!([501_481]));
}

#[tokio::test]
async fn a_device_waits_for_its_user() {
    let server = TestServer::new().await;
    server.configure(|settings| settings.device_code_polls = 1000);
    let id = server.emulator.client_id().to_string();
    let form = [("client_id", id.as_str()), ("scope", "https://api.partnercenter.microsoft.com/user_impersonation")];
    let device = send(server.client.post(server.authority("oauth2/v2.0/devicecode")).form(&form)).await.expect(200);
    let form = [
        ("grant_type", "urn:ietf:params:oauth:grant-type:device_code"),
        ("device_code", device["device_code"].as_str().unwrap()),
    ];
    assert_eq!(server.token("oauth2/v2.0/token", &form).await.expect(400)["error"], "authorization_pending");
    assert!(server.emulator.approve_device(device["user_code"].as_str().unwrap()));
    server.token("oauth2/v2.0/token", &form).await.expect(200);
}

/// Returns an assertion of the application with an invalid signature.
fn assertion(server: &TestServer, audience: &str, ends: i64) -> String {
    let part = |value: Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let id = server.emulator.client_id();
    let claims = json!({"iss": id, "sub": id, "aud": audience, "exp": ends});
    format!("{}.{}.{}", part(json!({"alg": "PS256"})), part(claims), URL_SAFE_NO_PAD.encode("signature"))
}

/// Requests a token with an assertion instead of the secret.
async fn by_assertion(server: &TestServer, assertion: &str) -> crate::support::TestResponse {
    let id = server.emulator.client_id().to_string();
    let scope = default_scope();
    let form = [
        APP,
        ("client_id", &id),
        ("scope", &scope),
        ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
        ("client_assertion", assertion),
    ];
    send(server.client.post(server.authority("oauth2/v2.0/token")).form(&form)).await
}

#[tokio::test]
async fn an_assertion_replaces_the_secret() {
    let server = TestServer::new().await;
    let ask = async |assertion: String| by_assertion(&server, &assertion).await;
    let here = server.authority("oauth2/v2.0/token");
    let later = server.emulator.clock().now().timestamp() + 600;
    ask(assertion(&server, &here, later)).await.expect(200);
    assert_eq!(
        ask(assertion(&server, "https://elsewhere.example/token", later)).await.expect(401)["error"],
        "invalid_client"
    );
    assert_eq!(ask(assertion(&server, &here, later - 1200)).await.expect(401)["error"], "invalid_client");
}

#[tokio::test]
async fn once_a_certificate_is_registered_assertions_must_be_signed_with_it() {
    let server = TestServer::new().await;
    let later = server.emulator.clock().now().timestamp() + 600;
    let unsigned = assertion(&server, &server.authority("oauth2/v2.0/token"), later);
    assert!(!server.emulator.register_certificate(b"no certificate"));
    by_assertion(&server, &unsigned).await.expect(200);
    assert!(server.emulator.register_certificate(include_bytes!("certificate.pem")));
    assert_eq!(by_assertion(&server, &unsigned).await.expect(401)["error"], "invalid_client");
}

#[tokio::test]
async fn discovery_names_existing_endpoints() {
    let server = TestServer::new().await;
    for version in ["", "v2.0/"] {
        let address = server.authority(&format!("{version}.well-known/openid-configuration"));
        let found = send(server.client.get(address)).await.expect(200);
        let keys = send(server.client.get(found["jwks_uri"].as_str().unwrap())).await.expect(200);
        assert_eq!((&keys["keys"][0]["kty"], &keys["keys"][0]["alg"]), (&json!("RSA"), &json!("RS256")));
        let empty = send(server.client.post(found["token_endpoint"].as_str().unwrap())).await.expect(400);
        assert_eq!(empty["error"], "invalid_request");
    }
}

#[tokio::test]
async fn a_token_for_another_audience_is_900420() {
    let server = TestServer::new().await;
    let form = [APP, ("resource", "https://graph.windows.net")];
    let token = server.token("oauth2/token", &form).await.expect(200);
    let rejected = with_token(&server, token["access_token"].as_str().unwrap()).await;
    assert_eq!(rejected.status_and_code(), (401, 900_420));
}

#[tokio::test]
async fn the_audience_is_a_setting() {
    let other = "https://partner.partnercenterapi.microsoftonline.cn";
    let server = TestServer::new().await;
    server.configure(|settings| other.clone_into(&mut settings.audience));
    assert_eq!(with_token(&server, &server.app_token).await.status_and_code(), (401, 900_420));
    assert_eq!(with_token(&server, &server.emulator.app_token()).await.status, 200);
}

#[tokio::test]
async fn a_user_without_second_factor_is_900421() {
    let server = TestServer::new().await;
    let token = server.emulator.user_token(false);
    assert_eq!(with_token(&server, &token).await.status_and_code(), (401, 900_421));
    server.configure(|settings| settings.mfa_required = false);
    assert_eq!(with_token(&server, &token).await.status, 200);
}

#[tokio::test]
async fn an_application_without_user_is_900329_where_a_user_is_needed() {
    let server = TestServer::new().await;
    let path = format!("{}/provisioningstatus", order(DOCUMENTED, "YxH1q4KScfvfkJQjgRI8QY1DznnUWZTH1"));
    let rejected = send(server.client.get(server.url(&path)).bearer_auth(&server.app_token)).await;
    assert_eq!(rejected.status_and_code(), (403, 900_329));
    assert_eq!(server.get(&path).await.status, 200);
}

#[tokio::test]
async fn expired_and_foreign_tokens_are_401() {
    let server = TestServer::new().await;
    let foreign = stopped().seed(99).start().await.unwrap().app_token();
    assert_eq!(with_token(&server, &foreign).await.status_and_code(), (401, 400));
    assert_eq!(with_token(&server, &server.app_token).await.status, 200);
    server.pass(3600);
    assert_eq!(with_token(&server, &server.app_token).await.status_and_code(), (401, 400));
}

#[tokio::test]
async fn use_of_a_second_factor_is_reported_on_request() {
    let server = TestServer::new().await;
    let ask = async |token: &str| {
        let request =
            server.client.get(server.url(&orders(DOCUMENTED))).bearer_auth(token).header("ValidateMfa", "true");
        send(request).await.header("isMfaCompliant").map(str::to_owned)
    };
    server.configure(|settings| settings.mfa_required = false);
    assert_eq!(ask(&server.emulator.user_token(true)).await.as_deref(), Some("true"));
    assert_eq!(ask(&server.emulator.user_token(false)).await.as_deref(), Some("false"));
}

#[tokio::test]
async fn a_value_of_validate_mfa_that_is_no_boolean_is_rejected() {
    let server = TestServer::new().await;
    let token = server.emulator.user_token(true);
    let request = server.client.get(server.url(&orders(DOCUMENTED))).bearer_auth(token).header("ValidateMfa", "{}");

    assert_eq!(send(request).await.status, 400);
}
