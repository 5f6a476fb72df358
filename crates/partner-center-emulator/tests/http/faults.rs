//! Faults: what clients see of each, what becomes of the effect, and what the log says.

use std::time::Duration;

use partner_center_emulator::{ConnectionFault, Fault, FaultKind, ResetPoint, RetryAfterForm, ThrottleBody};
use reqwest::Method;
use serde_json::Value;
use tokio::time::Instant;

use crate::support::{Bench, DOCUMENTED, InMemory, MAIL, new_order, order, orders, stopped};

/// Places an order while this goes wrong; gives the answer and how many orders were placed.
async fn placing(kind: FaultKind) -> (Result<crate::support::Exchanged, ConnectionFault>, u64) {
    let memory = InMemory::new();
    memory.fault(kind);
    let answer = memory.send(Method::POST, &orders(DOCUMENTED), new_order(MAIL, 1), None).await;
    let placed = memory.count("ordersPlaced");
    (answer, placed)
}

/// Lists orders while this goes wrong.
async fn listing(kind: FaultKind) -> crate::support::Exchanged {
    let memory = InMemory::new();
    memory.fault(kind);
    memory.get(&orders(DOCUMENTED)).await.unwrap_or_else(|fault| panic!("{fault}"))
}

#[tokio::test(start_paused = true)]
async fn a_delay_takes_its_time() {
    let begin = Instant::now();
    let (answer, placed) = placing(FaultKind::Delay { seconds: 90.0 }).await;
    assert_eq!((answer.unwrap().status, placed, begin.elapsed()), (201, 1, Duration::from_secs(90)));
}

#[tokio::test(start_paused = true)]
async fn a_timeout_comes_before_or_after_the_effect() {
    for effect in [false, true] {
        let begin = Instant::now();
        let (answer, placed) = placing(FaultKind::Timeout { effect, hold: 200.0 }).await;
        assert_eq!((answer.err(), placed), (Some(ConnectionFault::TimedOut), u64::from(effect)));
        assert!(begin.elapsed() >= Duration::from_secs(200));
    }
}

#[tokio::test(start_paused = true)]
async fn a_reset_comes_before_during_or_after_the_answer() {
    for effect in [false, true] {
        let (answer, placed) = placing(FaultKind::Reset { at: ResetPoint::Before, effect }).await;
        assert_eq!((answer.err(), placed), (Some(ConnectionFault::Reset), u64::from(effect)));
    }
    let (answer, placed) = placing(FaultKind::Reset { at: ResetPoint::During, effect: true }).await;
    let answer = answer.unwrap();
    assert_eq!((answer.status, answer.content.err(), placed), (201, Some(ConnectionFault::Reset), 1));
    let (answer, placed) = placing(FaultKind::Reset { at: ResetPoint::After, effect: true }).await;
    assert_eq!((answer.unwrap().content.is_ok(), placed), (true, 1));
}

#[tokio::test]
async fn over_a_socket_a_reset_breaks_the_connection() {
    for at in [ResetPoint::Before, ResetPoint::During] {
        let bench = Bench::new().await;
        bench.emulator.plan_fault(Fault::new(FaultKind::Reset { at, effect: true }).times(1));
        let outcome = async {
            let answer = bench.request(Method::GET, &orders(DOCUMENTED)).send().await?;
            answer.bytes().await
        };
        assert!(outcome.await.is_err(), "{at:?}");
        bench.get(&orders(DOCUMENTED)).await.expect(200);
    }
    let bench = Bench::new().await;
    bench.emulator.plan_fault(Fault::new(FaultKind::Reset { at: ResetPoint::After, effect: true }).times(1));
    bench.get(&orders(DOCUMENTED)).await.expect(200);
    bench.get(&orders(DOCUMENTED)).await.expect(200);
}

#[tokio::test]
async fn bodies_are_cut_garbled_or_missing() {
    let whole = listing(FaultKind::Delay { seconds: 0.0 }).await.content.unwrap();
    let cut = listing(FaultKind::Truncate { keep: Some(20) }).await.content.unwrap();
    // The byte order mark comes on top.
    assert!(cut.len() == 23 && whole.starts_with(&cut));
    let garbled = listing(FaultKind::Garble).await.content.unwrap();
    assert!(garbled.len() == whole.len() && garbled != whole);
    assert!(listing(FaultKind::EmptyBody).await.content.unwrap().is_empty());
}

#[tokio::test]
async fn a_gateway_shows_its_page() {
    let page = listing(FaultKind::Html { status: 502, effect: false }).await;
    assert_eq!((page.status, page.headers["content-type"].to_str().unwrap()), (502, "text/html"));
    assert!(page.content.unwrap().starts_with(b"<html>"));
}

#[tokio::test]
async fn a_401_comes_once() {
    let fault = Fault::new(FaultKind::unauthorized()).on("list_orders").times(1);
    let bench = Bench::with(stopped().fault(fault)).await;
    let refused = bench.get(&orders(DOCUMENTED)).await;
    assert_eq!(refused.refusal(), (401, 400));
    assert!(refused.header("www-authenticate").is_some());
    bench.get(&orders(DOCUMENTED)).await.expect(200);
}

#[tokio::test]
async fn a_429_has_seconds_a_date_or_nothing() {
    let ask = async |retry_after| {
        let refused = listing(FaultKind::Throttled { seconds: 7, retry_after, body: ThrottleBody::Gateway }).await;
        assert_eq!(refused.status, 429);
        refused.headers.get("retry-after").map(|value| value.to_str().unwrap().to_owned())
    };
    assert_eq!(ask(RetryAfterForm::Seconds).await.as_deref(), Some("7"));
    assert!(ask(RetryAfterForm::Date).await.unwrap().ends_with("GMT"));
    assert_eq!(ask(RetryAfterForm::Absent).await, None);
}

