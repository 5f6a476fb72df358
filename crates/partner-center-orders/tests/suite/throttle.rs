//! The shared pace.

use std::num::NonZeroU32;
use std::time::Duration;

use http::Method;
use partner_center_orders::{PartnerCenter, RetryPolicy, RetryWrites, StaticToken, Throttle};

use crate::support::{Answer, CUSTOMER, Service, order_json, settings};

fn reads() -> Service {
    Service::new(|_| Answer::json(200, order_json("5cf72f146967")))
}

fn throttle(per_minute: u32, burst: u32) -> Throttle {
    Throttle::new(NonZeroU32::new(per_minute).unwrap(), NonZeroU32::new(burst).unwrap())
}

fn paced(service: &Service, throttle: &Throttle, tenant: &str) -> PartnerCenter {
    let token = StaticToken::new("token-1");
    settings(service).credential(token).throttle(throttle.clone()).partner_tenant(tenant).build().unwrap()
}

async fn read(partner: &PartnerCenter) {
    partner.customer(CUSTOMER).orders().get("5cf72f146967").await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn after_a_burst_requests_go_at_the_pace() {
    let service = reads();
    let partner = paced(&service, &throttle(63, 3), "a");

    for _ in 0..5 {
        read(&partner).await;
    }

    let seconds: Vec<_> = service.seen().iter().map(|seen| seen.at.as_secs()).collect();
    assert_eq!(seconds, [0, 0, 0, 1, 2]);
}

#[tokio::test(start_paused = true)]
async fn the_default_pace_is_five_hundred_a_minute() {
    let service = reads();
    let partner = paced(&service, &Throttle::default(), "a");

    for _ in 0..501 {
        read(&partner).await;
    }

    let at: Vec<_> = service.seen().iter().map(|seen| seen.at).collect();
    assert_eq!(at[9], Duration::ZERO);
    assert_eq!(at[500].as_secs(), 60);
}

#[tokio::test(start_paused = true)]
async fn another_rate_keeps_the_default_burst() {
    let service = reads();
    let partner = settings(&service)
        .credential(StaticToken::new("token-1"))
        .requests_per_minute(NonZeroU32::new(70).unwrap())
        .build()
        .unwrap();

    for _ in 0..13 {
        read(&partner).await;
    }

    let seconds: Vec<_> = service.seen().iter().map(|seen| seen.at.as_secs()).collect();
    assert_eq!(seconds, [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3]);
}

#[tokio::test(start_paused = true)]
async fn a_gate_that_was_closed_opens_at_the_pace_and_not_with_another_burst() {
    let mut requests = 0;
    let service = Service::new(move |_| {
        requests += 1;
        match requests {
            10 => Answer::json(429, "").with("retry-after", "2"),
            _ => Answer::json(200, order_json("5cf72f146967")),
        }
    });
    let partner = paced(&service, &throttle(30, 20), "a");

    for _ in 0..40 {
        read(&partner).await;
    }

    let at: Vec<_> = service.seen().iter().map(|seen| seen.at).collect();
    let first_minute = at.iter().filter(|at| **at < Duration::from_secs(60)).count();
    assert!(first_minute <= 30, "{first_minute} requests within a minute");
}

#[tokio::test(start_paused = true)]
async fn clones_and_clients_of_one_tenant_share_the_pace_and_others_do_not() {
    let (service, throttle) = (reads(), throttle(61, 1));
    let (one, same, other) =
        (paced(&service, &throttle, "a"), paced(&service, &throttle, "A"), paced(&service, &throttle, "b"));

    read(&one).await;
    read(&other).await;
    read(&one.clone()).await;
    read(&same).await;

    let seconds: Vec<_> = service.seen().iter().map(|seen| seen.at.as_secs()).collect();
    assert_eq!(seconds, [0, 0, 1, 2]);
}

#[tokio::test(start_paused = true)]
async fn a_turn_beyond_the_deadline_fails_at_once() {
    let service = reads();
    let partner = paced(&service, &throttle(1, 1), "a");
    read(&partner).await;

    let before = tokio::time::Instant::now();
    let call = partner.customer(CUSTOMER).orders().get("5cf72f146967").deadline(Duration::from_secs(5));
    let error = call.await.unwrap_err();

    assert!(error.is_throttled());
    assert_eq!(error.retry_after(), Some(Duration::from_secs(60)));
    assert_eq!(before.elapsed(), Duration::ZERO);
    assert_eq!(service.seen().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_429_closes_the_gate_for_all_clones() {
    let mut refused = false;
    let service = Service::new(move |_| {
        if std::mem::replace(&mut refused, true) {
            Answer::json(200, order_json("5cf72f146967"))
        } else {
            Answer::json(429, r#"{"statusCode":429,"message":"Rate limit is exceeded."}"#).with("retry-after", "57")
        }
    });
    let partner = paced(&service, &throttle(500, 20), "a");

    let first = partner.clone();
    let first = tokio::spawn(async move { read(&first).await });
    tokio::time::sleep(Duration::from_secs(1)).await;
    read(&partner).await;
    first.await.unwrap();

    let seconds: Vec<_> = service.seen().iter().map(|seen| seen.at.as_secs()).collect();
    assert_eq!(seconds, [0, 57, 57]);
}

#[tokio::test(start_paused = true)]
async fn a_429_closes_the_gate_even_if_its_call_ends_with_it() {
    let mut refused = false;
    let service = Service::new(move |_| {
        if std::mem::replace(&mut refused, true) {
            Answer::json(200, order_json("5cf72f146967"))
        } else {
            Answer::json(429, "").with("retry-after", "30")
        }
    });
    let partner =
        settings(&service).credential(StaticToken::new("token-1")).retry(RetryPolicy::none()).build().unwrap();

    let error = partner.customer(CUSTOMER).orders().get("5cf72f146967").await.unwrap_err();
    assert!(error.is_throttled());
    read(&partner).await;

    assert_eq!(service.seen()[1].at.as_secs(), 30);
}

#[tokio::test(start_paused = true)]
async fn a_429_to_a_write_that_is_not_repeated_closes_the_gate_too() {
    let service = Service::new(|seen| match seen.method {
        Method::POST => Answer::json(429, "").with("retry-after", "30"),
        _ => Answer::json(200, order_json("5cf72f146967")),
    });
    let retry = RetryPolicy::default().writes(RetryWrites::Never);
    let partner = settings(&service).credential(StaticToken::new("token-1")).retry(retry).build().unwrap();

    let error = partner.customer(CUSTOMER).subscriptions().activate_in_sandbox("s-1").await.unwrap_err();
    assert!(error.is_throttled());
    read(&partner).await;

    let seconds: Vec<_> = service.seen().iter().map(|seen| seen.at.as_secs()).collect();
    assert_eq!(seconds, [0, 30]);
}

#[tokio::test(start_paused = true)]
async fn a_429_whose_wait_outlasts_the_deadline_fails_at_once() {
    let service = Service::new(|_| Answer::json(429, "").with("retry-after", "57"));
    let partner = paced(&service, &Throttle::unlimited(), "a");

    let call = partner.customer(CUSTOMER).orders().get("5cf72f146967").deadline(Duration::from_secs(20));
    let error = call.await.unwrap_err();

    assert!(error.is_throttled());
    assert_eq!(error.retry_after(), Some(Duration::from_secs(57)));
    assert_eq!(service.seen().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_429_can_name_a_date() {
    let mut answers = 0;
    let service = Service::new(move |_| {
        answers += 1;
        // The test's clock begins at 2026-01-01T00:00:00Z.
        match answers {
            1 => Answer::json(429, "").with("retry-after", "Thu, 01 Jan 2026 00:00:40 GMT"),
            _ => Answer::json(200, order_json("5cf72f146967")),
        }
    });
    let partner = paced(&service, &Throttle::unlimited(), "a");

    read(&partner).await;

    assert_eq!(service.seen()[1].at.as_secs(), 40);
}

#[tokio::test(start_paused = true)]
async fn a_retry_takes_a_turn_too() {
    let mut answers = 0;
    let service = Service::new(move |_| {
        answers += 1;
        if answers == 1 { Answer::json(503, "") } else { Answer::json(200, order_json("5cf72f146967")) }
    });
    let partner = settings(&service)
        .credential(StaticToken::new("token-1"))
        .throttle(throttle(7, 1))
        .retry(RetryPolicy::default().first_wait(Duration::from_millis(1)))
        .build()
        .unwrap();

    read(&partner).await;

    assert_eq!(service.seen()[1].at.as_secs(), 10);
}

#[tokio::test(start_paused = true)]
async fn a_wait_beyond_all_counting_closes_the_way_too() {
    for seconds in ["18446744073709551615", "18446744073709551616"] {
        let service = Service::new(move |_| Answer::json(429, "{}").with("retry-after", seconds));
        let partner = paced(&service, &Throttle::unlimited(), "a");

        partner.customer(CUSTOMER).orders().get("5cf72f146967").await.unwrap_err();

        assert_eq!(service.seen().len(), 1, "{seconds}");
    }
}
