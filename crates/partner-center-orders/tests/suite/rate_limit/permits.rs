//! Permits: the rate, the burst, and the order of the calls that wait.

use std::num::NonZeroU32;
use std::time::Duration;

use http::Method;
use partner_center_orders::{ClientSecret, RandomSource, RateLimit, RetryPolicy, StaticToken};
use tokio::time::Instant;

use super::{limited, rate_limit, read, reads, start};
use crate::support::{CUSTOMER, FakeResponse, FakeService, TestRandomSource, order_json, settings};

#[tokio::test(start_paused = true)]
async fn after_a_burst_requests_keep_the_rate() {
    let service = reads();
    let partner = limited(&service, &rate_limit(60, 3), "a");

    for _ in 0..5 {
        read(&partner).await;
    }

    let seconds: Vec<_> = service.seen().iter().map(|seen| seen.at.as_secs()).collect();
    assert_eq!(seconds, [0, 0, 0, 1, 2]);
}

#[tokio::test(start_paused = true)]
async fn the_default_rate_is_five_hundred_a_minute() {
    let service = reads();
    let partner = limited(&service, &RateLimit::default(), "a");

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
        .requests_per_minute(NonZeroU32::new(60).unwrap())
        .build()
        .unwrap();

    for _ in 0..13 {
        read(&partner).await;
    }

    let seconds: Vec<_> = service.seen().iter().map(|seen| seen.at.as_secs()).collect();
    assert_eq!(seconds, [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3]);
}

#[tokio::test(start_paused = true)]
async fn clones_and_clients_of_one_tenant_share_the_rate_limit_and_others_do_not() {
    let (service, rate_limit) = (reads(), rate_limit(60, 1));
    let (one, same, other) =
        (limited(&service, &rate_limit, "a"), limited(&service, &rate_limit, "A"), limited(&service, &rate_limit, "b"));

    read(&one).await;
    read(&other).await;
    read(&one.clone()).await;
    read(&same).await;

    let seconds: Vec<_> = service.seen().iter().map(|seen| seen.at.as_secs()).collect();
    assert_eq!(seconds, [0, 0, 1, 2]);
}

