//! The sign-in service, and what the API makes of tokens.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use crate::support::{Bench, DOCUMENTED, RESOURCE, order, orders, seen, stopped};

fn claims(token: &Value) -> Value {
    let claims = token.as_str().unwrap().split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).unwrap()).unwrap()
}

fn default_scope() -> String {
    format!("{RESOURCE}/.default")
}

const APP: (&str, &str) = ("grant_type", "client_credentials");

/// What the API answers to this token.
async fn with_token(bench: &Bench, token: &str) -> crate::support::Seen {
    seen(bench.client.get(bench.url(&orders(DOCUMENTED))).bearer_auth(token)).await
}

#[tokio::test]
async fn the_first_version_writes_numbers_as_text() {
    let bench = Bench::new().await;
    let token = bench.token("oauth2/token", &[APP, ("resource", RESOURCE)]).await.expect(200);
    assert_eq!((&token["expires_in"], &token["token_type"]), (&json!("3599"), &json!("Bearer")));
    assert!(token["expires_on"].is_string() && token.get("refresh_token").is_none());
    let claims = claims(&token["access_token"]);
    assert_eq!((&claims["aud"], &claims["tid"]), (&json!(RESOURCE), &json!(bench.emulator.tenant())));
    assert_eq!(claims["appid"], json!(bench.emulator.client_id()));
    assert_eq!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(), 3599);
    assert!(claims["roles"].is_array() && claims.get("scp").is_none());
}

#[tokio::test]
async fn the_second_version_writes_numbers_and_wants_the_default_scope() {
    let bench = Bench::new().await;
    let token = bench.token("oauth2/v2.0/token", &[APP, ("scope", &default_scope())]).await.expect(200);
    assert_eq!(token["expires_in"], 3599);
    let other = format!("{RESOURCE}/user_impersonation");
    let refused = bench.token("oauth2/v2.0/token", &[APP, ("scope", &other)]).await.expect(400);
    assert_eq!(refused["error"], "invalid_scope");
}

#[tokio::test]
async fn a_wrong_secret_is_refused_in_the_sign_in_service_s_words() {
    let bench = Bench::new().await;
    let refused = bench.token("oauth2/token", &[APP, ("resource", RESOURCE), ("client_secret", "wrong")]).await;
    let refused = refused.expect(401);
    assert_eq!(refused["error"], "invalid_client");
    assert!(refused["error_description"].as_str().unwrap().starts_with("AADSTS7000215"));
    assert!(refused["error_codes"].is_array() && refused["trace_id"].is_string());
}

#[tokio::test]
async fn a_refresh_token_rotates_and_the_old_one_stays_good() {
    let bench = Bench::new().await;
    let old = bench.emulator.refresh_token().to_owned();
    let form = [("grant_type", "refresh_token"), ("refresh_token", old.as_str()), ("resource", RESOURCE)];
    let token = bench.token("oauth2/token", &form).await.expect(200);
    assert_ne!(token["refresh_token"], json!(old));
    let claims = claims(&token["access_token"]);
    assert_eq!(claims["scp"], "user_impersonation");
    assert!(claims["amr"].as_array().unwrap().contains(&json!("mfa")));
    bench.token("oauth2/token", &form).await.expect(200);
}

#[tokio::test]
async fn refresh_tokens_can_be_made_to_serve_once() {
    let bench = Bench::new().await;
    bench.configure(|settings| settings.single_use_refresh = true);
    let old = bench.emulator.new_refresh_token(true);
    let form = [("grant_type", "refresh_token"), ("refresh_token", old.as_str()), ("resource", RESOURCE)];
    let new = bench.token("oauth2/token", &form).await.expect(200)["refresh_token"].as_str().unwrap().to_owned();
    assert_eq!(bench.token("oauth2/token", &form).await.expect(400)["error"], "invalid_grant");
    let form = [("grant_type", "refresh_token"), ("refresh_token", new.as_str()), ("resource", RESOURCE)];
    bench.token("oauth2/token", &form).await.expect(200);
}

