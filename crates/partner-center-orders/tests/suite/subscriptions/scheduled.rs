//! Changes that delete what is scheduled.

use http::Method;
use partner_center_orders::types::{ScheduledNextTermInstructions, Subscription};
use partner_center_orders::{Call, ErrorKind, ScheduledChanges, Subscriptions, requests};
use serde_json::{Value, json};

use super::{echoing, next_term, scheduled, sent_minutes_ago, subscription, subscriptions, with, written};
use crate::support::{FakeResponse, FakeService, fault_json};

const SCHEDULED: &str = "scheduledNextTermInstructions";

type Change = fn(&Subscriptions) -> Call<requests::ChangeSubscription>;

/// A service that shows the subscription to reads, and deletes what is scheduled with the first write.
fn deleting(read: Value, then: fn(&Value) -> FakeResponse) -> FakeService {
    let mut writes = 0;
    FakeService::new(move |seen| {
        if seen.method == Method::GET {
            return FakeResponse::json(200, read.to_string());
        }
        writes += 1;
        let body: Value = serde_json::from_str(&seen.body).unwrap();
        if writes == 1 {
            let changed = with(with(body, SCHEDULED, Value::Null), "nextChargeInstructions", Value::Null);
            FakeResponse::json(200, changed.to_string())
        } else {
            then(&body)
        }
    })
}

fn echo(body: &Value) -> FakeResponse {
    FakeResponse::json(200, body.to_string())
}

fn of(value: Value) -> ScheduledChanges {
    ScheduledChanges::of(&serde_json::from_value::<Subscription>(value).unwrap())
}

#[tokio::test(start_paused = true)]
async fn an_immediate_change_is_not_sent_if_something_is_scheduled() {
    let changes: [Change; 6] = [
        |subscriptions| subscriptions.set_quantity("s-1", 30),
        |subscriptions| subscriptions.suspend("s-1"),
        |subscriptions| subscriptions.end_of_term("s-1").extend(),
        |subscriptions| subscriptions.end_of_term("s-1").cancel_with(json!({ "actionType": "x" })),
        |subscriptions| subscriptions.change("s-1", |patch| patch.partner_id = Some("7".to_owned())),
        |subscriptions| subscriptions.change("s-1", |patch| patch.term_duration = Some("P3Y".to_owned())),
    ];
    let charge = with(subscription(), "nextChargeInstructions", next_term(18));
    for read in [scheduled(), charge] {
        for change in changes {
            let service = echoing(read.clone());

            let error = change(&subscriptions(&service)).await.unwrap_err();

            assert!(error.is_scheduled_changes() && !error.is_outcome_unknown(), "{error}");
            let line = error.to_string();
            assert!(line.contains("quantity 18") && line.contains("reapply_scheduled_changes"), "{line}");
            assert!(written(&service).is_empty());
        }
    }
}

