//! Resuming a write: what is evidence of its effect, how old it is, and what settles it.

mod age;
mod evidence;
mod settling;

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use http::Method;
use partner_center_orders::types::NewOrder;
use partner_center_orders::{PendingWrite, Uuid};
use serde_json::{Value, json};

use crate::support::{FakeResponse, FakeService, NEW_YEAR, RecordedRequest, order_json};

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

fn posts(service: &FakeService) -> usize {
    service.seen().iter().filter(|seen| seen.method == Method::POST).count()
}