/// Signs a user in with a browser; gives the code.
async fn code(bench: &Bench, challenge: &str) -> String {
    let query = [
        ("client_id", bench.emulator.client_id().to_string()),
        ("response_type", "code".into()),
        ("redirect_uri", "http://localhost:8400/back".into()),
        ("scope", format!("{RESOURCE}/user_impersonation offline_access openid")),
        ("state", "state of play".into()),
        ("nonce", "once".into()),
        ("code_challenge", challenge.to_owned()),
        ("code_challenge_method", "S256".into()),
    ];
    let answer = seen(bench.client.get(bench.authority("oauth2/v2.0/authorize")).query(&query)).await;
    assert_eq!(answer.status, 302);
    let back = reqwest::Url::parse(answer.header("location").unwrap()).unwrap();
    let value = |name| back.query_pairs().find(|(key, _)| key == name).unwrap().1.into_owned();
    assert_eq!((back.path(), value("state").as_str()), ("/back", "state of play"));
    value("code")
}

#[tokio::test]
async fn a_code_is_redeemed_once_with_the_verifier_of_its_challenge() {
    let bench = Bench::new().await;
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
        bench.token("oauth2/v2.0/token", &form).await
    };
    let good = code(&bench, &challenge).await;
    let token = redeem(&good, verifier).await.expect(200);
    assert_eq!(claims(&token["id_token"])["nonce"], "once");
    assert!(token["refresh_token"].is_string());
    assert_eq!(with_token(&bench, token["access_token"].as_str().unwrap()).await.status, 200);
    assert_eq!(redeem(&good, verifier).await.expect(400)["error"], "invalid_grant");
    let other = code(&bench, &challenge).await;
    assert_eq!(redeem(&other, "another").await.expect(400)["error_codes"], json!([501_481]));
}

#[tokio::test]
async fn a_device_waits_for_its_user() {
    let bench = Bench::new().await;
    bench.configure(|settings| settings.device_code_polls = 1000);
    let id = bench.emulator.client_id().to_string();
    let form = [("client_id", id.as_str()), ("scope", "https://api.partnercenter.microsoft.com/user_impersonation")];
    let device = seen(bench.client.post(bench.authority("oauth2/v2.0/devicecode")).form(&form)).await.expect(200);
    let form = [
        ("grant_type", "urn:ietf:params:oauth:grant-type:device_code"),
        ("device_code", device["device_code"].as_str().unwrap()),
    ];
    assert_eq!(bench.token("oauth2/v2.0/token", &form).await.expect(400)["error"], "authorization_pending");
    assert!(bench.emulator.approve_device(device["user_code"].as_str().unwrap()));
    bench.token("oauth2/v2.0/token", &form).await.expect(200);
}

/// An assertion of the application about itself, signed with nothing.
fn assertion(bench: &Bench, audience: &str, ends: i64) -> String {
    let part = |value: Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let id = bench.emulator.client_id();
    let claims = json!({"iss": id, "sub": id, "aud": audience, "exp": ends});
    format!("{}.{}.{}", part(json!({"alg": "PS256"})), part(claims), URL_SAFE_NO_PAD.encode("signature"))
}

/// Asks for a token with an assertion in place of the secret.
async fn by_assertion(bench: &Bench, assertion: &str) -> crate::support::Seen {
    let id = bench.emulator.client_id().to_string();
    let scope = default_scope();
    let form = [
        APP,
        ("client_id", &id),
        ("scope", &scope),
        ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
        ("client_assertion", assertion),
    ];
    seen(bench.client.post(bench.authority("oauth2/v2.0/token")).form(&form)).await
}

#[tokio::test]
async fn an_assertion_stands_in_for_the_secret() {
    let bench = Bench::new().await;
    let ask = async |assertion: String| by_assertion(&bench, &assertion).await;
    let here = bench.authority("oauth2/v2.0/token");
    let later = bench.emulator.clock().now().timestamp() + 600;
    ask(assertion(&bench, &here, later)).await.expect(200);
    assert_eq!(
        ask(assertion(&bench, "https://elsewhere.example/token", later)).await.expect(401)["error"],
        "invalid_client"
    );
    assert_eq!(ask(assertion(&bench, &here, later - 1200)).await.expect(401)["error"], "invalid_client");
}

