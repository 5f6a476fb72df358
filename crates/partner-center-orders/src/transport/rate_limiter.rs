//! The rate limit of one partner tenant: who goes next, and when.
//!
//! Nothing is reserved. Callers queue, the first of them waits until a request may go out by what was sent so far, and only
//! then does its turn count. A caller who gives up thus leaves no gap, wherever in the queue they were.

use std::collections::VecDeque;
use std::num::NonZeroU32;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::future::{Either, select};
use tokio::sync::Notify;
use tokio::time::Instant;

use super::deadline::Deadline;
use crate::clock::AGES;

const MINUTE: Duration = Duration::from_secs(60);

/// The most turns that are remembered one by one.
const REMEMBERED: u32 = 1000;

/// How many requests may go out.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rate {
    /// In any 60 seconds.
    per_minute: usize,
    /// From one request to the next if all come evenly.
    interval: Duration,
    /// How far requests may be ahead of that.
    tolerance: Duration,
    /// Turns that lie no further apart are remembered as one.
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

/// What all callers of one tenant share.
#[derive(Debug, Default)]
pub(super) struct Limiter {
    state: Mutex<State>,
    /// Held by whoever waits to become first, in the order in which they came.
    line: tokio::sync::Mutex<()>,
    /// Held by whoever is first.
    first: tokio::sync::Mutex<()>,
    /// Closed or reopened.
    changed: Notify,
}

#[derive(Debug, Default)]
struct State {
    /// When the next request would be due if all came evenly (the "theoretical arrival time" of GCRA).
    due: Option<Instant>,
    recent: Recent,
    closed_until: Option<Instant>,
    /// How many callers wait.
    waiting: usize,
}

/// The requests of the last minute.
#[derive(Debug, Default)]
struct Recent {
    turns: VecDeque<Turns>,
    count: usize,
}

/// Requests that went out together.
#[derive(Debug)]
struct Turns {
    began: Instant,
    ended: Instant,
    count: usize,
}

impl Recent {
    fn forget_before(&mut self, now: Instant) {
        while let Some(oldest) = self.turns.front().filter(|oldest| now.duration_since(oldest.ended) >= MINUTE) {
            self.count -= oldest.count;
            self.turns.pop_front();
        }
    }

    fn add(&mut self, now: Instant, grain: Duration) {
        self.count += 1;
        match self.turns.back_mut().filter(|last| now.duration_since(last.began) < grain) {
            Some(last) => {
                last.ended = now;
                last.count += 1;
            }
            None => self.turns.push_back(Turns { began: now, ended: now, count: 1 }),
        }
    }

    /// When another request may go out after so many others, if no more than `limit` may within a minute.
    fn room_at(&self, now: Instant, limit: usize, ahead: usize) -> Instant {
        let place = self.count.saturating_add(ahead);
        let Some(beyond) = place.checked_sub(limit) else { return now };
        // Each full minute lets as many out as the first one.
        let minutes = u32::try_from(beyond / limit).unwrap_or(u32::MAX);
        let mut left = beyond % limit;
        let leaving = self.turns.iter().find(|turns| match left.checked_sub(turns.count) {
            Some(rest) => {
                left = rest;
                false
            }
            None => true,
        });
        leaving.map_or(now, |turns| turns.ended) + MINUTE.saturating_mul(minutes.saturating_add(1)).min(AGES)
    }
}

impl State {
    /// When a request may go out after so many others.
    fn turn_at(&mut self, rate: Option<Rate>, now: Instant, ahead: usize) -> Instant {
        let open_at = self.closed_until.map_or(now, |until| until.max(now));
        let Some(rate) = rate else { return open_at };
        let others = rate.interval.saturating_mul(u32::try_from(ahead).unwrap_or(u32::MAX)).min(AGES);
        let due = self.due.map_or(open_at, |due| due.max(open_at)) + others;
        let evenly = due.checked_sub(rate.tolerance).unwrap_or(open_at);
        self.recent.forget_before(now);
        evenly.max(open_at).max(self.recent.room_at(now, rate.per_minute, ahead))
    }

    /// Lets a request out if it may go now; says when it may otherwise.
    fn go(&mut self, rate: Option<Rate>, now: Instant) -> Result<(), Instant> {
        let at = self.turn_at(rate, now, 0);
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

/// Where a caller queues.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Queue {
    /// Behind everybody.
    Back,
    /// Behind whoever is first: for a caller who was first already, and had to leave for another token.
    Front,
}

/// A turn that came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Turn {
    /// Whether the request goes out now. Otherwise the turn was left to the next caller.
    pub(crate) is_taken: bool,
    pub(crate) waited: Duration,
}

