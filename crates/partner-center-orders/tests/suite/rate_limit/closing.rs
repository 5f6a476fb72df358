//! What closes the rate limit, for how long, and what opens it again.

use std::time::Duration;

use http::Method;
use partner_center_orders::{RateLimit, RetryPolicy, RetryWrites, StaticToken};
use tokio::time::Instant;

use super::{limited, rate_limit, read, start};
use crate::support::{CUSTOMER, FakeResponse, FakeService, order_json, settings};

/// A service that responds once with 429 and this `Retry-After`, and from then on with an order.
fn throttling_once(retry_after: &'static str) -> FakeService {
    let mut is_rejected = false;
    FakeService::new(move |_| {
        if std::mem::replace(&mut is_rejected, true) {
            FakeResponse::json(200, order_json("5cf72f146967"))
        } else {
            FakeResponse::json(429, "").with("retry-after", retry_after)
        }
    })
}

#[tokio::test(start_paused = true)]
async fn a_rate_limit_that_was_closed_opens_at_the_rate_and_not_with_another_burst() {
    let mut requests = 0;
    let service = FakeService::new(move |_| {
        requests += 1;
        match requests {
            10 => FakeResponse::json(429, "").with("retry-after", "2"),
            _ => FakeResponse::json(200, order_json("5cf72f146967")),
        }
    });
    let partner = limited(&service, &rate_limit(30, 20), "a");

    for _ in 0..40 {
        read(&partner).await;
    }

    let at: Vec<_> = service.seen().iter().map(|seen| seen.at).collect();
    let first_minute = at.iter().filter(|at| **at < Duration::from_secs(60)).count();
    assert!(first_minute <= 30, "{first_minute} requests within a minute");
}

