//! Resuming a write: what is evidence of its effect, how old it is, and what settles it.

use std::sync::Mutex;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use http::Method;
use partner_center_orders::types::{AttachmentMetadata, NewOrder};
use partner_center_orders::{
    AddOn, AttachmentFile, Call, Checkout, ClientSecret, Clock, Error, ErrorKind, Orders, PartnerCenter, PendingWrite,
    RetryPolicy, RetryWrites, StaticToken, TransportError, TransportErrorKind, Upload, Uuid, requests,
};
use serde_json::{Value, json};

use crate::support::{
    CUSTOMER, FakeResponse, FakeService, NEW_YEAR, RecordedRequest, TestRandomSource, client, fault_json, order_json,
    settings,
};

/// The service's time when a test begins.
fn new_year() -> SystemTime {
    UNIX_EPOCH + NEW_YEAR
}

const MINUTE: Duration = Duration::from_secs(60);

fn sent_minutes_ago(minutes: u32) -> PendingWrite {
    PendingWrite::new(Uuid::from_u128(7), new_year() - MINUTE * minutes)
}

fn new_order() -> NewOrder {
    let line = json!({"lineItemNumber": 0, "offerId": "DZH318Z0BQ3Q:001X:DZH318Z08R4Q", "quantity": 1});
    serde_json::from_value(json!({ "lineItems": [line] })).unwrap()
}

fn named_order(name: &str) -> NewOrder {
    let mut new = new_order();
    new.line_items[0].friendly_name = Some(name.to_owned());
    new
}

/// An order that was created so many minutes before the test begins, with a line of that name.
fn listed(id: &str, minutes: u32, name: Option<&str>) -> Value {
    let mut order: Value = serde_json::from_str(&order_json(id)).unwrap();
    let of_day = 86_400 - 60 * minutes;
    order["creationDate"] = json!(format!("2025-12-31T{:02}:{:02}:00Z", of_day / 3600, of_day / 60 % 60));
    if let Some(name) = name {
        order["lineItems"][0]["friendlyName"] = json!(name);
    }
    order
}

/// A service that lists these orders, and must not be written to.
fn listing(orders: Vec<Value>) -> FakeService {
    FakeService::new(move |seen| {
        assert_eq!(seen.method, Method::GET, "nothing may be sent");
        FakeResponse::json(200, json!({ "items": orders }).to_string())
    })
}

fn orders(service: &FakeService) -> Orders {
    client(service).customer(CUSTOMER).orders()
}

fn candidates(error: &Error) -> Vec<&str> {
    error.candidates().iter().map(|candidate| candidate.order_id.as_str()).collect()
}

#[tokio::test(start_paused = true)]
async fn an_identical_order_is_no_evidence() {
    // One of another write before, one of another write after: both are identical.
    for created in [124, 119] {
        let service = listing(vec![listed("o-other", created, None)]);

        let error = orders(&service).create(new_order()).resume(sent_minutes_ago(120)).await.unwrap_err();

        assert!(error.is_outcome_unknown() && !error.is_not_applied(), "{error}");
        assert_eq!(candidates(&error), ["o-other"]);
        assert_eq!(error.candidates()[0].line_items[0].quantity, 1);
        assert!(error.candidates()[0].creation_date.is_some());
        assert!(error.to_string().contains("o-other"), "{error}");
    }
}

#[tokio::test(start_paused = true)]
async fn orders_that_the_caller_knows_are_left_out() {
    let service = listing(vec![listed("o-other", 119, None)]);

    let call = orders(&service).create(new_order()).exclude_orders(["O-OTHER"]);
    let error = call.resume(sent_minutes_ago(120)).await.unwrap_err();

    assert!(error.is_not_applied(), "{error}");
}