#[tokio::test(start_paused = true)]
async fn a_permit_beyond_the_deadline_fails_immediately() {
    let service = reads();
    let partner = limited(&service, &rate_limit(1, 1), "a");
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
async fn a_retry_takes_a_permit_too() {
    let mut responses = 0;
    let service = FakeService::new(move |_| {
        responses += 1;
        if responses == 1 { FakeResponse::json(503, "") } else { FakeResponse::json(200, order_json("5cf72f146967")) }
    });
    let partner = settings(&service)
        .credential(StaticToken::new("token-1"))
        .rate_limit(rate_limit(6, 1))
        .retry(RetryPolicy::default().initial_backoff(Duration::from_millis(1)))
        .build()
        .unwrap();

    read(&partner).await;

    assert_eq!(service.seen()[1].at.as_secs(), 10);
}

#[tokio::test(start_paused = true)]
async fn calls_that_are_dropped_while_they_wait_leave_no_gap() {
    let service = reads();
    let partner = limited(&service, &RateLimit::default(), "a");
    for _ in 0..10 {
        read(&partner).await;
    }
    let waiting = start(&partner, 1400);
    tokio::time::sleep(Duration::from_millis(1)).await;
    assert_eq!(service.seen().len(), 10, "all of them wait");
    for call in waiting {
        call.abort();
        assert!(call.await.unwrap_err().is_cancelled());
    }

    let before = Instant::now();
    // If they still counted, its permit would come after its deadline.
    let hasty = partner.customer(CUSTOMER).orders().get("5cf72f146967").deadline(Duration::from_secs(5));
    hasty.await.unwrap();

    assert!(before.elapsed() < Duration::from_secs(1), "{:?}", before.elapsed());
    assert_eq!(service.seen().len(), 11);
}

#[tokio::test(start_paused = true)]
async fn those_behind_a_dropped_call_move_up() {
    let service = reads();
    let partner = limited(&service, &rate_limit(60, 1), "a");
    partner.sign_in().await.unwrap();
    let mut calls = start(&partner, 100);
    tokio::task::yield_now().await;
    // Three quarters of the waiting calls give up, the first of them included.
    for (index, call) in calls.iter().enumerate().skip(1) {
        if index % 4 != 0 {
            call.abort();
        }
    }
    for call in calls.drain(..) {
        drop(call.await);
    }

    let seconds: Vec<_> = service.seen().iter().map(|seen| seen.at.as_secs()).collect();
    assert_eq!(seconds, (0..25).collect::<Vec<_>>());
}

/// The most within any 60 seconds.
fn most_in_a_minute(at: &[Duration]) -> usize {
    let within =
        |first: Duration| at.iter().filter(|at| (first..first + Duration::from_secs(60)).contains(*at)).count();
    at.iter().map(|first| within(*first)).max().unwrap_or_default()
}

#[tokio::test(start_paused = true)]
async fn a_small_rate_is_reached_and_never_exceeded() {
    for requests in 1..=20_u32 {
        for burst in [1, 2, requests.div_ceil(2), requests, 10] {
            let service = reads();
            let patient = settings(&service).credential(StaticToken::new("token-1")).deadline(None::<Duration>);
            let partner = patient.rate_limit(rate_limit(requests, burst)).build().unwrap();
            let rate = requests as usize;

            // Three minutes' worth, and the first of the fourth.
            for _ in 0..=3 * rate {
                read(&partner).await;
            }

            let at: Vec<_> = service.seen().iter().map(|seen| seen.at).collect();
            assert_eq!(at[3 * rate].as_secs(), 180, "{requests} a minute, burst {burst}: {at:?}");
            assert!(most_in_a_minute(&at) <= rate, "{requests} a minute, burst {burst}: {at:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn no_way_of_calling_exceeds_the_rate() {
    let random = TestRandomSource::default();
    let draw = |below: u64| random.next_u64() % below;
    for _ in 0..40 {
        let (rate, burst) = (1 + draw(20), 1 + draw(20));
        let service = reads();
        let patient = settings(&service).credential(StaticToken::new("token-1")).deadline(None::<Duration>);
        let rate_limit = rate_limit(u32::try_from(rate).unwrap(), u32::try_from(burst).unwrap());
        let partner = patient.rate_limit(rate_limit).build().unwrap();
        // Calls come in bursts after pauses, and some are dropped before their permit.
        for _ in 0..12 {
            let calls = start(&partner, usize::try_from(draw(8)).unwrap());
            tokio::time::sleep(Duration::from_millis(draw(30_000))).await;
            for call in &calls {
                if draw(3) == 0 {
                    call.abort();
                }
            }
        }
        tokio::time::sleep(Duration::from_secs(200)).await;

        let at: Vec<_> = service.seen().iter().map(|seen| seen.at).collect();
        let most = most_in_a_minute(&at);
        assert!(most as u64 <= rate, "{most} within a minute, with a rate of {rate}, burst {burst}: {at:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn ten_a_minute_are_ten_a_minute() {
    let service = reads();
    let ten = NonZeroU32::new(10).unwrap();
    let partner = settings(&service).credential(StaticToken::new("token-1")).requests_per_minute(ten).build().unwrap();

    for _ in 0..31 {
        read(&partner).await;
    }

    let at: Vec<_> = service.seen().iter().map(|seen| seen.at.as_secs()).collect();
    assert_eq!((at[10], at[20], at[30]), (60, 120, 180));
}

#[tokio::test(start_paused = true)]
async fn a_permit_beyond_the_deadline_behind_others_fails_immediately() {
    let service = reads();
    let partner = limited(&service, &rate_limit(60, 1), "a");
    read(&partner).await;
    let others = start(&partner, 10);
    tokio::task::yield_now().await;

    let before = Instant::now();
    let call = partner.customer(CUSTOMER).orders().get("5cf72f146967").deadline(Duration::from_secs(5));
    let error = call.await.unwrap_err();

    assert!(error.is_throttled());
    assert_eq!(error.retry_after(), Some(Duration::from_secs(11)));
    assert_eq!(before.elapsed(), Duration::ZERO);
    for other in others {
        other.await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_that_leaves_for_another_token_goes_before_those_that_were_behind_it() {
    let mut tokens = 0;
    let service = FakeService::new(move |seen| {
        if seen.url.host_str() != Some("login.example") {
            return FakeResponse::json(200, order_json("o-1"));
        }
        tokens += 1;
        let lifetime = if tokens == 1 { 50 } else { 3600 };
        FakeResponse::json(
            200,
            format!(r#"{{"token_type":"Bearer","access_token":"t-{tokens}","expires_in":{lifetime}}}"#),
        )
    });
    let credential = ClientSecret::new("contoso.example", "app-1", "secret");
    let patient = settings(&service).credential(credential).deadline(None::<Duration>);
    let partner = patient.rate_limit(rate_limit(1, 1)).build().unwrap();
    let begin = |order: &'static str| {
        let partner = partner.clone();
        tokio::spawn(async move { partner.customer(CUSTOMER).orders().get(order).await.unwrap() })
    };

    begin("o-1").await.unwrap();
    // It has the first token, and is the first in the queue when that expires; those behind it have the second one.
    let mut calls = vec![begin("o-2")];
    tokio::time::sleep(Duration::from_secs(42)).await;
    partner.sign_in().await.unwrap();
    for order in ["o-3", "o-4"] {
        tokio::time::sleep(Duration::from_secs(1)).await;
        calls.push(begin(order));
    }
    for call in calls {
        call.await.unwrap();
    }

    let seen = service.seen();
    let reads = seen.iter().filter(|seen| seen.method == Method::GET);
    let reads: Vec<_> = reads.map(|seen| (seen.url.path().rsplit('/').next().unwrap(), seen.at.as_secs())).collect();
    assert_eq!(reads, [("o-1", 0), ("o-3", 60), ("o-2", 120), ("o-4", 180)]);
}
