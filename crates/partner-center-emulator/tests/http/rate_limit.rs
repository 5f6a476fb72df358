//! The rate limit over HTTP. The window is tested in the module itself.

use partner_center_emulator::{Emulator, RetryAfterForm, ThrottleBody};
use serde_json::json;

use crate::support::{DOCUMENTED, TestResponse, TestServer, orders};

async fn exhausted() -> TestServer {
    let clock = partner_center_emulator::Clock::stopped_at("2022-09-14T08:00:00Z".parse().unwrap());
    let server = TestServer::with(Emulator::builder().clock(clock).configure(|settings| settings.rate = 2)).await;
    for _ in 0..2 {
        server.get(&orders(DOCUMENTED)).await.expect(200);
    }
    server
}

async fn next(server: &TestServer) -> TestResponse {
    server.get(&orders(DOCUMENTED)).await
}

#[tokio::test]
async fn a_request_beyond_the_limit_is_rejected_by_the_gateway() {
    let server = exhausted().await;
    server.configure(|settings| settings.refused_requests_count = false);
    server.pass(20);
    let rejected = next(&server).await;
    assert_eq!((rejected.status.as_u16(), rejected.header("retry-after")), (429, Some("40")));
    assert_eq!(rejected.json()["statusCode"], 429);
    assert!(rejected.json().get("code").is_none() && rejected.json()["message"].is_string());
    server.pass(39);
    assert_eq!(next(&server).await.status, 429);
    server.pass(1);
    assert_eq!(next(&server).await.status, 200);
    assert_eq!(server.count("throttled"), 2);
}

#[tokio::test]
async fn rejected_requests_count_by_default() {
    let server = exhausted().await;
    server.pass(30);
    for _ in 0..2 {
        assert_eq!(next(&server).await.status, 429);
    }
    server.pass(31);
    assert_eq!(next(&server).await.status, 429);
}

#[tokio::test]
async fn the_form_of_the_429_is_a_setting() {
    let server = exhausted().await;
    server.configure(|settings| {
        settings.throttle_body = ThrottleBody::Fault;
        settings.retry_after = RetryAfterForm::Date;
    });
    let rejected = next(&server).await;
    assert_eq!(rejected.header("retry-after"), Some("Wed, 14 Sep 2022 08:01:00 GMT"));
    assert_eq!(rejected.status_and_code(), (429, 429));
    server.configure(|settings| settings.retry_after = RetryAfterForm::Absent);
    assert_eq!(next(&server).await.header("retry-after"), None);
}

#[tokio::test]
async fn the_identity_platform_has_no_limit() {
    let server = exhausted().await;
    let form = [("grant_type", "client_credentials"), ("resource", crate::support::RESOURCE)];
    for _ in 0..5 {
        assert_eq!(server.token("oauth2/token", &form).await.expect(200)["token_type"], json!("Bearer"));
    }
}