#[tokio::test]
async fn once_a_certificate_is_registered_assertions_must_be_signed_with_it() {
    let bench = Bench::new().await;
    let later = bench.emulator.clock().now().timestamp() + 600;
    let unsigned = assertion(&bench, &bench.authority("oauth2/v2.0/token"), later);
    assert!(!bench.emulator.register_certificate(b"no certificate"));
    by_assertion(&bench, &unsigned).await.expect(200);
    assert!(bench.emulator.register_certificate(include_bytes!("certificate.pem")));
    assert_eq!(by_assertion(&bench, &unsigned).await.expect(401)["error"], "invalid_client");
}

#[tokio::test]
async fn discovery_names_endpoints_that_are_there() {
    let bench = Bench::new().await;
    for version in ["", "v2.0/"] {
        let address = bench.authority(&format!("{version}.well-known/openid-configuration"));
        let found = seen(bench.client.get(address)).await.expect(200);
        let keys = seen(bench.client.get(found["jwks_uri"].as_str().unwrap())).await.expect(200);
        assert_eq!((&keys["keys"][0]["kty"], &keys["keys"][0]["alg"]), (&json!("RSA"), &json!("RS256")));
        let empty = seen(bench.client.post(found["token_endpoint"].as_str().unwrap())).await.expect(400);
        assert_eq!(empty["error"], "invalid_request");
    }
}

#[tokio::test]
async fn a_token_for_another_audience_is_900420() {
    let bench = Bench::new().await;
    let form = [APP, ("resource", "https://graph.windows.net")];
    let token = bench.token("oauth2/token", &form).await.expect(200);
    let refused = with_token(&bench, token["access_token"].as_str().unwrap()).await;
    assert_eq!(refused.refusal(), (401, 900_420));
}

#[tokio::test]
async fn the_audience_is_a_setting() {
    let other = "https://partner.partnercenterapi.microsoftonline.cn";
    let bench = Bench::new().await;
    bench.configure(|settings| other.clone_into(&mut settings.audience));
    assert_eq!(with_token(&bench, &bench.app_token).await.refusal(), (401, 900_420));
    assert_eq!(with_token(&bench, &bench.emulator.app_token()).await.status, 200);
}

#[tokio::test]
async fn a_user_without_second_factor_is_900421() {
    let bench = Bench::new().await;
    let token = bench.emulator.user_token(false);
    assert_eq!(with_token(&bench, &token).await.refusal(), (401, 900_421));
    bench.configure(|settings| settings.mfa_required = false);
    assert_eq!(with_token(&bench, &token).await.status, 200);
}

#[tokio::test]
async fn an_application_without_user_is_900329_where_a_user_is_needed() {
    let bench = Bench::new().await;
    let path = format!("{}/provisioningstatus", order(DOCUMENTED, "YxH1q4KScfvfkJQjgRI8QY1DznnUWZTH1"));
    let refused = seen(bench.client.get(bench.url(&path)).bearer_auth(&bench.app_token)).await;
    assert_eq!(refused.refusal(), (403, 900_329));
    assert_eq!(bench.get(&path).await.status, 200);
}

#[tokio::test]
async fn expired_and_foreign_tokens_are_401() {
    let bench = Bench::new().await;
    let foreign = stopped().seed(99).start().await.unwrap().app_token();
    assert_eq!(with_token(&bench, &foreign).await.refusal(), (401, 400));
    assert_eq!(with_token(&bench, &bench.app_token).await.status, 200);
    bench.pass(3600);
    assert_eq!(with_token(&bench, &bench.app_token).await.refusal(), (401, 400));
}

#[tokio::test]
async fn whether_a_caller_used_a_second_factor_is_said_on_request() {
    let bench = Bench::new().await;
    let ask = async |token: &str| {
        let request = bench.client.get(bench.url(&orders(DOCUMENTED))).bearer_auth(token).header("ValidateMfa", "true");
        seen(request).await.header("isMfaCompliant").map(str::to_owned)
    };
    bench.configure(|settings| settings.mfa_required = false);
    assert_eq!(ask(&bench.emulator.user_token(true)).await.as_deref(), Some("true"));
    assert_eq!(ask(&bench.emulator.user_token(false)).await.as_deref(), Some("false"));
}