#[tokio::test(start_paused = true)]
async fn of_many_candidates_the_message_names_five() {
    for (count, has_more) in [(5, false), (6, true)] {
        let service = listing((0..count).map(|n| listed(&format!("o-{n}"), 119, None)).collect());

        let error = orders(&service).create(new_order()).resume(sent_minutes_ago(120)).await.unwrap_err();

        assert_eq!(error.candidates().len(), count);
        assert_eq!(error.to_string().contains("…"), has_more, "{error}");
        assert_eq!(error.to_string().matches("o-").count(), 5, "{error}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_unique_name_distinguishes_identical_orders() {
    let both = vec![listed("o-1", 119, Some("PO-1")), listed("o-2", 119, Some("PO-2"))];
    let resumed = |name: &'static str| {
        let service = listing(both.clone());
        let call = orders(&service).create(named_order(name)).unique_name(name);
        call.resume(sent_minutes_ago(120)).send()
    };

    assert_eq!(resumed("PO-2").await.unwrap().id, "o-2");
    assert!(resumed("PO-3").await.unwrap_err().is_not_applied());
}

#[tokio::test(start_paused = true)]
async fn a_name_that_is_not_declared_unique_is_no_evidence() {
    let service = listing(vec![listed("o-1", 119, Some("PO-1"))]);

    let error = orders(&service).create(named_order("PO-1")).resume(sent_minutes_ago(120)).await.unwrap_err();

    assert_eq!(candidates(&error), ["o-1"]);
}

#[tokio::test(start_paused = true)]
async fn a_unique_name_that_contradicts_or_is_lost_or_occurs_twice_is_no_evidence() {
    let mut another_quantity = listed("o-1", 119, Some("PO-1"));
    another_quantity["lineItems"][0]["quantity"] = json!(5);
    for (found, expected) in [
        (vec![another_quantity], vec!["o-1"]),
        (vec![listed("o-1", 119, None)], vec!["o-1"]),
        (vec![listed("o-1", 119, Some("PO-1")), listed("o-2", 118, Some("PO-1"))], vec!["o-2", "o-1"]),
        // Long before the write.
        (vec![listed("o-1", 700, Some("PO-1"))], vec!["o-1"]),
    ] {
        let service = listing(found.clone());
        let call = orders(&service).create(named_order("PO-1")).unique_name("PO-1");
        let error = call.resume(sent_minutes_ago(120)).await.unwrap_err();
        assert!(error.is_outcome_unknown(), "{found:?}: {error}");
        assert_eq!(candidates(&error), expected, "{found:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_unique_name_must_be_one_of_the_lines() {
    let service = FakeService::new(|_| panic!("nothing may be sent"));

    let error = orders(&service).create(named_order("PO-1")).unique_name("po-1").await.unwrap_err();

    assert_eq!(error.kind(), ErrorKind::InvalidRequest);
}

#[tokio::test(start_paused = true)]
async fn an_order_that_differs_in_a_member_is_no_candidate() {
    let with = |member: &str, value: Value| {
        let mut order = listed("o-other", 119, Some("PO-1"));
        order["lineItems"][0][member] = value;
        order
    };
    let mut new = serde_json::to_value(named_order("PO-1")).unwrap();
    new["lineItems"][0]["termDuration"] = json!("P1M");
    new["lineItems"][0]["promotionId"] = json!("half-price");
    let new: NewOrder = serde_json::from_value(new).unwrap();
    for order in [
        with("quantity", json!(2)),
        with("offerId", json!("another")),
        with("friendlyName", json!("PO-2")),
        with("termDuration", json!("P1Y")),
        with("promotionId", json!("none")),
        listed("o-other", 600, Some("PO-1")),
    ] {
        let service = listing(vec![order.clone()]);
        let error = orders(&service).create(new.clone()).resume(sent_minutes_ago(120)).await.unwrap_err();
        assert!(error.is_not_applied(), "{order}: {error}");
    }
    // Cancelled since, or changed in what can change: it may still be the one.
    for order in [with("quantity", json!(0)), with("termDuration", json!("P1M"))] {
        let service = listing(vec![order.clone()]);
        let error = orders(&service).create(new.clone()).resume(sent_minutes_ago(120)).await.unwrap_err();
        assert_eq!(candidates(&error), ["o-other"], "{order}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_order_in_another_currency_is_no_candidate() {
    for (sent, found, is_candidate) in [
        (json!("USD"), json!("USD"), true),
        (json!("usd"), json!("USD"), true),
        (json!("USD"), json!("EUR"), false),
        // A member that one of the two lacks excludes nothing.
        (json!(""), json!("USD"), true),
        (json!("USD"), json!(""), true),
        (Value::Null, json!("USD"), true),
        (json!("USD"), Value::Null, true),
    ] {
        let mut new = serde_json::to_value(new_order()).unwrap();
        new["currencyCode"] = sent.clone();
        let mut order = listed("o-other", 119, None);
        order["currencyCode"] = found.clone();

        let call = orders(&listing(vec![order])).create(serde_json::from_value(new).unwrap());
        let error = call.resume(sent_minutes_ago(120)).await.unwrap_err();

        assert_eq!(!error.candidates().is_empty(), is_candidate, "{sent} {found}: {error}");
        assert_eq!(error.is_not_applied(), !is_candidate, "{sent} {found}: {error}");
    }
}

fn add_on(name: Option<&str>) -> AddOn {
    let add_on = AddOn::new("offer-1", "parent-1", 2);
    name.map_or(add_on.clone(), |name| add_on.friendly_name(name))
}

/// A service that holds an order with these lines behind its first.
fn holding(lines: Vec<Value>) -> FakeService {
    let mut order = listed("o-1", 300, None);
    order["lineItems"].as_array_mut().unwrap().extend(lines);
    FakeService::new(move |seen| {
        assert_eq!(seen.method, Method::GET, "nothing may be sent");
        FakeResponse::json(200, order.to_string())
    })
}

#[tokio::test(start_paused = true)]
async fn an_identical_add_on_is_no_evidence() {
    let line = json!({"lineItemNumber": 1, "offerId": "offer-1", "quantity": 2, "friendlyName": "PO-1"});
    let resume = |service: &FakeService, call: fn(Orders) -> Call<requests::BuyAddOns>| {
        call(orders(service)).resume(sent_minutes_ago(120)).send()
    };

    let error = resume(&holding(vec![line.clone()]), |orders| orders.add_on("o-1", [add_on(None)])).await.unwrap_err();
    assert!(error.is_outcome_unknown(), "{error}");
    assert_eq!(error.candidates()[0].line_items.iter().map(|line| line.line_item_number).collect::<Vec<_>>(), [1]);

    let known = resume(&holding(vec![line.clone()]), |orders| orders.add_on("o-1", [add_on(None)]).exclude_lines([1]));
    assert!(known.await.unwrap_err().is_not_applied());

    let named =
        resume(&holding(vec![line.clone()]), |orders| orders.add_on("o-1", [add_on(Some("PO-1"))]).unique_name("PO-1"));
    assert_eq!(named.await.unwrap().id, "o-1");

    let anothers =
        resume(&holding(vec![line]), |orders| orders.add_on("o-1", [add_on(Some("PO-2"))]).unique_name("PO-2"));
    assert!(anothers.await.unwrap_err().is_not_applied());
}

#[tokio::test(start_paused = true)]
async fn an_add_on_of_another_quantity_or_parent_is_no_candidate() {
    for (member, value) in [("quantity", json!(3)), ("parentSubscriptionId", json!("parent-2"))] {
        let mut line = json!({"lineItemNumber": 1, "offerId": "offer-1", "quantity": 2});
        line[member] = value;
        let call = orders(&holding(vec![line])).add_on("o-1", [add_on(None)]);
        let error = call.resume(sent_minutes_ago(120)).await.unwrap_err();
        assert!(error.is_not_applied(), "{member}: {error}");
    }
}

#[tokio::test(start_paused = true)]
async fn two_add_ons_are_not_both_found_in_one_line() {
    let line = json!({"lineItemNumber": 1, "offerId": "offer-1", "quantity": 2});

    let call = orders(&holding(vec![line])).add_on("o-1", [add_on(None), add_on(None)]);
    let error = call.resume(sent_minutes_ago(120)).await.unwrap_err();

    assert!(error.is_not_applied(), "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_file_of_the_same_name_is_no_evidence() {
    let files = json!({"items": [{"attachmentId": "a-1", "fileName": "order.pdf"}]});
    let resumed = |is_unique: bool, name: &'static str| {
        let files = files.to_string();
        let service = FakeService::new(move |_| FakeResponse::json(200, files.clone()));
        let metadata: AttachmentMetadata =
            AttachmentMetadata::builder().customer_price("1").currency("EUR").try_into().unwrap();
        let upload = Upload::new(metadata).purchase_order(AttachmentFile::from_bytes(name, "x"));
        let call = orders(&service).attachments("o-1").upload(upload);
        let call = if is_unique { call.unique_file_names() } else { call };
        call.resume(sent_minutes_ago(120)).send()
    };

    let error = resumed(false, "order.pdf").await.unwrap_err();
    assert!(error.is_outcome_unknown());
    assert_eq!(error.candidates()[0].attachments[0].attachment_id.as_deref(), Some("a-1"));
    assert_eq!(resumed(true, "order.pdf").await.unwrap().len(), 1);
    assert!(resumed(true, "another.pdf").await.unwrap_err().is_not_applied());
}

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

/// A service whose responses have its date.
fn dated(mut respond: impl FnMut(&RecordedRequest) -> FakeResponse + Send + 'static) -> FakeService {
    let begun_at = tokio::time::Instant::now();
    FakeService::new(move |seen| {
        let date = httpdate_of(new_year() + begun_at.elapsed());
        respond(seen).with("date", &date)
    })
}

/// A date of the first days of 2026, as HTTP writes it.
fn httpdate_of(time: SystemTime) -> String {
    let seconds = time.duration_since(new_year()).unwrap().as_secs();
    let (day, of_day) = (seconds / 86_400, seconds % 86_400);
    let name = ["Thu", "Fri", "Sat", "Sun"][usize::try_from(day).unwrap()];
    format!("{name}, {:02} Jan 2026 {:02}:{:02}:{:02} GMT", day + 1, of_day / 3600, of_day / 60 % 60, of_day % 60)
}

fn partner(service: &FakeService, clock: SetClock) -> PartnerCenter {
    settings(service).clock(clock).credential(StaticToken::new("token-1")).deadline(None).build().unwrap()
}

fn posts(service: &FakeService) -> usize {
    service.seen().iter().filter(|seen| seen.method == Method::POST).count()
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

const TABLE: &str = include_str!("../../src/error/settled_table.md");

/// The rows of the table: the rejection, and its meaning by column.
fn rows() -> Vec<[&'static str; 4]> {
    TABLE
        .lines()
        .skip_while(|line| !line.starts_with("| rejection |"))
        .skip(2)
        .take_while(|line| line.starts_with('|'))
        .map(|line| {
            let cells: Vec<_> = line.trim_matches('|').split('|').map(str::trim).collect();
            cells.try_into().unwrap()
        })
        .collect()
}

/// The responses of a row.
fn rejections(row: &str) -> Vec<(u16, String)> {
    let (status, code) = row.split_once(' ').unwrap_or((row, ""));
    let status = status.parse().unwrap();
    let codes: Vec<i64> = match code {
        "" => vec![2000, 900_001],
        "without a code" => {
            return ["", "<html>", r#"{"description":"No."}"#].map(|body| (status, body.to_owned())).into();
        }
        "with any other code" => vec![800_004, 900_117, 123_456],
        code => vec![code.strip_prefix("with ").unwrap().parse().unwrap()],
    };
    codes.into_iter().map(|code| (status, fault_json(code))).collect()
}

/// A service that loses the response to the first write if `first_is_lost`, and rejects further ones.
fn rejecting(status: u16, body: String, cart: &'static str, first_is_lost: bool) -> FakeService {
    let lost = Mutex::new(first_is_lost);
    dated(move |seen| {
        if seen.method == Method::GET {
            let cart = json!({"id": "c-1", "status": cart, "lineItems": []});
            return FakeResponse::json(200, cart.to_string());
        }
        if std::mem::take(&mut *lost.lock().unwrap()) {
            return FakeResponse::json(503, "");
        }
        FakeResponse::json(status, body.clone())
    })
}

fn impatient(service: &FakeService) -> PartnerCenter {
    settings(service).credential(StaticToken::new("t")).deadline(MINUTE).build().unwrap()
}

fn is_settled<T: std::fmt::Debug>(outcome: Result<T, Error>) -> bool {
    !outcome.expect_err("it was rejected").is_outcome_unknown()
}

#[tokio::test(start_paused = true)]
async fn a_rejection_settles_an_open_write_as_the_table_says() {
    let rows = rows();
    assert_eq!(rows.len(), 29);
    for [row, _, same_call, resumed] in rows {
        for (status, body) in rejections(row) {
            let service = rejecting(status, body.clone(), "Active", true);
            let outcome = impatient(&service).customer(CUSTOMER).orders().create(new_order()).await;
            assert_eq!(is_settled(outcome), same_call == "settles", "{row}, same call: {body}");

            let service = rejecting(status, body.clone(), "Active", false);
            let partner = impatient(&service);
            partner.customer(CUSTOMER).carts().get("c-1").await.unwrap();
            let call = partner.customer(CUSTOMER).orders().create(new_order()).resume(sent_minutes_ago(5));
            assert_eq!(is_settled(call.await), resumed == "settles", "{row}, resumed: {body}");
            assert!(posts(&service) > 0);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_rejection_of_an_open_checkout_is_followed_by_reading_the_cart() {
    for [row, checkout, ..] in rows() {
        let settles = match checkout {
            "reads, settles" => true,
            "reads, open" => false,
            other => panic!("unknown cell {other}"),
        };
        for (status, body) in rejections(row) {
            for resumed in [false, true] {
                for (cart, settles) in [("Ordered", false), ("Active", settles), ("Pondering", false)] {
                    let service = rejecting(status, body.clone(), cart, !resumed);
                    let partner = impatient(&service);
                    let carts = partner.customer(CUSTOMER).carts();
                    carts.get("c-1").await.unwrap();
                    let call = carts.checkout("c-1");
                    let call = if resumed { call.resume(sent_minutes_ago(5)) } else { call };
                    match call.await {
                        Ok(checkout) => {
                            assert_eq!(cart, "Ordered", "{row}");
                            assert!(matches!(checkout.into_inner(), Checkout::PlacedBefore(_)));
                        }
                        Err(error) => {
                            // A rate limit that stays closed past the deadline keeps the cart from being read.
                            assert_ne!(cart, "Ordered", "{row}, resumed {resumed}: {error}");
                            assert_eq!(
                                !error.is_outcome_unknown(),
                                settles,
                                "{row}, {cart}, resumed {resumed}: {body}"
                            );
                        }
                    }
                }
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_rejected_checkout_whose_cart_cannot_be_read_is_left_unknown() {
    let mut writes = 0;
    let service = FakeService::new(move |seen| {
        writes += usize::from(seen.method == Method::POST);
        match (seen.method == Method::POST, writes) {
            (true, 1) => FakeResponse::json(503, ""),
            _ => FakeResponse::json(404, fault_json(800_008)),
        }
    });

    let error = client(&service).customer(CUSTOMER).carts().checkout("c-1").await.unwrap_err();

    assert!(error.is_outcome_unknown(), "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_redirected_checkout_is_not_reported_as_failed() {
    let service = rejecting(302, String::new(), "Active", false);
    let error = client(&service).customer(CUSTOMER).carts().checkout("c-1").await.unwrap_err();
    assert!(error.is_outcome_unknown(), "{error}");

    let service = rejecting(302, String::new(), "Ordered", false);
    client(&service).customer(CUSTOMER).carts().checkout("c-1").await.unwrap();
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
