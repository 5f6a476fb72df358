//! The time of the emulator: the system's, that of tokio's runtime, or one that a test sets.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::{DateTime, DurationRound, TimeDelta, Utc};
use tokio::sync::Notify;
use tokio::time::Instant;

use crate::sync::lock;

/// The service writes dates in steps of 100 nanoseconds.
const TICK: TimeDelta = TimeDelta::nanoseconds(100);

/// Durations are limited to a century, so that no date overflows.
const CENTURY: TimeDelta = TimeDelta::days(36_525);

/// The clock of an emulator, which a test can move.
///
/// Clones share the same time.
///
/// ```
/// use std::time::Duration;
/// use partner_center_emulator::Clock;
///
/// let clock = Clock::stopped_at("2022-09-14T08:00:00Z".parse()?);
/// clock.advance(Duration::from_secs(90));
/// assert_eq!(clock.now().to_rfc3339(), "2022-09-14T08:01:30+00:00");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Clock {
    base: Base,
    shift: Arc<Shift>,
}

/// How far the clock was moved, and the tasks that wait for it. They are woken in the order of their arrival, so that a
/// seeded run is reproducible.
#[derive(Debug, Default)]
struct Shift {
    offset: Mutex<TimeDelta>,
    moved: Notify,
}

impl Shift {
    fn offset(&self) -> TimeDelta {
        *lock(&self.offset)
    }

    fn update(&self, offset: impl FnOnce(TimeDelta) -> TimeDelta) {
        {
            let mut current = lock(&self.offset);
            *current = offset(*current);
        }
        self.moved.notify_waiters();
    }
}

#[derive(Clone, Copy, Debug)]
enum Base {
    System,
    Runtime { start: DateTime<Utc>, epoch: Instant },
    Stopped { at: DateTime<Utc> },
}

impl Clock {
    /// Returns a clock that follows the system's. [`Clock::advance`] moves it forward.
    pub fn system() -> Self {
        Self::on(Base::System)
    }

    /// Returns a stopped clock, which only [`Clock::advance`] and [`Clock::set`] move. Delays of the emulator end when it is
    /// moved past them.
    pub fn stopped_at(at: DateTime<Utc>) -> Self {
        Self::on(Base::Stopped { at })
    }

    /// Returns a clock that begins at `start` and follows tokio's, which a test can pause.
    pub fn runtime(start: DateTime<Utc>) -> Self {
        Self::on(Base::Runtime { start, epoch: Instant::now() })
    }

    fn on(base: Base) -> Self {
        Self { base, shift: Arc::default() }
    }

    /// Returns the current time, in steps of 100 nanoseconds.
    pub fn now(&self) -> DateTime<Utc> {
        let now = self.base_now() + self.shift.offset();
        now.duration_trunc(TICK).unwrap_or(now)
    }

    fn base_now(&self) -> DateTime<Utc> {
        match self.base {
            Base::System => DateTime::from(std::time::SystemTime::now()),
            Base::Runtime { start, epoch } => start + delta(epoch.elapsed()),
            Base::Stopped { at } => at,
        }
    }

    /// Moves the clock forward. Delays that end before the new time are over.
    pub fn advance(&self, by: Duration) {
        self.shift.update(|offset| offset + delta(by));
    }

    /// Sets the clock, forward or backward.
    pub fn set(&self, to: DateTime<Utc>) {
        let offset = to - self.base_now();
        self.shift.update(|_| offset);
    }

    /// Waits until the clock has advanced by this duration, by itself or because it was moved.
    ///
    /// The duration begins with the call, not with the first poll of the future.
    pub fn sleep(&self, duration: Duration) -> impl Future<Output = ()> + Send + Sync + use<> {
        let clock = self.clone();
        let wake = self.now() + delta(duration);
        async move {
            loop {
                // Registered before the clock is read, so that no move after that is missed.
                let moved = clock.shift.moved.notified();
                let Ok(left) = (wake - clock.now()).to_std() else { return };
                if left.is_zero() {
                    return;
                }
                match clock.base {
                    Base::Stopped { .. } => moved.await,
                    Base::System | Base::Runtime { .. } => tokio::select! {
                        biased;
                        () = tokio::time::sleep(left) => {}
                        () = moved => {}
                    },
                }
            }
        }
    }
}

/// Converts a duration to the difference of two dates.
pub(crate) fn delta(duration: Duration) -> TimeDelta {
    TimeDelta::from_std(duration).unwrap_or(CENTURY).min(CENTURY)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn start() -> DateTime<Utc> {
        DateTime::from_timestamp(1_663_142_400, 123_456_789).unwrap()
    }

    #[test]
    fn time_is_in_steps_of_100_nanoseconds() {
        assert_eq!(Clock::stopped_at(start()).now().timestamp_subsec_nanos(), 123_456_700);
    }

    #[tokio::test]
    async fn sleep_on_a_stopped_clock_ends_when_the_clock_is_moved() {
        let clock = Clock::stopped_at(start());
        let waiting = tokio::spawn(clock.sleep(Duration::from_secs(10)));
        clock.advance(Duration::from_secs(9));
        tokio::task::yield_now().await;
        assert!(!waiting.is_finished());
        clock.advance(Duration::from_secs(1));
        waiting.await.unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn a_runtime_clock_follows_tokio() {
        let clock = Clock::runtime(start());
        let before = clock.now();
        clock.sleep(Duration::from_secs(60)).await;
        assert_eq!(clock.now() - before, TimeDelta::seconds(60));
    }

    #[test]
    fn the_clock_can_be_set_back() {
        let clock = Clock::stopped_at(start());
        clock.set(start() - TimeDelta::days(1));
        assert!(clock.now() < start());
    }
}
