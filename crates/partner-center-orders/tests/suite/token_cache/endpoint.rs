//! When the token endpoint gets requests, and how many.

use std::future::IntoFuture;
use std::num::NonZeroU32;
use std::time::Duration;

use partner_center_orders::{ClientSecret, PartnerCenter, RateLimit};

use super::read;
use crate::support::{CUSTOMER, FakeResponse, FakeService, order_json, settings};

/// Issues no token before that time, with a `Retry-After`; then one that lives for an hour.
fn opens_after(seconds: u64, retry_after: Option<&'static str>) -> FakeService {
    FakeService::new(move |seen| {
        if seen.url.host_str() != Some("login.example") {
            return FakeResponse::json(200, order_json("5cf72f146967"));
        }
        if seen.at >= Duration::from_secs(seconds) {
            return FakeResponse::json(200, r#"{"token_type":"Bearer","access_token":"t-1","expires_in":3600}"#);
        }
        let response = FakeResponse::json(429, "");
        match retry_after {
            Some(retry_after) => response.with("retry-after", retry_after),
            None => response,
        }
    })
}

fn token_requests(service: &FakeService) -> Vec<Duration> {
    let all = service.seen();
    all.iter().filter(|seen| seen.url.host_str() == Some("login.example")).map(|seen| seen.at).collect()
}

fn app() -> ClientSecret {
    ClientSecret::new("contoso.example", "app-1", "secret")
}

/// Two hundred calls, one every 50 milliseconds.
async fn two_hundred_reads(partner: &PartnerCenter) -> usize {
    let mut calls = Vec::new();
    for _ in 0..200 {
        let call = partner.customer(CUSTOMER).orders().get("5cf72f146967");
        calls.push(tokio::spawn(call.into_future()));
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let mut succeeded = 0;
    for call in calls {
        succeeded += usize::from(call.await.unwrap().is_ok());
    }
    succeeded
}

#[tokio::test(start_paused = true)]
async fn the_retry_after_of_the_token_endpoint_holds_for_all_calls() {
    let service = opens_after(45, Some("30"));
    let partner = settings(&service).credential(app()).rate_limit(RateLimit::unlimited()).build().unwrap();

    assert_eq!(two_hundred_reads(&partner).await, 200);

    let seconds: Vec<_> = token_requests(&service).iter().map(Duration::as_secs).collect();
    assert_eq!(seconds, [0, 30, 60]);
}

#[tokio::test(start_paused = true)]
async fn a_failing_token_endpoint_without_retry_after_gets_ever_fewer_requests() {
    let service = opens_after(6, None);
    let partner = settings(&service).credential(app()).rate_limit(RateLimit::unlimited()).build().unwrap();

    two_hundred_reads(&partner).await;

    let milliseconds: Vec<_> = token_requests(&service).iter().map(Duration::as_millis).collect();
    assert!(milliseconds.len() <= 6, "{milliseconds:?}");
    for (index, pair) in milliseconds.windows(2).enumerate() {
        assert!(pair[1] - pair[0] >= 500 << index, "{milliseconds:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_renewal_ahead_of_expiry_keeps_to_retry_after_too() {
    let service = FakeService::new(|seen| match (seen.url.host_str(), seen.at.as_secs()) {
        (Some("login.example"), 0) => {
            FakeResponse::json(200, r#"{"token_type":"Bearer","access_token":"t-1","expires_in":3600}"#)
        }
        (Some("login.example"), _) => FakeResponse::json(503, "").with("retry-after", "120"),
        _ => FakeResponse::json(200, order_json("5cf72f146967")),
    });
    let partner = settings(&service).credential(app()).build().unwrap();
    read(&partner).await;

    tokio::time::advance(Duration::from_secs(3600 - 290)).await;
    for _ in 0..130 {
        read(&partner).await;
        tokio::time::sleep(Duration::from_secs(1)).await;
    }

    let seconds: Vec<_> = token_requests(&service).iter().map(Duration::as_secs).collect();
    assert_eq!(seconds, [0, 3310, 3430]);
}

#[tokio::test(start_paused = true)]
async fn tokens_that_end_while_their_callers_wait_are_used_all_the_same() {
    for lifetime in [0, 1] {
        let service = FakeService::new(move |seen| {
            if seen.url.host_str() == Some("login.example") {
                let token = format!(r#"{{"token_type":"Bearer","access_token":"t","expires_in":{lifetime}}}"#);
                return FakeResponse::json(200, token);
            }
            FakeResponse::json(200, order_json("5cf72f146967"))
        });
        let one_in_ten_seconds = RateLimit::new(NonZeroU32::new(6).unwrap(), NonZeroU32::MIN);
        let partner = settings(&service).credential(app()).rate_limit(one_in_ten_seconds).build().unwrap();

        tokio::join!(read(&partner), read(&partner), read(&partner), read(&partner));

        let reads: Vec<_> =
            service.seen().iter().filter(|seen| seen.body.is_empty()).map(|seen| seen.at.as_secs()).collect();
        assert_eq!(reads, [0, 10, 20, 30], "no permit is lost if tokens live for {lifetime} s");
        let tokens = token_requests(&service).len();
        assert!(tokens <= 12, "{tokens} token requests for four calls, where tokens live for {lifetime} s");
    }
}

#[tokio::test(start_paused = true)]
async fn a_closed_token_endpoint_can_be_reopened() {
    let service = opens_after(1, Some("57000000"));
    let partner = settings(&service).credential(app()).build().unwrap();
    let error = partner.sign_in().await.unwrap_err();
    assert_eq!(error.retry_after(), Some(Duration::from_secs(3600)), "an hour is as long as anything is believed");
    tokio::time::sleep(Duration::from_secs(2)).await;
    partner.sign_in().await.unwrap_err();

    partner.reopen();
    read(&partner).await;

    assert_eq!(token_requests(&service).iter().map(Duration::as_secs).collect::<Vec<_>>(), [0, 2]);
}
