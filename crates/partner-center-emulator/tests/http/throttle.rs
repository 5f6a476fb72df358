//! The rate limit over HTTP; the window itself is tested where it is.

use partner_center_emulator::{Emulator, RetryAfterForm, ThrottleBody};
use serde_json::json;

use crate::support::{Bench, DOCUMENTED, Seen, orders};

async fn exhausted() -> Bench {
    let clock = partner_center_emulator::Clock::stopped_at("2022-09-14T08:00:00Z".parse().unwrap());
    let bench = Bench::with(Emulator::builder().clock(clock).configure(|settings| settings.rate = 2)).await;
    for _ in 0..2 {
        bench.get(&orders(DOCUMENTED)).await.expect(200);
    }
    bench
}

async fn next(bench: &Bench) -> Seen {
    bench.get(&orders(DOCUMENTED)).await
}

#[tokio::test]
async fn one_request_too_many_gets_the_gateway_s_answer_and_has_to_wait() {
    let bench = exhausted().await;
    bench.configure(|settings| settings.refused_requests_count = false);
    bench.pass(20);
    let refused = next(&bench).await;
    assert_eq!((refused.status.as_u16(), refused.header("retry-after")), (429, Some("40")));
    assert_eq!(refused.json()["statusCode"], 429);
    assert!(refused.json().get("code").is_none() && refused.json()["message"].is_string());
    bench.pass(39);
    assert_eq!(next(&bench).await.status, 429);
    bench.pass(1);
    assert_eq!(next(&bench).await.status, 200);
    assert_eq!(bench.count("throttled"), 2);
}

#[tokio::test]
async fn refused_requests_count_unless_told_otherwise() {
    let bench = exhausted().await;
    bench.pass(30);
    for _ in 0..2 {
        assert_eq!(next(&bench).await.status, 429);
    }
    bench.pass(31);
    assert_eq!(next(&bench).await.status, 429);
}

#[tokio::test]
async fn the_form_of_the_refusal_is_a_setting() {
    let bench = exhausted().await;
    bench.configure(|settings| {
        settings.throttle_body = ThrottleBody::Fault;
        settings.retry_after = RetryAfterForm::Date;
    });
    let refused = next(&bench).await;
    assert_eq!(refused.header("retry-after"), Some("Wed, 14 Sep 2022 08:01:00 GMT"));
    assert_eq!(refused.refusal(), (429, 429));
    bench.configure(|settings| settings.retry_after = RetryAfterForm::Absent);
    assert_eq!(next(&bench).await.header("retry-after"), None);
}

#[tokio::test]
async fn the_sign_in_service_has_no_limit() {
    let bench = exhausted().await;
    let form = [("grant_type", "client_credentials"), ("resource", crate::support::RESOURCE)];
    for _ in 0..5 {
        assert_eq!(bench.token("oauth2/token", &form).await.expect(200)["token_type"], json!("Bearer"));
    }
}
