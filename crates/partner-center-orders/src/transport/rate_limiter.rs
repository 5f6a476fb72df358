//! The rate limit of one partner tenant: which call gets the next permit, and when.
//!
//! Nothing is reserved. Calls queue, the first of them waits until the requests sent so far allow another one, and only then
//! does its permit count. A call that is dropped thus leaves no gap, wherever in the queue it was.

use std::collections::VecDeque;
use std::num::NonZeroU32;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::future::{Either, select};
use tokio::sync::Notify;
use tokio::time::Instant;

use super::deadline::Deadline;
use crate::clock::LONGEST_DELAY;

const MINUTE: Duration = Duration::from_secs(60);

/// The most requests that are remembered one by one.
const REMEMBERED: u32 = 1000;

/// The rate at which requests may be sent.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rate {
    /// In any 60 seconds.
    per_minute: usize,
    /// The time from one request to the next if all are sent evenly.
    interval: Duration,
    /// The time by which requests may be ahead of that.
    tolerance: Duration,
    /// Requests that are no further apart are remembered together.
    grain: Duration,
}

impl Rate {
    pub(super) fn new(per_minute: NonZeroU32, burst: NonZeroU32) -> Self {
        let interval = MINUTE / per_minute.get();
        let grain = if per_minute.get() > REMEMBERED { MINUTE / REMEMBERED } else { Duration::ZERO };
        let per_minute = usize::try_from(per_minute.get()).unwrap_or(usize::MAX);
        Self { per_minute, interval, tolerance: interval * (burst.get() - 1), grain }
    }
}

/// The state that all calls of one tenant share.
#[derive(Debug, Default)]
pub(super) struct Limiter {
    state: Mutex<State>,
    /// Held by the call that waits to become first, in order of arrival.
    queue: tokio::sync::Mutex<()>,
    /// Held by the first call.
    first: tokio::sync::Mutex<()>,
    /// Notified when the limit is closed or reopened.
    changed: Notify,
}

#[derive(Debug, Default)]
struct State {
    /// When the next request would be due if all were sent evenly (the "theoretical arrival time" of GCRA).
    due: Option<Instant>,
    recent: Recent,
    closed_until: Option<Instant>,
    /// The number of calls that wait.
    waiting: usize,
}

/// The requests of the last minute.
#[derive(Debug, Default)]
struct Recent {
    groups: VecDeque<Group>,
    count: usize,
}

/// Requests that are remembered together.
#[derive(Debug)]
struct Group {
    first_at: Instant,
    last_at: Instant,
    count: usize,
}

impl Recent {
    fn forget_before(&mut self, now: Instant) {
        while let Some(oldest) = self.groups.front().filter(|oldest| now.duration_since(oldest.last_at) >= MINUTE) {
            self.count -= oldest.count;
            self.groups.pop_front();
        }
    }

    fn add(&mut self, now: Instant, grain: Duration) {
        self.count += 1;
        match self.groups.back_mut().filter(|last| now.duration_since(last.first_at) < grain) {
            Some(last) => {
                last.last_at = now;
                last.count += 1;
            }
            None => self.groups.push_back(Group { first_at: now, last_at: now, count: 1 }),
        }
    }

    /// When another request may be sent after so many others, if no more than `limit` may within a minute.
    fn permitted_at(&self, now: Instant, limit: usize, ahead: usize) -> Instant {
        let position = self.count.saturating_add(ahead);
        let Some(beyond) = position.checked_sub(limit) else { return now };
        // Each full minute allows as many as the first one.
        let minutes = u32::try_from(beyond / limit).unwrap_or(u32::MAX);
        let mut left = beyond % limit;
        let leaving = self.groups.iter().find(|group| match left.checked_sub(group.count) {
            Some(rest) => {
                left = rest;
                false
            }
            None => true,
        });
        leaving.map_or(now, |group| group.last_at) + MINUTE.saturating_mul(minutes.saturating_add(1)).min(LONGEST_DELAY)
    }
}

impl State {
    /// When a request may be sent after so many others.
    fn permitted_at(&mut self, rate: Option<Rate>, now: Instant, ahead: usize) -> Instant {
        let open_at = self.closed_until.map_or(now, |until| until.max(now));
        let Some(rate) = rate else { return open_at };
        let others = rate.interval.saturating_mul(u32::try_from(ahead).unwrap_or(u32::MAX)).min(LONGEST_DELAY);
        let due = self.due.map_or(open_at, |due| due.max(open_at)) + others;
        let evenly = due.checked_sub(rate.tolerance).unwrap_or(open_at);
        self.recent.forget_before(now);
        evenly.max(open_at).max(self.recent.permitted_at(now, rate.per_minute, ahead))
    }

    /// Counts a request if it may be sent now; returns when it may be otherwise.
    fn take(&mut self, rate: Option<Rate>, now: Instant) -> Result<(), Instant> {
        let at = self.permitted_at(rate, now, 0);
        if at > now {
            return Err(at);
        }
        if let Some(rate) = rate {
            self.due = Some(self.due.map_or(now, |due| due.max(now)) + rate.interval);
            self.recent.add(now, rate.grain);
        }
        Ok(())
    }
}

impl Limiter {
    pub(super) fn reopen(&self) {
        self.state().closed_until = None;
        self.changed.notify_waiters();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The position in the queue that a call begins at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Queue {
    /// Behind all others.
    Back,
    /// Next to be first: for a call that was first already, and left to get another token.
    Front,
}

/// A permit to send one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Permit {
    /// Whether it counts for this request. Otherwise it was left to the next call, as this one needs another token.
    pub(crate) is_taken: bool,
    pub(crate) waited: Duration,
}

/// The permit would come after the deadline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TooLate {
    pub(crate) wait: Duration,
}

