//! How old a write is, by whatever clock, and whether it may still be sent.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime};

use http::Method;
use partner_center_orders::{
    ClientSecret, Clock, PartnerCenter, PendingWrite, RetryPolicy, RetryWrites, StaticToken, TransportError,
    TransportErrorKind, Uuid,
};
use serde_json::json;

use super::{MINUTE, dated, listed, named_order, new_order, new_year, posts, sent_minutes_ago};
use crate::support::{CUSTOMER, FakeResponse, FakeService, RecordedRequest, TestRandomSource, order_json, settings};

/// A clock that tests set, in addition to the one that always goes on.
#[derive(Debug)]
struct SetClock {
    begun_at: tokio::time::Instant,
    offset: std::sync::Arc<AtomicI64>,
}

impl SetClock {
    /// A clock that is so many seconds ahead of the service's, and a handle to set it.
    fn ahead_by(seconds: i64) -> (Self, std::sync::Arc<AtomicI64>) {
        let offset = std::sync::Arc::new(AtomicI64::new(seconds));
        (Self { begun_at: tokio::time::Instant::now(), offset: std::sync::Arc::clone(&offset) }, offset)
    }
}

impl Clock for SetClock {
    fn now(&self) -> SystemTime {
        let seconds = self.offset.load(Ordering::SeqCst);
        let now = new_year() + self.begun_at.elapsed();
        let by = Duration::from_secs(seconds.unsigned_abs());
        if seconds < 0 { now - by } else { now + by }
    }
}

fn partner(service: &FakeService, clock: SetClock) -> PartnerCenter {
    settings(service).clock(clock).credential(StaticToken::new("token-1")).deadline(None).build().unwrap()
}