#[tokio::test(start_paused = true)]
async fn a_429_closes_the_rate_limit_for_all_clones() {
    let mut is_rejected = false;
    let service = FakeService::new(move |_| {
        if std::mem::replace(&mut is_rejected, true) {
            FakeResponse::json(200, order_json("5cf72f146967"))
        } else {
            FakeResponse::json(429, r#"{"statusCode":429,"message":"Rate limit is exceeded."}"#)
                .with("retry-after", "57")
        }
    });
    let partner = limited(&service, &rate_limit(500, 20), "a");

    let first = partner.clone();
    let first = tokio::spawn(async move { read(&first).await });
    tokio::time::sleep(Duration::from_secs(1)).await;
    read(&partner).await;
    first.await.unwrap();

    let seconds: Vec<_> = service.seen().iter().map(|seen| seen.at.as_secs()).collect();
    assert_eq!(seconds, [0, 57, 57]);
}

#[tokio::test(start_paused = true)]
async fn a_429_closes_the_rate_limit_even_if_its_call_ends_with_it() {
    let service = throttling_once("30");
    let partner =
        settings(&service).credential(StaticToken::new("token-1")).retry(RetryPolicy::none()).build().unwrap();

    let error = partner.customer(CUSTOMER).orders().get("5cf72f146967").await.unwrap_err();
    assert!(error.is_throttled());
    read(&partner).await;

    assert_eq!(service.seen()[1].at.as_secs(), 30);
}

#[tokio::test(start_paused = true)]
async fn a_429_holds_back_a_call_that_waits_for_its_permit_already() {
    let mut requests = 0;
    let service = FakeService::new(move |_| {
        requests += 1;
        if requests == 1 {
            FakeResponse::json(429, "{}").with("retry-after", "20").slow(Duration::from_secs(5))
        } else {
            FakeResponse::json(200, order_json("o-1"))
        }
    });
    let partner = limited(&service, &rate_limit(6, 1), "a");

    for call in start(&partner, 2) {
        call.await.unwrap();
    }

    // The second would have been due after 10 seconds.
    let seconds: Vec<_> = service.seen().iter().map(|seen| seen.at.as_secs()).collect();
    assert_eq!(seconds, [0, 25, 35]);
}

#[tokio::test(start_paused = true)]
async fn a_later_and_shorter_wait_does_not_end_an_earlier_one() {
    let mut requests = 0;
    let service = FakeService::new(move |_| {
        requests += 1;
        match requests {
            1 => FakeResponse::json(429, "{}").with("retry-after", "50").slow(Duration::from_secs(1)),
            2 => FakeResponse::json(429, "{}").with("retry-after", "10").slow(Duration::from_secs(5)),
            _ => FakeResponse::json(200, order_json("o-1")),
        }
    });
    let partner = limited(&service, &RateLimit::unlimited(), "a");

    for call in start(&partner, 2) {
        call.await.unwrap();
    }

    let seconds: Vec<_> = service.seen().iter().map(|seen| seen.at.as_secs()).collect();
    assert_eq!(seconds, [0, 0, 51, 51]);
}

#[tokio::test(start_paused = true)]
async fn a_429_that_names_no_time_closes_for_the_longest_wait_of_the_policy() {
    let mut requests = 0;
    let service = FakeService::new(move |_| {
        requests += 1;
        if requests == 1 { FakeResponse::json(429, "") } else { FakeResponse::json(200, order_json("5cf72f146967")) }
    });
    let retry = RetryPolicy::none().initial_backoff(Duration::from_secs(10));
    let partner = settings(&service).credential(StaticToken::new("token-1")).retry(retry).build().unwrap();

    let error = partner.customer(CUSTOMER).orders().get("5cf72f146967").await.unwrap_err();
    assert!(error.is_throttled());
    read(&partner).await;

    assert_eq!(service.seen()[1].at.as_secs(), 10);
}

#[tokio::test(start_paused = true)]
async fn a_429_to_a_write_that_is_not_repeated_closes_the_rate_limit_too() {
    let service = FakeService::new(|seen| match seen.method {
        Method::POST => FakeResponse::json(429, "").with("retry-after", "30"),
        _ => FakeResponse::json(200, order_json("5cf72f146967")),
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
async fn a_429_whose_wait_outlasts_the_deadline_fails_immediately() {
    let service = FakeService::new(|_| FakeResponse::json(429, "").with("retry-after", "57"));
    let partner = limited(&service, &RateLimit::unlimited(), "a");

    let call = partner.customer(CUSTOMER).orders().get("5cf72f146967").deadline(Duration::from_secs(20));
    let error = call.await.unwrap_err();

    assert!(error.is_throttled());
    assert_eq!(error.retry_after(), Some(Duration::from_secs(57)));
    assert_eq!(service.seen().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_429_can_name_a_date() {
    let mut responses = 0;
    let service = FakeService::new(move |_| {
        responses += 1;
        // The test's clock begins at 2026-01-01T00:00:00Z.
        match responses {
            1 => FakeResponse::json(429, "").with("retry-after", "Thu, 01 Jan 2026 00:00:40 GMT"),
            _ => FakeResponse::json(200, order_json("5cf72f146967")),
        }
    });
    let partner = limited(&service, &RateLimit::unlimited(), "a");

    read(&partner).await;

    assert_eq!(service.seen()[1].at.as_secs(), 40);
}

#[tokio::test(start_paused = true)]
async fn a_retry_after_beyond_all_numbers_closes_the_rate_limit_too() {
    for seconds in ["18446744073709551615", "18446744073709551616"] {
        let service = FakeService::new(move |_| FakeResponse::json(429, "{}").with("retry-after", seconds));
        let partner = limited(&service, &RateLimit::unlimited(), "a");

        partner.customer(CUSTOMER).orders().get("5cf72f146967").await.unwrap_err();

        assert_eq!(service.seen().len(), 1, "{seconds}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_rate_limit_that_closes_beyond_the_deadline_of_a_waiting_call_ends_it_immediately() {
    let mut requests = 0;
    let service = FakeService::new(move |_| {
        requests += 1;
        if requests == 2 {
            FakeResponse::json(429, "").with("retry-after", "300")
        } else {
            FakeResponse::json(200, order_json("o-1"))
        }
    });
    let partner = limited(&service, &rate_limit(6, 1), "a");
    let calls: Vec<_> = (0..4)
        .map(|_| {
            let call = partner.customer(CUSTOMER).orders().get("o-1").deadline(Duration::from_secs(100));
            tokio::spawn(async move { call.await.map(drop) })
        })
        .collect();
    let before = Instant::now();

    let mut throttled = 0;
    for call in calls {
        throttled += usize::from(call.await.unwrap().is_err_and(|error| error.is_throttled()));
    }

    assert_eq!((throttled, service.seen().len()), (3, 2));
    assert_eq!(before.elapsed().as_secs(), 10);
}

#[tokio::test(start_paused = true)]
async fn an_absurd_retry_after_closes_for_an_hour() {
    let service = throttling_once("57000000");
    let partner = limited(&service, &RateLimit::default(), "a");

    let error = partner.customer(CUSTOMER).orders().get("5cf72f146967").await.unwrap_err();
    assert_eq!(error.retry_after(), Some(Duration::from_secs(57_000_000)));
    partner.customer(CUSTOMER).orders().get("5cf72f146967").deadline(Duration::from_secs(4000)).await.unwrap();

    assert_eq!(service.seen()[1].at.as_secs(), 3600);
}

#[tokio::test(start_paused = true)]
async fn how_long_a_retry_after_counts_is_a_setting() {
    let service = throttling_once("600");
    let retry = RetryPolicy::default().max_retry_after(Duration::from_secs(100));
    let partner = settings(&service).credential(StaticToken::new("token-1")).retry(retry).build().unwrap();

    read(&partner).await;

    assert_eq!(service.seen()[1].at.as_secs(), 100);
}

#[tokio::test(start_paused = true)]
async fn a_closed_rate_limit_can_be_reopened_for_waiting_and_new_calls() {
    for by_throttle in [true, false] {
        let service = throttling_once("57000000");
        let rate_limit = RateLimit::default();
        let patient = settings(&service).credential(StaticToken::new("token-1")).deadline(Duration::from_secs(10_000));
        let partner = patient.rate_limit(rate_limit.clone()).partner_tenant("Contoso").build().unwrap();
        let waiting = start(&partner, 3);
        tokio::time::sleep(Duration::from_secs(5)).await;
        assert_eq!(service.seen().len(), 1);

        rate_limit.reopen("another");
        tokio::time::sleep(Duration::from_secs(5)).await;
        assert_eq!(service.seen().len(), 1, "no other call's");
        if by_throttle {
            rate_limit.reopen("contoso");
        } else {
            partner.reopen();
        }
        for call in waiting {
            call.await.unwrap();
        }
        read(&partner).await;

        assert!(service.seen().iter().all(|seen| seen.at.as_secs() <= 10));
        assert_eq!(service.seen().len(), 5);
    }
}
