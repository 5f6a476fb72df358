//! More and fewer licences.

use serde_json::{Value, json};

use super::{echoing, subscription, subscriptions, with, written};
use crate::support::{FakeResponse, FakeService};

/// The test's clock shows 2026-01-01.
fn refundable(windows: &[(i32, &str)]) -> Value {
    let details: Vec<_> = windows
        .iter()
        .map(|(quantity, until)| json!({ "quantity": quantity, "allowedUntilDateTime": until }))
        .collect();
    let total: i32 = windows.iter().map(|(quantity, _)| quantity).sum();
    with(subscription(), "refundableQuantity", json!({ "totalQuantity": total, "details": details }))
}

#[tokio::test(start_paused = true)]
async fn fewer_licences_than_can_be_given_back_are_not_sent() {
    let windows = [(4, "2025-12-31T00:00:00Z"), (2, "2026-01-03T00:00:00Z"), (3, "2026-01-05T12:00:00Z")];
    for (quantity, is_sent) in [(30, true), (25, true), (20, true), (19, false), (0, false)] {
        let service = echoing(refundable(&windows));

        let outcome = subscriptions(&service).set_quantity("s-1", quantity).await;

        assert_eq!((outcome.is_ok(), written(&service).len()), (is_sent, usize::from(is_sent)), "{quantity}");
        if let Err(error) = outcome {
            assert!(error.is_not_refundable() && !error.is_outcome_unknown());
            let line = error.to_string();
            assert!(line.contains("5 can be: 2 until 2026-01-03T00:00:00Z, 3 until 2026-01-05T12:00:00Z"), "{line}");
            assert!(line.contains("schedule_change"), "{line}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn windows_end_by_the_services_clock() {
    let read = refundable(&[(5, "2026-01-03T00:00:00Z")]);
    for (date, is_sent) in [("Fri, 02 Jan 2026 23:59:00 GMT", true), ("Sat, 03 Jan 2026 00:00:02 GMT", false)] {
        let read = read.to_string();
        let service = FakeService::new(move |_| FakeResponse::json(200, read.clone()).with("date", date));
        assert_eq!(subscriptions(&service).set_quantity("s-1", 20).await.is_ok(), is_sent, "{date}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_the_subscription_does_not_show_is_left_to_the_service() {
    for (refundable, is_sent) in [
        (Value::Null, true),
        (json!({}), true),
        (json!({ "totalQuantity": 5 }), true),
        (json!({ "totalQuantity": 4 }), false),
        (json!({ "totalQuantity": 0, "details": [] }), false),
        (json!({ "details": [{ "quantity": 5, "allowedUntilDateTime": "soon" }] }), true),
    ] {
        let service = echoing(with(subscription(), "refundableQuantity", refundable.clone()));
        assert_eq!(subscriptions(&service).set_quantity("s-1", 20).await.is_ok(), is_sent, "{refundable}");
    }
}

#[tokio::test(start_paused = true)]
async fn many_windows_are_named_in_part() {
    let windows = ["2026-01-02T00:00:00Z"; 4].map(|until| (1, until));
    let service = echoing(refundable(&windows));
    let error = subscriptions(&service).set_quantity("s-1", 1).await.unwrap_err();
    assert_eq!(error.to_string().matches("1 until").count(), 3, "{error}");
    assert!(error.to_string().contains('…'), "{error}");
}