/// A call in the queue, until it is permitted or dropped.
struct Waiting<'a>(&'a Limiter);

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.state().waiting -= 1;
    }
}

/// The rate limit of one partner tenant, shared by all its calls.
#[derive(Clone, Debug)]
pub(crate) struct RateLimiter {
    rate: Option<Rate>,
    limiter: Arc<Limiter>,
}

impl RateLimiter {
    pub(super) fn new(rate: Option<Rate>, limiter: Arc<Limiter>) -> Self {
        Self { rate, limiter }
    }

    /// Waits for a permit, and takes it if it is still wanted then.
    pub(crate) async fn acquire(
        &self,
        deadline: Deadline,
        queue: Queue,
        is_wanted: impl Fn() -> bool,
    ) -> Result<Permit, TooLate> {
        let Some(waiting) = self.take_or_queue(deadline, queue)? else {
            return Ok(Permit { is_taken: true, waited: Duration::ZERO });
        };
        // Boxed, as most requests don't wait.
        Box::pin(self.wait(waiting, deadline, queue, is_wanted)).await
    }

    /// Holds back all requests for that long.
    pub(crate) fn close(&self, wait: Duration) {
        let until = Instant::now() + wait.min(LONGEST_DELAY);
        let mut state = self.limiter.state();
        state.closed_until = Some(state.closed_until.map_or(until, |known| known.max(until)));
        drop(state);
        self.limiter.changed.notify_waiters();
    }

    /// Ends the delay after a 429.
    pub(crate) fn reopen(&self) {
        self.limiter.reopen();
    }

    /// Takes a permit now if that is allowed and no call waits; queues otherwise.
    fn take_or_queue(&self, deadline: Deadline, queue: Queue) -> Result<Option<Waiting<'_>>, TooLate> {
        let now = Instant::now();
        let mut state = self.limiter.state();
        if state.waiting == 0 && state.take(self.rate, now).is_ok() {
            return Ok(None);
        }
        let ahead = if queue == Queue::Front { 0 } else { state.waiting };
        let wait = state.permitted_at(self.rate, now, ahead).duration_since(now);
        if !wait.is_zero() && !deadline.allows(wait) {
            return Err(TooLate { wait });
        }
        state.waiting += 1;
        Ok(Some(Waiting(&self.limiter)))
    }

    async fn wait(
        &self,
        waiting: Waiting<'_>,
        deadline: Deadline,
        queue: Queue,
        is_wanted: impl Fn() -> bool,
    ) -> Result<Permit, TooLate> {
        let began_at = Instant::now();
        let permit = async {
            let queued = if queue == Queue::Back { Some(self.limiter.queue.lock().await) } else { None };
            let first = self.limiter.first.lock().await;
            drop(queued);
            let is_taken = self.as_first(deadline, is_wanted).await;
            // The next call becomes first, and looks at the clock.
            drop(first);
            is_taken
        };
        let in_time = deadline.bound(permit);
        let outcome = match select(pin!(in_time), pin!(self.closes_for_too_long(deadline))).await {
            Either::Left((is_taken, _)) => is_taken.unwrap_or_else(|| Err(self.too_late())),
            Either::Right((late, _)) => Err(late),
        };
        drop(waiting);
        outcome.map(|is_taken| Permit { is_taken, waited: began_at.elapsed() })
    }

    /// Waits as the first call; returns whether it took the permit.
    async fn as_first(&self, deadline: Deadline, is_wanted: impl Fn() -> bool) -> Result<bool, TooLate> {
        loop {
            // Before the state is read: a change after that is noticed.
            let changed = self.limiter.changed.notified();
            if !is_wanted() {
                return Ok(false);
            }
            let now = Instant::now();
            let taken = self.limiter.state().take(self.rate, now);
            let Err(at) = taken else { return Ok(true) };
            debug_assert!(at > now, "a request that may be sent now is sent");
            let wait = at.duration_since(now);
            if !deadline.allows(wait) {
                return Err(TooLate { wait });
            }
            select(pin!(tokio::time::sleep_until(at)), pin!(changed)).await;
        }
    }

    /// Ends when requests are held back until after the deadline.
    async fn closes_for_too_long(&self, deadline: Deadline) -> TooLate {
        loop {
            let changed = self.limiter.changed.notified();
            let now = Instant::now();
            let closed_until = self.limiter.state().closed_until;
            let wait = closed_until.map_or(Duration::ZERO, |until| until.saturating_duration_since(now));
            if !wait.is_zero() && !deadline.allows(wait) {
                return TooLate { wait };
            }
            changed.await;
        }
    }

    /// The deadline came: even the next permit is after it.
    fn too_late(&self) -> TooLate {
        let now = Instant::now();
        TooLate { wait: self.limiter.state().permitted_at(self.rate, now, 0).duration_since(now) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_memory_for_one_minute_is_bounded() {
        let rate = Rate::new(NonZeroU32::new(60_000).unwrap(), NonZeroU32::MIN);
        let began = Instant::now();
        let mut recent = Recent::default();

        for millisecond in 0..59_000 {
            recent.add(began + Duration::from_millis(millisecond), rate.grain);
        }

        assert_eq!(recent.count, 59_000);
        assert!((900..=1000).contains(&recent.groups.len()), "{}", recent.groups.len());
    }
}
