//! The time of the emulator: that of the machine, of a paused runtime, or of whoever holds the hands.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, DurationRound, TimeDelta, Utc};
use tokio::sync::Notify;
use tokio::time::Instant;

/// The service writes dates in steps of 100 nanoseconds.
const TICK: TimeDelta = TimeDelta::nanoseconds(100);

/// Longer waits and jumps than a century are cut, so that no date overflows.
const CENTURY: TimeDelta = TimeDelta::days(36_525);

/// Tells the emulator what time it is, and lets a test move it.
///
/// Clones share the same hands.
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
    hands: Arc<Hands>,
}

/// How far the clock was moved, and who waits for that. Those who wait are woken in the order in which they came, so that
/// a seeded run repeats.
#[derive(Debug, Default)]
struct Hands {
    offset: Mutex<TimeDelta>,
    moved: Notify,
}

impl Hands {
    fn offset(&self) -> TimeDelta {
        *self.offset.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn move_to(&self, offset: impl FnOnce(TimeDelta) -> TimeDelta) {
        {
            let mut kept = self.offset.lock().unwrap_or_else(PoisonError::into_inner);
            *kept = offset(*kept);
        }
        self.moved.notify_waiters();
    }
}

#[derive(Clone, Copy, Debug)]
enum Base {
    Machine,
    Runtime { start: DateTime<Utc>, epoch: Instant },
    Stopped { at: DateTime<Utc> },
}

impl Clock {
    /// The clock of the machine. It can still be put forward with [`Clock::advance`].
    pub fn system() -> Self {
        Self::on(Base::Machine)
    }

    /// A clock that stands still until somebody moves it. Waits of the emulator end when it is moved past them.
    pub fn stopped_at(at: DateTime<Utc>) -> Self {
        Self::on(Base::Stopped { at })
    }

    /// A clock that begins at `start` and runs with tokio's, which a test can pause.
    pub fn runtime(start: DateTime<Utc>) -> Self {
        Self::on(Base::Runtime { start, epoch: Instant::now() })
    }

    fn on(base: Base) -> Self {
        Self { base, hands: Arc::default() }
    }

    /// What time it is, in steps of 100 nanoseconds.
    pub fn now(&self) -> DateTime<Utc> {
        let now = self.base_now() + self.hands.offset();
        now.duration_trunc(TICK).unwrap_or(now)
    }

    fn base_now(&self) -> DateTime<Utc> {
        match self.base {
            Base::Machine => DateTime::from(std::time::SystemTime::now()),
            Base::Runtime { start, epoch } => start + delta(epoch.elapsed()),
            Base::Stopped { at } => at,
        }
    }

    /// Puts the clock forward and ends the waits that lie before the new time.
    pub fn advance(&self, by: Duration) {
        self.hands.move_to(|offset| offset + delta(by));
    }

    /// Sets the clock, forward or back.
    pub fn set(&self, to: DateTime<Utc>) {
        let offset = to - self.base_now();
        self.hands.move_to(|_| offset);
    }

    /// Waits until the clock has gone on by this much, be it by itself or because it was moved.
    ///
    /// The wait begins with the call, not when the future is first polled.
    pub fn sleep(&self, duration: Duration) -> impl Future<Output = ()> + Send + Sync + use<> {
        let clock = self.clone();
        let wake = self.now() + delta(duration);
        async move {
            loop {
                // Before the look at the clock: what moves it from here on is noticed.
                let moved = clock.hands.moved.notified();
                let Ok(left) = (wake - clock.now()).to_std() else { return };
                if left.is_zero() {
                    return;
                }
                match clock.base {
                    Base::Stopped { .. } => moved.await,
                    Base::Machine | Base::Runtime { .. } => tokio::select! {
                        biased;
                        () = tokio::time::sleep(left) => {}
                        () = moved => {}
                    },
                }
            }
        }
    }
}

/// A duration as the difference of two dates.
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
    fn a_stopped_clock_shows_steps_of_100_nanoseconds() {
        assert_eq!(Clock::stopped_at(start()).now().timestamp_subsec_nanos(), 123_456_700);
    }

    #[tokio::test]
    async fn a_wait_on_a_stopped_clock_ends_when_the_clock_is_moved_past_it() {
        let clock = Clock::stopped_at(start());
        let waiting = tokio::spawn(clock.sleep(Duration::from_secs(10)));
        clock.advance(Duration::from_secs(9));
        tokio::task::yield_now().await;
        assert!(!waiting.is_finished());
        clock.advance(Duration::from_secs(1));
        waiting.await.unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn a_clock_on_the_runtime_goes_with_it() {
        let clock = Clock::runtime(start());
        let before = clock.now();
        clock.sleep(Duration::from_secs(60)).await;
        assert_eq!(clock.now() - before, TimeDelta::seconds(60));
    }

    #[test]
    fn setting_the_clock_back_is_possible() {
        let clock = Clock::stopped_at(start());
        clock.set(start() - TimeDelta::days(1));
        assert!(clock.now() < start());
    }
}
