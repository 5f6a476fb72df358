//! The shared pace: as many requests a minute as the service allows a partner.

use std::collections::HashMap;
use std::fmt;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::Deadline;

/// Requests a minute for each partner tenant (documented for orders).
const PER_MINUTE: NonZeroU32 = NonZeroU32::MIN.saturating_add(499);
/// How many may go at once after a pause. Our choice: what goes at once is taken off the steady pace, here 2 %.
const BURST: NonZeroU32 = NonZeroU32::MIN.saturating_add(9);

/// Keeps requests at the service's pace, per partner tenant, and closes when the service says so.
///
/// The service allows 500 requests a minute per tenant on orders (documented); other limits are not published. Requests
/// beyond the pace wait, and fail at once where their deadline would pass before their turn. An answer with 429 closes the
/// gate for everybody of that tenant until its `Retry-After` has passed.
///
/// Clones of a [`PartnerCenter`](crate::PartnerCenter) share one. To share it between clients that were built apart, hand
/// clones of it to their builders:
///
/// ```
/// use std::num::NonZeroU32;
/// use partner_center_orders::{PartnerCenter, StaticToken, Throttle};
///
/// let throttle = Throttle::new(NonZeroU32::new(300).unwrap(), NonZeroU32::new(10).unwrap());
/// let builder = || PartnerCenter::builder().partner_tenant("contoso.onmicrosoft.com").throttle(throttle.clone());
/// let reading = builder().credential(StaticToken::new("…")).build()?;
/// let writing = builder().credential(StaticToken::new("…")).build()?;
/// # Ok::<(), partner_center_orders::BuildError>(())
/// ```
#[derive(Clone)]
pub struct Throttle {
    interval: Duration,
    burst: NonZeroU32,
    gates: Arc<Mutex<HashMap<String, Arc<Mutex<Gate>>>>>,
}

impl Throttle {
    /// At most so many requests in any minute, of which so many may go at once after a pause.
    pub fn new(per_minute: NonZeroU32, burst: NonZeroU32) -> Self {
        let burst = burst.min(per_minute);
        // Those that go at once count, so what follows them in the same minute goes a little slower.
        let evenly = (per_minute.get() - burst.get()).max(1);
        Self { interval: Duration::from_secs(60) / evenly, burst, gates: Arc::default() }
    }

    /// The same with another pace. What was shared before is not shared with it.
    #[must_use]
    pub fn per_minute(self, per_minute: NonZeroU32) -> Self {
        Self::new(per_minute, self.burst)
    }

    /// Lets everything through until the service answers with 429.
    pub fn unlimited() -> Self {
        Self { interval: Duration::ZERO, burst: NonZeroU32::MIN, gates: Arc::default() }
    }

    /// The pace of one partner tenant.
    pub(crate) fn of_tenant(&self, tenant: &str) -> Pace {
        let mut gates = self.gates.lock().unwrap_or_else(PoisonError::into_inner);
        let gate = gates.entry(tenant.to_ascii_lowercase()).or_default();
        Pace { interval: self.interval, tolerance: self.interval * (self.burst.get() - 1), gate: Arc::clone(gate) }
    }
}

impl Default for Throttle {
    /// At most 500 in any minute, 10 at once.
    fn default() -> Self {
        Self::new(PER_MINUTE, BURST)
    }
}

impl fmt::Debug for Throttle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Throttle").field("interval", &self.interval).field("burst", &self.burst).finish_non_exhaustive()
    }
}

/// As long as anything waits: 30 years, which is also the longest that tokio sleeps. The clock could not count all that a
/// service may ask for.
const AGES: Duration = Duration::from_secs(30 * 365 * 24 * 60 * 60);

#[derive(Debug, Default)]
struct Gate {
    /// When the next request would be due if all came evenly (the "theoretical arrival time" of GCRA).
    due: Option<Instant>,
    /// The same, counting only turns that were used.
    due_by_use: Option<Instant>,
    closed_until: Option<Instant>,
}

/// The pace of one partner tenant, shared by everybody who calls on its behalf.
#[derive(Clone, Debug)]
pub(crate) struct Pace {
    interval: Duration,
    tolerance: Duration,
    gate: Arc<Mutex<Gate>>,
}

/// A turn would come after the deadline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TooLate {
    pub(crate) wait: Duration,
}

impl Pace {
    /// Waits for a turn; says how long that took.
    pub(crate) async fn turn(&self, deadline: Deadline) -> Result<Duration, TooLate> {
        let asked_at = Instant::now();
        let mut now = asked_at;
        loop {
            let at = self.take(now, deadline)?;
            if at > now {
                tokio::time::sleep_until(at).await;
                now = Instant::now();
            }
            // The gate may have closed meanwhile: then the turn is void.
            if self.use_turn(now) {
                return Ok(now - asked_at);
            }
            now = Instant::now();
        }
    }

    /// Lets nobody through for that long.
    pub(crate) fn close(&self, wait: Duration) {
        let until = Instant::now() + wait.min(AGES);
        let mut gate = self.lock();
        gate.closed_until = Some(gate.closed_until.map_or(until, |known| known.max(until)));
        // Turns that were given out before are void, and begin anew behind the gate. Those that were used still count.
        gate.due = gate.due_by_use;
    }

    fn take(&self, now: Instant, deadline: Deadline) -> Result<Instant, TooLate> {
        let mut gate = self.lock();
        let open_at = gate.closed_until.filter(|until| *until > now).unwrap_or(now);
        let due = gate.due.map_or(open_at, |due| due.max(open_at));
        let at = due.checked_sub(self.tolerance).map_or(open_at, |at| at.max(open_at));
        let wait = at.duration_since(now);
        if !wait.is_zero() && !deadline.allows(wait) {
            return Err(TooLate { wait });
        }
        gate.due = Some(due + self.interval);
        Ok(at)
    }

    /// Uses a turn that has come, unless the gate is closed.
    fn use_turn(&self, now: Instant) -> bool {
        let mut gate = self.lock();
        if gate.closed_until.is_some_and(|until| until > now) {
            return false;
        }
        gate.due_by_use = Some(gate.due_by_use.map_or(now, |due| due.max(now)) + self.interval);
        true
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Gate> {
        self.gate.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
