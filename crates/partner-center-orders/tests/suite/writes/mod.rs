//! Writes and their helpers: the requests, and the handling of the responses.

mod accepted;
mod carts;
mod changes;
mod resumed;

use std::time::Duration;

use partner_center_orders::types::NewOrder;
use partner_center_orders::{Clock, PendingWrite, Uuid};
use serde_json::{Value, json};

use crate::support::{RecordedRequest, TestClock};

fn body(seen: &RecordedRequest) -> Value {
    serde_json::from_str(&seen.body).unwrap()
}

/// A cart with two lines, and with unknown members.
fn cart(status: &str) -> Value {
    json!({
        "id": "c-1",
        "status": status,
        "futureMember": {"a": [1, null]},
        "lineItems": [
            {"id": 0, "catalogItemId": "A:1:X", "quantity": 1, "termDuration": "", "futureLine": true},
            {"id": 1, "catalogItemId": "B:1:Y", "quantity": 2, "provisioningContext": {},
             "addonItems": [{"id": 2, "catalogItemId": "C:1:Z", "quantity": 1, "futureAddon": 7}]},
        ],
    })
}

fn subscription(status: &str) -> Value {
    json!({
        "id": "s-1", "quantity": 3, "status": status, "friendlyName": "Sales",
        "attributes": {"objectType": "Subscription", "etag": "abc"}, "futureMember": {"x": 1},
    })
}

fn new_order() -> NewOrder {
    let line = json!({"lineItemNumber": 0, "offerId": "dzh318z0bq3q:001x:dzh318z08r4q", "quantity": 1});
    serde_json::from_value(json!({ "lineItems": [line] })).unwrap()
}

/// A write that was first sent so many minutes before the test's clock begins.
fn sent_minutes_ago(minutes: u64) -> PendingWrite {
    PendingWrite::new(Uuid::from_u128(7), TestClock::new().now() - Duration::from_secs(60 * minutes))
}
