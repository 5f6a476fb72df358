//! Changes of subscriptions that must not cost money by accident.

mod end_of_term;
mod quantity;
mod scheduled;

use http::Method;
use partner_center_orders::{Clock as _, PendingWrite, Subscriptions, Uuid};
use serde_json::{Value, json};

use crate::support::{CUSTOMER, FakeResponse, FakeService, RecordedRequest, TestClock, client};

fn subscriptions(service: &FakeService) -> Subscriptions {
    client(service).customer(CUSTOMER).subscriptions()
}

/// A new-commerce subscription that is renewed.
fn subscription() -> Value {
    json!({
        "id": "s-1", "quantity": 25, "status": "active", "friendlyName": "Mail", "autoRenewEnabled": true,
        "productType": { "id": "OnlineServicesNCE" }, "termDuration": "P1Y",
        "commitmentEndDateTime": "2026-12-31T23:59:59Z", "futureMember": { "x": 1 },
    })
}

/// The value with this member set; `null` removes it.
fn with(mut value: Value, name: &str, member: Value) -> Value {
    if member.is_null() {
        value.as_object_mut().unwrap().remove(name);
    } else {
        value[name] = member;
    }
    value
}

fn next_term(quantity: i32) -> Value {
    json!({ "product": { "productId": "CFQ7TTC0LH16", "skuId": "0001", "termDuration": "P1Y" }, "quantity": quantity })
}

/// A subscription for which fewer licences are scheduled.
fn scheduled() -> Value {
    with(subscription(), "scheduledNextTermInstructions", next_term(18))
}

/// A service that shows this subscription to reads, and responds to writes with the body that it got.
fn echoing(read: Value) -> FakeService {
    FakeService::new(move |seen| match seen.method {
        Method::GET => FakeResponse::json(200, read.to_string()),
        _ => FakeResponse::json(200, seen.body.clone()),
    })
}

/// The bodies of the writes.
fn written(service: &FakeService) -> Vec<Value> {
    let writes = service.seen().into_iter().filter(|seen| seen.method == Method::PATCH);
    writes.map(|seen: RecordedRequest| serde_json::from_str(&seen.body).unwrap()).collect()
}

/// A write that was first sent so many minutes before the test's clock begins.
fn sent_minutes_ago(minutes: u64) -> PendingWrite {
    PendingWrite::new(Uuid::from_u128(7), TestClock::new().now() - std::time::Duration::from_secs(60 * minutes))
}