/// A turn would come after the deadline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TooLate {
    pub(crate) wait: Duration,
}

/// A caller in the queue, until it goes or gives up.
struct Waiting<'a>(&'a Limiter);

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.state().waiting -= 1;
    }
}

/// The rate limit of one partner tenant, shared by everybody who calls on its behalf.
#[derive(Clone, Debug)]
pub(crate) struct RateLimiter {
    rate: Option<Rate>,
    limiter: Arc<Limiter>,
}

impl RateLimiter {
    pub(super) fn new(rate: Option<Rate>, limiter: Arc<Limiter>) -> Self {
        Self { rate, limiter }
    }

    /// Waits for a turn, and takes it if it is still wanted then.
    pub(crate) async fn turn(
        &self,
        deadline: Deadline,
        queue: Queue,
        is_wanted: impl Fn() -> bool,
    ) -> Result<Turn, TooLate> {
        let Some(waiting) = self.go_or_queue(deadline, queue)? else {
            return Ok(Turn { is_taken: true, waited: Duration::ZERO });
        };
        // Boxed, as most requests go at once.
        Box::pin(self.wait(waiting, deadline, queue, is_wanted)).await
    }

    /// Lets nobody through for that long.
    pub(crate) fn close(&self, wait: Duration) {
        let until = Instant::now() + wait.min(AGES);
        let mut state = self.limiter.state();
        state.closed_until = Some(state.closed_until.map_or(until, |known| known.max(until)));
        drop(state);
        self.limiter.changed.notify_waiters();
    }

    /// Lets requests through again.
    pub(crate) fn reopen(&self) {
        self.limiter.reopen();
    }

    /// Goes now if it may and nobody waits.
    fn go_or_queue(&self, deadline: Deadline, queue: Queue) -> Result<Option<Waiting<'_>>, TooLate> {
        let now = Instant::now();
        let mut state = self.limiter.state();
        if state.waiting == 0 && state.go(self.rate, now).is_ok() {
            return Ok(None);
        }
        let ahead = if queue == Queue::Front { 0 } else { state.waiting };
        let wait = state.turn_at(self.rate, now, ahead).duration_since(now);
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
    ) -> Result<Turn, TooLate> {
        let asked_at = Instant::now();
        let turn = async {
            let line = if queue == Queue::Back { Some(self.limiter.line.lock().await) } else { None };
            let first = self.limiter.first.lock().await;
            drop(line);
            let turn = self.as_first(deadline, is_wanted).await;
            // The next one looks at the clock when nobody is first any more.
            drop(first);
            turn
        };
        let turn = deadline.bound(turn);
        let outcome = match select(pin!(turn), pin!(self.closes_for_too_long(deadline))).await {
            Either::Left((turn, _)) => turn.unwrap_or_else(|| Err(self.too_late())),
            Either::Right((late, _)) => Err(late),
        };
        drop(waiting);
        outcome.map(|is_taken| Turn { is_taken, waited: asked_at.elapsed() })
    }

    /// Waits as the first of all; says whether the turn was taken.
    async fn as_first(&self, deadline: Deadline, is_wanted: impl Fn() -> bool) -> Result<bool, TooLate> {
        loop {
            // Before the look: a change that comes after it is noticed.
            let changed = self.limiter.changed.notified();
            if !is_wanted() {
                return Ok(false);
            }
            let now = Instant::now();
            let went = self.limiter.state().go(self.rate, now);
            let Err(at) = went else { return Ok(true) };
            debug_assert!(at > now, "a call that may go now goes");
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

    /// The deadline came: even the next turn is after it.
    fn too_late(&self) -> TooLate {
        let now = Instant::now();
        TooLate { wait: self.limiter.state().turn_at(self.rate, now, 0).duration_since(now) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_remembered_of_a_minute_has_a_limit() {
        let rate = Rate::new(NonZeroU32::new(60_000).unwrap(), NonZeroU32::MIN);
        let began = Instant::now();
        let mut recent = Recent::default();

        for turn in 0..59_000 {
            recent.add(began + Duration::from_millis(turn), rate.grain);
        }

        assert_eq!(recent.count, 59_000);
        assert!((900..=1000).contains(&recent.turns.len()), "{}", recent.turns.len());
    }
}
