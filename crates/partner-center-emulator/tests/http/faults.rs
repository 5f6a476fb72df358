//! Faults: the response or error that clients see, the effect, and the log.

use std::time::Duration;

use partner_center_emulator::{ConnectionFault, Fault, FaultKind, ResetPoint, RetryAfterForm, ThrottleBody};
use reqwest::Method;
use serde_json::Value;
use tokio::time::Instant;

use crate::support::{DOCUMENTED, InMemory, MAIL, TestServer, new_order, order, orders, stopped};

/// Places an order with this fault. Returns the response and how many orders were placed.
async fn placing(kind: FaultKind) -> (Result<crate::support::InMemoryResponse, ConnectionFault>, u64) {
    let memory = InMemory::new();
    memory.fault(kind);
    let response = memory.send(Method::POST, &orders(DOCUMENTED), new_order(MAIL, 1), None).await;
    let placed = memory.count("ordersPlaced");
    (response, placed)
}

/// Lists orders with this fault.
async fn listing(kind: FaultKind) -> crate::support::InMemoryResponse {
    let memory = InMemory::new();
    memory.fault(kind);
    memory.get(&orders(DOCUMENTED)).await.unwrap_or_else(|fault| panic!("{fault}"))
}

#[tokio::test(start_paused = true)]
async fn a_delay_delays_the_response() {
    let begin = Instant::now();
    let (response, placed) = placing(FaultKind::Delay { seconds: 90.0 }).await;
    assert_eq!((response.unwrap().status, placed, begin.elapsed()), (201, 1, Duration::from_secs(90)));
}

#[tokio::test(start_paused = true)]
async fn a_timeout_is_before_or_after_the_effect() {
    for effect in [false, true] {
        let begin = Instant::now();
        let (response, placed) = placing(FaultKind::Timeout { effect, hold: 200.0 }).await;
        assert_eq!((response.err(), placed), (Some(ConnectionFault::TimedOut), u64::from(effect)));
        assert!(begin.elapsed() >= Duration::from_secs(200));
    }
}

#[tokio::test(start_paused = true)]
async fn a_reset_is_before_during_or_after_the_response() {
    for effect in [false, true] {
        let (response, placed) = placing(FaultKind::Reset { at: ResetPoint::Before, effect }).await;
        assert_eq!((response.err(), placed), (Some(ConnectionFault::Reset), u64::from(effect)));
    }
    let (response, placed) = placing(FaultKind::Reset { at: ResetPoint::During, effect: true }).await;
    let response = response.unwrap();
    assert_eq!((response.status, response.content.err(), placed), (201, Some(ConnectionFault::Reset), 1));
    let (response, placed) = placing(FaultKind::Reset { at: ResetPoint::After, effect: true }).await;
    assert_eq!((response.unwrap().content.is_ok(), placed), (true, 1));
}

#[tokio::test]
async fn over_a_socket_a_reset_ends_the_connection() {
    for at in [ResetPoint::Before, ResetPoint::During] {
        let server = TestServer::new().await;
        server.emulator.plan_fault(Fault::new(FaultKind::Reset { at, effect: true }).times(1));
        let outcome = async {
            let response = server.request(Method::GET, &orders(DOCUMENTED)).send().await?;
            response.bytes().await
        };
        assert!(outcome.await.is_err(), "{at:?}");
        server.get(&orders(DOCUMENTED)).await.expect(200);
    }
    let server = TestServer::new().await;
    server.emulator.plan_fault(Fault::new(FaultKind::Reset { at: ResetPoint::After, effect: true }).times(1));
    server.get(&orders(DOCUMENTED)).await.expect(200);
    server.get(&orders(DOCUMENTED)).await.expect(200);
}

#[tokio::test]
async fn bodies_are_truncated_garbled_or_missing() {
    let whole = listing(FaultKind::Delay { seconds: 0.0 }).await.content.unwrap();
    let cut = listing(FaultKind::Truncate { keep: Some(20) }).await.content.unwrap();
    // And the byte order mark.
    assert!(cut.len() == 23 && whole.starts_with(&cut));
    let garbled = listing(FaultKind::Garble).await.content.unwrap();
    assert!(garbled.len() == whole.len() && garbled != whole);
    assert!(listing(FaultKind::EmptyBody).await.content.unwrap().is_empty());
}

#[tokio::test]
async fn html_is_the_page_of_a_gateway() {
    let page = listing(FaultKind::Html { status: 502, effect: false }).await;
    assert_eq!((page.status, page.headers["content-type"].to_str().unwrap()), (502, "text/html"));
    assert!(page.content.unwrap().starts_with(b"<html>"));
}

#[tokio::test]
async fn a_401_is_returned_once() {
    let fault = Fault::new(FaultKind::unauthorized()).on("list_orders").times(1);
    let server = TestServer::with(stopped().fault(fault)).await;
    let rejected = server.get(&orders(DOCUMENTED)).await;
    assert_eq!(rejected.status_and_code(), (401, 400));
    assert!(rejected.header("www-authenticate").is_some());
    server.get(&orders(DOCUMENTED)).await.expect(200);
}

