//! The check that callers get the rate, however many other calls are dropped while they are queued.

use std::time::Duration;

use partner_center_orders::{Error, Uuid};
use tokio::task::JoinHandle;
use tokio::time::Instant;

use super::plan::{ClientPlan, Layer};
use super::process::Process;

/// Below this rate, few requests form a queue.
const SLOW: u32 = 30;
/// The number of dropped calls beyond those that can be sent immediately.
const DROPPED: u32 = 12;
/// The number of calls that follow.
const PATIENT: usize = 6;
/// tokio's clock has steps of a millisecond.
const STEP: Duration = Duration::from_millis(5);

/// A call in flight.
struct Asked {
    id: Uuid,
    task: JoinHandle<Option<Error>>,
}

impl Process {
    /// Makes more calls than the rate allows, drops those that are queued, and calls again.
    pub(super) async fn crowd(&self) {
        let client = self.world.plan.clients[self.client];
        if client.per_minute > SLOW {
            return;
        }
        // Long enough for a full burst.
        tokio::time::sleep(Duration::from_secs(120)).await;
        let (before, began) = (self.wire().seen().api_requests(), Instant::now());
        let impatient: Vec<_> = (0..client.burst + DROPPED).map(|_| self.ask(Duration::from_secs(900))).collect();
        let patience = self.draw(|random| random.f64() * 5.0);
        tokio::time::sleep(Duration::from_secs_f64(patience)).await;
        for call in impatient {
            self.give_up(call).await;
        }
        let sent = self.wire().seen().api_requests() - before;
        let last = began + due(sent + PATIENT - 1, &client) + Duration::from_secs(1);
        let patient: Vec<_> = (0..PATIENT).map(|_| self.ask(last - Instant::now())).collect();
        let mut too_late = 0;
        for call in patient {
            too_late += usize::from(call.task.await.is_ok_and(|error| error.is_some_and(|error| error.is_throttled())));
        }
        self.note(&format!("{sent} went before the others were dropped, {too_late} of {PATIENT} too late"));
        if too_late > 0 {
            let promise = format!("{too_late} of {PATIENT} calls didn't get the rate after others were dropped");
            self.world.broken(&self.name, promise);
        }
        let sends = self.wire().seen().sends_after(before);
        let is_late = |(number, at): (usize, Instant)| at > began + due(number, &client) + STEP;
        if let Some(number) = sends.into_iter().enumerate().find(|sent| is_late(*sent)).map(|(number, _)| number) {
            let promise = format!("request {number} of a crowd was sent later than the rate allows");
            self.world.broken(&self.name, promise);
        }
    }

    fn ask(&self, deadline: Duration) -> Asked {
        let id = self.draw(|random| uuid::Builder::from_random_bytes(random.u128(..).to_ne_bytes()).into_uuid());
        let call = self.customer.orders().get("none").request_id(id).deadline(deadline);
        Asked { id, task: tokio::spawn(async move { call.await.err() }) }
    }

    /// Drops a call. A limiter that keeps the permits of dropped calls would waste them.
    async fn give_up(&self, call: Asked) {
        if self.world.plan.options.without == Some(Layer::DroppedPermits) {
            self.wire().seen().swallow(call.id.to_string());
            return;
        }
        call.task.abort();
        drop(call.task.await);
    }
}

/// When the request with this number may be sent, from the first on, if all calls are made at the same time.
fn due(number: usize, client: &ClientPlan) -> Duration {
    let (number, rate) = (u32::try_from(number).unwrap_or(u32::MAX), client.per_minute);
    // After a burst, one by one.
    let evenly = Duration::from_secs(60) / rate * (number + 1).saturating_sub(client.burst);
    let in_its_minute = number.checked_sub(rate).map_or(Duration::ZERO, |earlier| {
        due(usize::try_from(earlier).unwrap_or_default(), client) + Duration::from_secs(60)
    });
    evenly.max(in_its_minute)
}