/// Accepts orders, and lists none.
fn accepting(seen: &RecordedRequest) -> FakeResponse {
    if seen.method == Method::POST {
        FakeResponse::json(201, order_json("o-new"))
    } else {
        FakeResponse::json(200, r#"{"items":[]}"#)
    }
}

#[tokio::test(start_paused = true)]
async fn a_write_is_not_sent_again_when_the_wait_outlasts_the_retention() {
    for (wait, sent) in [("599", 2), ("600", 1), ("3600", 1)] {
        let mut responses = vec![FakeResponse::json(503, "").with("retry-after", wait)].into_iter();
        let service =
            FakeService::new(move |_| responses.next().unwrap_or_else(|| FakeResponse::json(201, order_json("o-1"))));
        let partner = settings(&service).credential(StaticToken::new("t")).deadline(None).build().unwrap();

        let outcome = partner.customer(CUSTOMER).orders().create(new_order()).await;

        assert_eq!(posts(&service), sent, "{wait}");
        assert_eq!(outcome.is_err_and(|error| error.is_outcome_unknown()), sent == 1, "{wait}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_write_without_effect_is_sent_however_late() {
    let mut responses = vec![FakeResponse::json(429, "").with("retry-after", "3600")].into_iter();
    let service =
        FakeService::new(move |_| responses.next().unwrap_or_else(|| FakeResponse::json(201, order_json("o-1"))));
    let partner = settings(&service).credential(StaticToken::new("t")).deadline(None).build().unwrap();

    partner.customer(CUSTOMER).orders().create(new_order()).await.unwrap();

    assert_eq!(posts(&service), 2);
}

#[tokio::test(start_paused = true)]
async fn a_resumed_write_that_waits_past_the_retention_is_not_sent() {
    // The tenant has to wait: no request is sent before.
    let service = dated(|seen| match seen.url.query() {
        Some(_) => FakeResponse::json(429, "").with("retry-after", "300"),
        None => accepting(seen),
    });
    let (clock, _) = SetClock::ahead_by(0);
    let partner = partner(&service, clock);
    let orders = partner.customer(CUSTOMER).orders();
    let deadline = Duration::from_secs(10);
    orders.list().include_price().deadline(deadline).await.unwrap_err();
    let first = PendingWrite::new(Uuid::from_u128(7), new_year() - MINUTE * 6);

    let error = orders.create(new_order()).resume(first).await.unwrap_err();

    assert_eq!(posts(&service), 0);
    assert_eq!(error.pending_write(), Some(first));
}

#[tokio::test(start_paused = true)]
async fn a_write_from_the_future_is_only_read_for() {
    // The service's dates have steps of a second.
    for ahead in [2, 3600] {
        let service = dated(accepting);
        let (clock, _) = SetClock::ahead_by(0);
        let partner = partner(&service, clock);
        let orders = partner.customer(CUSTOMER).orders();
        orders.list().await.unwrap();
        let future = PendingWrite::new(Uuid::from_u128(7), new_year() + Duration::from_secs(ahead));

        let error = orders.create(new_order()).resume(future).await.unwrap_err();

        assert_eq!((posts(&service), error.is_outcome_unknown()), (0, true), "{error}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_clock_that_is_behind_does_not_make_an_old_write_young() {
    // By the service's clock it was two hours ago, by this machine's five minutes.
    let service = dated(accepting);
    let (clock, _) = SetClock::ahead_by(-115 * 60);
    let partner = partner(&service, clock);
    let orders = partner.customer(CUSTOMER).orders();
    orders.list().await.unwrap();

    let error = orders.create(new_order()).resume(sent_minutes_ago(120)).await.unwrap_err();

    assert_eq!((posts(&service), error.is_outcome_unknown()), (0, true), "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_clock_by_which_a_write_is_yet_to_come_may_be_minutes_behind_and_no_more() {
    for (behind, sent) in [(8 * 60, 1), (60 * 60, 0)] {
        let service = dated(accepting);
        let (clock, _) = SetClock::ahead_by(-behind);
        let partner = partner(&service, clock);
        let orders = partner.customer(CUSTOMER).orders();
        orders.list().await.unwrap();

        let outcome = orders.create(new_order()).resume(sent_minutes_ago(5)).await;

        assert_eq!(posts(&service), sent, "{behind} s behind");
        assert_eq!(outcome.is_err_and(|error| error.is_outcome_unknown()), sent == 0, "{behind} s behind");
    }
}

#[tokio::test(start_paused = true)]
async fn a_clock_that_is_ahead_does_not_make_a_young_write_old() {
    let service = dated(accepting);
    let (clock, _) = SetClock::ahead_by(2 * 3600);
    let partner = partner(&service, clock);

    let error = partner.customer(CUSTOMER).orders().create(new_order()).resume(sent_minutes_ago(5)).await.unwrap_err();

    assert!(error.is_outcome_unknown() && !error.is_not_applied(), "{error}");
    assert_eq!(posts(&service), 0);
}

#[tokio::test(start_paused = true)]
async fn a_clock_that_is_ahead_does_not_make_an_order_older_than_its_write() {
    // Sent 90 minutes ago by the service's clock; half an hour from now by this machine's, which was two hours ahead.
    let order = json!({ "items": [listed("o-1", 89, Some("PO-1"))] }).to_string();
    let service = dated(move |_| FakeResponse::json(200, order.clone()));
    let (clock, _) = SetClock::ahead_by(2 * 3600);
    let sent = PendingWrite::new(Uuid::from_u128(7), new_year() + MINUTE * 30);

    let call = partner(&service, clock).customer(CUSTOMER).orders().create(named_order("PO-1")).unique_name("PO-1");

    assert_eq!(call.resume(sent).await.unwrap().id, "o-1");
}

#[tokio::test(start_paused = true)]
async fn without_the_services_time_a_write_of_another_process_is_only_read_for() {
    let service = FakeService::new(accepting);
    let (clock, _) = SetClock::ahead_by(0);

    let call = partner(&service, clock).customer(CUSTOMER).orders().create(new_order());
    let error = call.resume(sent_minutes_ago(5)).await.unwrap_err();

    assert_eq!((posts(&service), error.is_outcome_unknown()), (0, true), "{error}");
}

#[tokio::test(start_paused = true)]
async fn authenticating_shows_the_services_time() {
    let service = dated(|seen| {
        if seen.url.host_str() == Some("login.example") {
            return FakeResponse::json(200, r#"{"token_type":"Bearer","access_token":"t","expires_in":3600}"#);
        }
        accepting(seen)
    });
    let credential = ClientSecret::new("contoso.example", "app-1", "secret");
    let partner = settings(&service).credential(credential).build().unwrap();

    partner.customer(CUSTOMER).orders().create(new_order()).resume(sent_minutes_ago(5)).await.unwrap();

    let seen = service.seen();
    assert_eq!(seen.last().unwrap().header("ms-requestid"), Uuid::from_u128(7).to_string());
    assert_eq!(seen.len(), 2);
}

#[tokio::test(start_paused = true)]
async fn no_token_is_requested_to_learn_the_services_time_where_it_is_known() {
    let mut tokens = 0;
    let service = dated(move |seen| {
        if seen.url.host_str() != Some("login.example") {
            return accepting(seen);
        }
        tokens += 1;
        match tokens {
            1 => FakeResponse::json(200, r#"{"token_type":"Bearer","access_token":"t","expires_in":60}"#),
            _ => FakeResponse::json(401, r#"{"error":"invalid_client"}"#),
        }
    });
    let credential = ClientSecret::new("contoso.example", "app-1", "secret");
    let partner = settings(&service).credential(credential).build().unwrap();
    partner.customer(CUSTOMER).orders().list().await.unwrap();
    tokio::time::advance(MINUTE).await;
    service.clear();

    let error = partner.customer(CUSTOMER).orders().create(new_order()).resume(sent_minutes_ago(5)).await.unwrap_err();

    assert!(error.is_authentication() && error.is_outcome_unknown(), "{error}");
    assert_eq!(service.seen().len(), 1, "the call itself requests one");
}

#[tokio::test(start_paused = true)]
async fn the_services_time_goes_on_between_responses_and_is_unknown_after_a_sleep() {
    let service = dated(accepting);
    let (clock, offset) = SetClock::ahead_by(7200);
    let partner = partner(&service, clock);
    assert_eq!(partner.service_time(), None);
    partner.customer(CUSTOMER).orders().list().await.unwrap();

    tokio::time::advance(MINUTE * 10).await;
    assert_eq!(partner.service_time(), Some(new_year() + MINUTE * 10));

    offset.store(10_000, Ordering::SeqCst);
    assert_eq!(partner.service_time(), None);
}

/// A service that loses the response to the first write, and then accepts orders.
fn losing_one() -> FakeService {
    let mut lost = false;
    dated(move |seen| {
        if seen.method == Method::POST && !std::mem::replace(&mut lost, true) {
            return FakeResponse::Failure(TransportError::new(TransportErrorKind::Interrupted));
        }
        accepting(seen)
    })
}

async fn lost(partner: &PartnerCenter) -> PendingWrite {
    let error = partner.customer(CUSTOMER).orders().create(new_order()).await.unwrap_err();
    error.pending_write().unwrap()
}

fn one_attempt(service: &FakeService, clock: SetClock) -> PartnerCenter {
    settings(service).clock(clock).credential(StaticToken::new("t")).retry(RetryPolicy::none()).build().unwrap()
}

#[tokio::test(start_paused = true)]
async fn within_a_process_the_age_of_a_write_is_known_whatever_its_clock_says() {
    for (set_to, after, is_sent) in
        [(0, 5, true), (0, 11, false), (-7200, 5, true), (-7200, 11, false), (7200, 5, false)]
    {
        let service = losing_one();
        let (clock, offset) = SetClock::ahead_by(0);
        let partner = one_attempt(&service, clock);
        let pending_write = lost(&partner).await;
        service.clear();
        tokio::time::advance(MINUTE * after).await;
        offset.store(set_to, Ordering::SeqCst);

        let outcome = partner.customer(CUSTOMER).orders().create(new_order()).resume(pending_write).await;

        assert_eq!((outcome.is_ok(), posts(&service)), (is_sent, usize::from(is_sent)), "{set_to}, {after}");
    }
}

#[tokio::test(start_paused = true)]
async fn within_a_process_a_write_that_does_not_show_for_an_hour_did_not_take_place() {
    for (minutes, is_settled) in [(59, false), (60, true)] {
        let service = losing_one();
        let partner = one_attempt(&service, SetClock::ahead_by(0).0);
        let pending_write = lost(&partner).await;
        service.clear();
        tokio::time::advance(MINUTE * minutes).await;

        let call = partner.customer(CUSTOMER).orders().create(new_order()).resume(pending_write);
        let error = call.await.unwrap_err();

        let said = (error.is_not_applied(), error.is_outcome_unknown(), posts(&service));
        assert_eq!(said, (is_settled, !is_settled, 0), "after {minutes} minutes: {error}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_error_has_the_services_time_of_the_first_attempt() {
    let service = losing_one();
    let (clock, _) = SetClock::ahead_by(7200);
    let partner = one_attempt(&service, clock);
    partner.customer(CUSTOMER).orders().list().await.unwrap();
    assert_eq!(partner.service_time(), Some(new_year()));

    assert_eq!(lost(&partner).await.first_sent_at, new_year());
}

#[tokio::test(start_paused = true)]
async fn a_machine_that_slept_does_not_send_again_what_is_old() {
    let (clock, offset) = SetClock::ahead_by(0);
    let mut responses = 0;
    let service = FakeService::new(move |_| {
        responses += 1;
        // An hour passes by the settable clock only: the machine slept.
        offset.store(3600, Ordering::SeqCst);
        if responses == 1 { FakeResponse::json(503, "") } else { FakeResponse::json(201, order_json("o-1")) }
    });

    let error = partner(&service, clock).customer(CUSTOMER).orders().create(new_order()).await.unwrap_err();

    assert!(error.is_outcome_unknown());
    assert_eq!(posts(&service), 1);
}

#[tokio::test(start_paused = true)]
async fn a_date_in_retry_after_is_taken_by_the_services_clock() {
    let mut responses = 0;
    let service = dated(move |_| {
        responses += 1;
        match responses {
            1 => FakeResponse::json(503, "").with("retry-after", "Thu, 01 Jan 2026 00:01:00 GMT"),
            _ => FakeResponse::json(200, order_json("o-1")),
        }
    });
    let (clock, _) = SetClock::ahead_by(120);

    partner(&service, clock).customer(CUSTOMER).orders().get("o-1").await.unwrap();

    assert!(service.seen()[1].at >= MINUTE);
}

#[tokio::test(start_paused = true)]
async fn a_write_that_is_never_repeated_is_only_read_for_within_its_process_too() {
    let service = losing_one();
    let partner = settings(&service)
        .clock(SetClock::ahead_by(0).0)
        .credential(StaticToken::new("t"))
        .retry(RetryPolicy::default().writes(RetryWrites::Never))
        .random_source(TestRandomSource::default())
        .build()
        .unwrap();
    let pending_write = lost(&partner).await;
    service.clear();

    let error = partner.customer(CUSTOMER).orders().create(new_order()).resume(pending_write).await.unwrap_err();

    assert_eq!((posts(&service), error.is_outcome_unknown()), (0, true));
}