#[tokio::test]
async fn a_429_has_seconds_a_date_or_nothing() {
    let ask = async |retry_after| {
        let rejected = listing(FaultKind::Throttled { seconds: 7, retry_after, body: ThrottleBody::Gateway }).await;
        assert_eq!(rejected.status, 429);
        rejected.headers.get("retry-after").map(|value| value.to_str().unwrap().to_owned())
    };
    assert_eq!(ask(RetryAfterForm::Seconds).await.as_deref(), Some("7"));
    assert!(ask(RetryAfterForm::Date).await.unwrap().ends_with("GMT"));
    assert_eq!(ask(RetryAfterForm::Absent).await, None);
}

#[tokio::test]
async fn server_errors_are_with_the_effect_or_without() {
    for status in [500, 501, 502, 503, 504] {
        let (response, placed) = placing(FaultKind::status(status)).await;
        assert_eq!((response.unwrap().status, placed), (status, 0));
        let (response, placed) = placing(FaultKind::status_after_effect(status)).await;
        assert_eq!((response.unwrap().status, placed), (status, 1));
    }
}

#[tokio::test(start_paused = true)]
async fn a_slow_body_is_sent_in_chunks() {
    let begin = Instant::now();
    let response = listing(FaultKind::Drip { bytes: 100, seconds: 1.0 }).await;
    let length = response.content.as_ref().unwrap().len();
    assert_eq!(begin.elapsed().as_secs(), u64::try_from(length.div_ceil(100) - 1).unwrap());
    assert_eq!(response.json()["totalCount"], 3);
}

#[tokio::test]
async fn the_content_type_can_be_wrong() {
    let response = listing(FaultKind::ContentType { value: "text/html".into() }).await;
    assert_eq!(response.headers["content-type"].to_str().unwrap(), "text/html");
    assert_eq!(response.json()["totalCount"], 3);
}

#[tokio::test]
async fn unknown_values_and_members_can_be_simulated() {
    let first = |response: Value| response["items"][0].clone();
    let strange = first(listing(FaultKind::UnknownEnum).await.json());
    assert_eq!(strange["status"], "completed_of_tomorrow");
    assert!(first(listing(FaultKind::UnknownMember).await.json())["memberOfTomorrow"].is_object());
    assert_eq!(first(listing(FaultKind::Nulls).await.json())["links"], Value::Null);
    let doubled = listing(FaultKind::DuplicateMember).await.content.unwrap();
    assert_eq!(String::from_utf8(doubled).unwrap().matches(r#""attributes":{"objectType":"Collection"}"#).count(), 2);
}

#[tokio::test]
async fn a_fault_can_be_limited_to_requests() {
    let server = TestServer::new().await;
    let other = "3c81e6f0-5d27-4a94-b6e1-7f08c2d9a354";
    server.emulator.plan_fault(
        Fault::new(FaultKind::status(503)).on("list_orders").of_customer(DOCUMENTED.parse().unwrap()).skip(1).times(1),
    );
    server.emulator.plan_fault(Fault::new(FaultKind::status(500)).at_path("5cf72f146967"));
    let statuses = [
        server.get(&orders(other)).await.status,
        server.get(&orders(DOCUMENTED)).await.status,
        server.get(&orders(DOCUMENTED)).await.status,
        server.get(&orders(DOCUMENTED)).await.status,
        server.get(&order(other, "5cf72f146967")).await.status,
    ];
    assert_eq!(statuses.map(|status| status.as_u16()), [200, 200, 503, 200, 500]);
}

#[tokio::test]
async fn a_planned_fault_is_cancelled_by_its_number() {
    let server = TestServer::new().await;
    let first = server.emulator.plan_fault(Fault::new(FaultKind::status(503)).on("list_orders"));
    let second = server.emulator.plan_fault(Fault::new(FaultKind::status(500)).on("list_orders"));
    assert!(server.emulator.cancel_fault(first));
    assert_eq!(server.get(&orders(DOCUMENTED)).await.status, 500);
    assert!(server.emulator.cancel_fault(second));
    server.get(&orders(DOCUMENTED)).await.expect(200);
    assert!(!server.emulator.cancel_fault(second));
}

#[tokio::test]
async fn the_identity_platform_can_fail_too() {
    let server = TestServer::new().await;
    server.emulator.plan_fault(Fault::new(FaultKind::status(503)).on("token").times(1));
    let form = [("grant_type", "client_credentials"), ("resource", crate::support::RESOURCE)];
    assert_eq!(server.token("oauth2/token", &form).await.status, 503);
    server.token("oauth2/token", &form).await.expect(200);
}

#[tokio::test]
async fn the_log_marks_responses_that_depart_from_the_contract() {
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
        let server = TestServer::with(stopped().seed(5).fault(fault)).await;
        let mut statuses = Vec::new();
        for _ in 0..20 {
            statuses.push(server.get(&orders(DOCUMENTED)).await.status.as_u16());
        }
        statuses
    };
    let statuses = run().await;
    assert!(statuses.contains(&200) && statuses.contains(&503));
    assert_eq!(statuses, run().await);
}