#[tokio::test(start_paused = true)]
async fn what_deletes_nothing_is_sent_with_what_is_scheduled() {
    let changes: [(Change, &str, Value); 4] = [
        (
            |subscriptions| subscriptions.change("s-1", |patch| patch.friendly_name = Some("x".into())),
            "friendlyName",
            json!("x"),
        ),
        (|subscriptions| subscriptions.end_of_term("s-1").renew(), "autoRenewEnabled", json!(true)),
        (|subscriptions| subscriptions.cancel("s-1"), "status", json!("deleted")),
        (
            |subscriptions| subscriptions.schedule_change("s-1", ScheduledNextTermInstructions::new().quantity(7)),
            SCHEDULED,
            json!({ "quantity": 7 }),
        ),
    ];
    for (change, name, value) in changes {
        let service = echoing(scheduled());
        change(&subscriptions(&service)).await.unwrap();
        assert_eq!(written(&service), [with(scheduled(), name, value)]);
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_scheduled_is_deleted_if_the_caller_says_so() {
    let service = echoing(scheduled());

    subscriptions(&service).set_quantity("s-1", 30).delete_scheduled_changes().await.unwrap();

    assert_eq!(written(&service), [with(subscription(), "quantity", json!(30))]);
}

#[tokio::test(start_paused = true)]
async fn what_the_change_deleted_is_scheduled_again() {
    let read = with(scheduled(), "nextChargeInstructions", next_term(20));
    let service = deleting(read.clone(), echo);

    let changed = subscriptions(&service).set_quantity("s-1", 30).reapply_scheduled_changes().await.unwrap();

    let wanted = with(read, "quantity", json!(30));
    assert_eq!(written(&service), [wanted.clone(), wanted]);
    assert_eq!((changed.quantity, ScheduledChanges::of(&changed).is_empty()), (30, false));
    let ids: Vec<_> = service.seen().iter().map(|seen| seen.header("ms-requestid").to_owned()).collect();
    assert!(ids[1] != ids[2], "{ids:?}");
}

#[tokio::test(start_paused = true)]
async fn nothing_is_written_again_if_the_service_kept_it() {
    let service = echoing(scheduled());
    subscriptions(&service).set_quantity("s-1", 30).reapply_scheduled_changes().await.unwrap();
    assert_eq!(written(&service).len(), 1);
}

#[tokio::test(start_paused = true)]
async fn if_it_is_not_scheduled_again_the_error_has_it() {
    let service = deleting(scheduled(), |_| FakeResponse::json(400, fault_json(2000)));

    let error = subscriptions(&service).set_quantity("s-1", 30).reapply_scheduled_changes().await.unwrap_err();

    // The change itself took place.
    assert!(!error.is_outcome_unknown() && error.kind() == ErrorKind::Other, "{error}");
    assert_eq!(error.scheduled_changes(), Some(&of(scheduled())));
    assert!(error.to_string().contains("The change took place") && error.to_string().contains("2000"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn the_second_write_has_what_the_response_lacks() {
    let read = scheduled();
    let service = FakeService::new(move |seen| match seen.method {
        Method::GET => FakeResponse::json(200, read.to_string()),
        _ => FakeResponse::json(200, r#"{"id":"s-1","quantity":30,"status":"active"}"#),
    });

    subscriptions(&service).set_quantity("s-1", 30).reapply_scheduled_changes().await.unwrap();

    let wanted = with(scheduled(), "quantity", json!(30));
    assert_eq!(written(&service), [wanted.clone(), wanted]);
}

#[tokio::test(start_paused = true)]
async fn a_rejected_change_has_deleted_nothing() {
    let read = scheduled();
    let service = FakeService::new(move |seen| match seen.method {
        Method::GET => FakeResponse::json(200, read.to_string()),
        _ => FakeResponse::json(400, fault_json(2002)),
    });
    let error = subscriptions(&service).set_quantity("s-1", 30).reapply_scheduled_changes().await.unwrap_err();
    assert_eq!((error.kind(), error.scheduled_changes()), (ErrorKind::Rejected, None));
}

#[tokio::test(start_paused = true)]
async fn an_unknown_outcome_has_what_was_scheduled() {
    let read = scheduled();
    let service = FakeService::new(move |seen| match seen.method {
        Method::GET => FakeResponse::json(200, read.to_string()),
        _ => FakeResponse::json(503, ""),
    });

    let error = subscriptions(&service).set_quantity("s-1", 30).reapply_scheduled_changes().await.unwrap_err();

    assert!(error.is_outcome_unknown());
    assert_eq!(error.scheduled_changes(), Some(&of(scheduled())));
}

#[tokio::test(start_paused = true)]
async fn a_resumed_change_schedules_what_was_stored() {
    let service = echoing(with(subscription(), "quantity", json!(30)));

    let call = subscriptions(&service).set_quantity("s-1", 30).reapply(of(scheduled()));
    call.resume(sent_minutes_ago(60)).await.unwrap();

    assert_eq!(written(&service), [with(scheduled(), "quantity", json!(30))]);
}

#[tokio::test(start_paused = true)]
async fn a_resumed_change_never_forgets_what_it_cannot_read_any_more() {
    // What is unexplained isn't deleted by a change, so it shows nothing of the rest.
    let shows = [Value::Null, json!({ "actionType": "x" })];
    for (minutes, actions) in [1, 60].into_iter().zip(shows) {
        let service = echoing(with(with(subscription(), "quantity", json!(30)), "scheduledActions", actions));

        let call = subscriptions(&service).set_quantity("s-1", 30).reapply_scheduled_changes();
        let error = call.resume(sent_minutes_ago(minutes)).await.unwrap_err();

        assert!(error.is_outcome_unknown() && error.to_string().contains("`reapply`"), "{error}");
        assert!(written(&service).is_empty());
    }
}

#[tokio::test(start_paused = true)]
async fn nothing_is_scheduled_for_a_subscription_that_is_not_renewed() {
    let instructions = ScheduledNextTermInstructions::new().quantity(7);
    let service = echoing(with(subscription(), "autoRenewEnabled", json!(false)));
    let error = subscriptions(&service).schedule_change("s-1", instructions).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidRequest);
    assert!(written(&service).is_empty());

    let service = echoing(scheduled());
    let error = subscriptions(&service).end_of_term("s-1").extend().reapply_scheduled_changes().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidRequest);
    assert!(written(&service).is_empty());
}

#[tokio::test(start_paused = true)]
async fn what_the_service_sets_does_not_hide_a_change_that_took_place() {
    let before = with(subscription(), "refundableQuantity", json!({ "totalQuantity": 25, "details": [] }));
    let after = with(with(before.clone(), "quantity", json!(30)), "refundableQuantity", json!({ "totalQuantity": 30 }));
    let service = echoing(with(after, "billingCycleEndDate", json!("2026-02-28T00:00:00Z")));
    let before = with(before, "billingCycleEndDate", json!("2026-01-31T00:00:00Z"));
    let patch = serde_json::from_value(with(before, "quantity", json!(30))).unwrap();

    subscriptions(&service).update("s-1", patch).resume(sent_minutes_ago(60)).await.unwrap();

    assert!(written(&service).is_empty());
}
