//! The sources of time and random numbers, which tests can replace.

use std::fmt;
use std::time::{Duration, SystemTime};

use tokio::time::Instant;
use uuid::Uuid;

/// The time of day, which token lifetimes and dates in `Retry-After` are compared with.
///
/// Delays are measured with tokio's own clock, which tests pause; this one is for times that other machines wrote down.
pub trait Clock: fmt::Debug + Send + Sync {
    /// The time now.
    fn now(&self) -> SystemTime;
}

/// The time of the operating system.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> SystemTime {
        SystemTime::now()
    }
}

/// The longest delay: 30 years, which is also the longest that tokio sleeps. A service may ask for more than a clock can count.
pub(crate) const LONGEST_DELAY: Duration = Duration::from_secs(946_080_000);

/// The most that the time of day drifts from the machine's steady clock; if it is further off, it was set, or the machine slept.
/// Our choice.
const DRIFT: Duration = Duration::from_secs(60);

/// A moment by two clocks: one that can't be set but stops while the machine sleeps, and the time of day.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Moment {
    steady: Instant,
    time_of_day: SystemTime,
}

impl Moment {
    pub(crate) fn now(clock: &dyn Clock) -> Self {
        Self { steady: Instant::now(), time_of_day: clock.now() }
    }

    /// The time of day then.
    pub(crate) fn time_of_day(&self) -> SystemTime {
        self.time_of_day
    }

    /// The time since then, without the time that the machine slept since.
    pub(crate) fn steady_elapsed(&self) -> Duration {
        self.steady.elapsed()
    }

    /// The time since then; `None` if the machine may have slept since.
    pub(crate) fn elapsed(&self, clock: &dyn Clock) -> Option<Duration> {
        let steady = self.steady.elapsed();
        let by_day = clock.now().duration_since(self.time_of_day).unwrap_or_default();
        (by_day <= steady.saturating_add(DRIFT)).then_some(steady)
    }

    /// The time since then at most. A clock that was set forward may make it too long, one that was set back doesn't make
    /// it too short.
    pub(crate) fn most_elapsed(&self, clock: &dyn Clock) -> Duration {
        self.steady.elapsed().max(clock.now().duration_since(self.time_of_day).unwrap_or_default())
    }
}

/// A source of random numbers: for request ids, the jitter of delays, the secret of an authorization with PKCE.
///
/// An implementation for production must not be predictable.
pub trait RandomSource: fmt::Debug + Send + Sync {
    /// 64 random bits.
    fn next_u64(&self) -> u64;

    /// Fills `bytes` with random ones; by default with those of as many [`next_u64`](Self::next_u64) as it takes.
    ///
    /// ```
    /// use partner_center_orders::{RandomSource, SystemRandomSource};
    ///
    /// let mut secret = [0; 32];
    /// SystemRandomSource.fill(&mut secret);
    /// assert_ne!(secret, [0; 32]);
    /// ```
    fn fill(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(size_of::<u64>()) {
            for (target, byte) in chunk.iter_mut().zip(self.next_u64().to_be_bytes()) {
                *target = byte;
            }
        }
    }
}

/// The random numbers of the operating system.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemRandomSource;

impl RandomSource for SystemRandomSource {
    fn next_u64(&self) -> u64 {
        let mut bytes = [0; 8];
        self.fill(&mut bytes);
        u64::from_ne_bytes(bytes)
    }

    /// # Panics
    /// When the operating system provides none: with ids that repeat, the service would take one order for another.
    fn fill(&self, bytes: &mut [u8]) {
        if let Err(error) = getrandom::fill(bytes) {
            panic!("the operating system provides no random bytes: {error}");
        }
    }
}

/// Creates version 4 UUIDs together, as the expensive part is to ask the operating system.
pub(crate) fn new_ids<const N: usize>(random_source: &dyn RandomSource) -> [Uuid; N] {
    let mut bytes = [[0; 16]; N];
    random_source.fill(bytes.as_flattened_mut());
    bytes.map(|bytes| uuid::Builder::from_random_bytes(bytes).into_uuid())
}

/// A fraction from 0 up to, but not including, 1.
pub(crate) fn fraction(random_source: &dyn RandomSource) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "53 bits are what an f64 holds exactly")]
    let bits = (random_source.next_u64() >> 11) as f64;
    bits / 9_007_199_254_740_992.0
}