#[tokio::test]
async fn failures_of_the_service_come_with_the_effect_or_without() {
    for status in [500, 501, 502, 503, 504] {
        let (answer, placed) = placing(FaultKind::status(status)).await;
        assert_eq!((answer.unwrap().status, placed), (status, 0));
        let (answer, placed) = placing(FaultKind::status_after_effect(status)).await;
        assert_eq!((answer.unwrap().status, placed), (status, 1));
    }
}

#[tokio::test(start_paused = true)]
async fn a_slow_body_comes_in_drops() {
    let begin = Instant::now();
    let answer = listing(FaultKind::Drip { bytes: 100, seconds: 1.0 }).await;
    let length = answer.content.as_ref().unwrap().len();
    assert_eq!(begin.elapsed().as_secs(), u64::try_from(length.div_ceil(100) - 1).unwrap());
    assert_eq!(answer.json()["totalCount"], 3);
}

#[tokio::test]
async fn the_content_type_can_be_wrong() {
    let answer = listing(FaultKind::ContentType { value: "text/html".into() }).await;
    assert_eq!(answer.headers["content-type"].to_str().unwrap(), "text/html");
    assert_eq!(answer.json()["totalCount"], 3);
}

#[tokio::test]
async fn the_future_can_be_rehearsed() {
    let first = |answer: Value| answer["items"][0].clone();
    let strange = first(listing(FaultKind::UnknownEnum).await.json());
    assert_eq!(strange["status"], "completed_of_tomorrow");
    assert!(first(listing(FaultKind::UnknownMember).await.json())["memberOfTomorrow"].is_object());
    assert_eq!(first(listing(FaultKind::Nulls).await.json())["links"], Value::Null);
    let doubled = listing(FaultKind::DuplicateMember).await.content.unwrap();
    assert_eq!(String::from_utf8(doubled).unwrap().matches(r#""attributes":{"objectType":"Collection"}"#).count(), 2);
}

#[tokio::test]
async fn a_fault_can_be_aimed() {
    let bench = Bench::new().await;
    let other = "3c81e6f0-5d27-4a94-b6e1-7f08c2d9a354";
    bench.emulator.plan_fault(
        Fault::new(FaultKind::status(503)).on("list_orders").of_customer(DOCUMENTED.parse().unwrap()).skip(1).times(1),
    );
    bench.emulator.plan_fault(Fault::new(FaultKind::status(500)).at_path("5cf72f146967"));
    let statuses = [
        bench.get(&orders(other)).await.status,
        bench.get(&orders(DOCUMENTED)).await.status,
        bench.get(&orders(DOCUMENTED)).await.status,
        bench.get(&orders(DOCUMENTED)).await.status,
        bench.get(&order(other, "5cf72f146967")).await.status,
    ];
    assert_eq!(statuses.map(|status| status.as_u16()), [200, 200, 503, 200, 500]);
}

#[tokio::test]
async fn a_planned_fault_is_taken_back_by_its_number() {
    let bench = Bench::new().await;
    let first = bench.emulator.plan_fault(Fault::new(FaultKind::status(503)).on("list_orders"));
    let second = bench.emulator.plan_fault(Fault::new(FaultKind::status(500)).on("list_orders"));
    assert!(bench.emulator.cancel_fault(first));
    assert_eq!(bench.get(&orders(DOCUMENTED)).await.status, 500);
    assert!(bench.emulator.cancel_fault(second));
    bench.get(&orders(DOCUMENTED)).await.expect(200);
    assert!(!bench.emulator.cancel_fault(second));
}

#[tokio::test]
async fn the_sign_in_service_can_fail_too() {
    let bench = Bench::new().await;
    bench.emulator.plan_fault(Fault::new(FaultKind::status(503)).on("token").times(1));
    let form = [("grant_type", "client_credentials"), ("resource", crate::support::RESOURCE)];
    assert_eq!(bench.token("oauth2/token", &form).await.status, 503);
    bench.token("oauth2/token", &form).await.expect(200);
}

#[tokio::test]
async fn the_log_marks_answers_outside_the_contract() {
    let memory = InMemory::new();
    let marked = async |kind: FaultKind| {
        memory.fault(kind);
        drop(memory.get(&orders(DOCUMENTED)).await);
        let last = memory.emulator.exchanges().pop().unwrap();
        (last.faults.clone(), last.outside_contract)
    };
    assert_eq!(marked(FaultKind::Garble).await, (vec!["garble"], true));
    assert_eq!(marked(FaultKind::Html { status: 502, effect: false }).await, (vec!["html"], true));
    assert_eq!(marked(FaultKind::status(418)).await, (vec!["status"], true));
    assert_eq!(marked(FaultKind::status(503)).await, (vec!["status"], false));
    assert_eq!(marked(FaultKind::throttled(1)).await, (vec!["throttled"], false));
}

#[tokio::test]
async fn the_same_seed_repeats_the_same_faults() {
    let run = async || {
        let fault = Fault::new(FaultKind::status(503)).on("list_orders").chance(0.5);
        let bench = Bench::with(stopped().seed(5).fault(fault)).await;
        let mut statuses = Vec::new();
        for _ in 0..20 {
            statuses.push(bench.get(&orders(DOCUMENTED)).await.status.as_u16());
        }
        statuses
    };
    let statuses = run().await;
    assert!(statuses.contains(&200) && statuses.contains(&503));
    assert_eq!(statuses, run().await);
}
