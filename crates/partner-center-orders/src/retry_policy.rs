//! Which requests are sent again, how often and when.

use std::time::Duration;

use crate::clock::{LONGEST_DELAY, RandomSource, fraction};

/// Whether a write is sent again after an attempt without a final response.
///
/// It applies to writes that are safe to repeat only under the same `MS-RequestId`: placing and changing an order, creating a
/// cart, changing a subscription, uploading. Replacing a cart and checking it out have no second effect and are repeated in
/// either case (checkout is documented to repeat its first result).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum RetryWrites {
    /// The write is sent again under the same id.
    ///
    /// The documentation says to reuse the id after a timeout; it doesn't say how long the service remembers an id, or
    /// how it responds to one that it has seen. The risk: if the service has forgotten the id, the write takes place
    /// twice. The attempts of one call are seconds apart.
    #[default]
    SameId,
    /// The write reaches the service once; without a final response the call ends as
    /// [outcome unknown](crate::Error::is_outcome_unknown).
    ///
    /// The risk: after a short network failure, you have to find out by reading whether the write took place. Only attempts
    /// that certainly had no effect are repeated: no connection was made, no token was available, or the token was rejected
    /// and renewed. [Resuming](crate::Call::resume) a write only reads.
    Never,
}

/// The rules by which the requests of a call are sent again.
///
/// ```
/// use std::time::Duration;
/// use partner_center_orders::{RetryPolicy, RetryWrites};
///
/// let policy = RetryPolicy::default().max_attempts(6).writes(RetryWrites::Never).initial_backoff(Duration::from_millis(200));
/// ```
#[doc = ""]
#[doc = include_str!("retry_table.md")]
#[derive(Clone, Debug)]
pub struct RetryPolicy {
    max_attempts: u32,
    pub(crate) writes: RetryWrites,
    initial_backoff: Duration,
    max_backoff: Duration,
    max_retry_after: Duration,
    retention: Duration,
}

impl RetryPolicy {
    /// A policy of one attempt per call.
    pub fn none() -> Self {
        Self { max_attempts: 1, ..Self::default() }
    }

    /// Sets the number of attempts in all, at least one. By default 4, as the .NET SDK.
    #[must_use]
    pub fn max_attempts(mut self, attempts: u32) -> Self {
        self.max_attempts = attempts.max(1);
        self
    }

    /// Sets whether writes are sent again; by default [`RetryWrites::SameId`].
    #[must_use]
    pub fn writes(mut self, writes: RetryWrites) -> Self {
        self.writes = writes;
        self
    }

    /// Sets the longest backoff before the second attempt; it doubles with each further one. By default half a second.
    #[must_use]
    pub fn initial_backoff(mut self, backoff: Duration) -> Self {
        self.initial_backoff = backoff;
        self
    }

    /// Sets the limit of the backoff, unless the service asks for more. By default 30 seconds.
    #[must_use]
    pub fn max_backoff(mut self, backoff: Duration) -> Self {
        self.max_backoff = backoff;
        self
    }

    /// Sets the limit of `Retry-After`, of the service or of the token endpoint: a longer one counts as this long. By default
    /// one hour. Without it, one absurd value would hold back every call of the tenant forever.
    ///
    /// Errors still hold the value that was received ([`Error::retry_after`](crate::Error::retry_after)). A delay can be ended
    /// early by [`PartnerCenter::reopen`](crate::PartnerCenter::reopen).
    #[must_use]
    pub fn max_retry_after(mut self, time: Duration) -> Self {
        self.max_retry_after = time.min(LONGEST_DELAY);
        self
    }

    /// Sets how long the service is assumed to remember a request id. After that time, a write that may have had its effect
    /// isn't sent again: the call ends as [outcome unknown](crate::Error::is_outcome_unknown), and
    /// [resuming](crate::Call::resume) it only reads whether it took place. By default 10 minutes.
    ///
    /// The service's own time is documented nowhere. If this one is longer, a write may take place twice; if it is shorter,
    /// writes are read for without need.
    #[must_use]
    pub fn request_id_retention(mut self, time: Duration) -> Self {
        self.retention = time;
        self
    }

    /// Whether writes are ever sent again.
    pub(crate) fn resends(&self) -> bool {
        self.writes == RetryWrites::SameId
    }

    /// Whether a write that was first sent that long ago may be sent again under its id.
    pub(crate) fn may_resend(&self, age: Duration) -> bool {
        self.resends() && !self.may_be_forgotten(age)
    }

    /// Whether the service may have forgotten the id of a write that was first sent that long ago.
    pub(crate) fn may_be_forgotten(&self, age: Duration) -> bool {
        age >= self.retention
    }

    pub(crate) fn most_attempts(&self) -> u32 {
        self.max_attempts
    }

    /// The backoff after so many attempts: a random time up to the longest ("full jitter"), so that callers don't send at the
    /// same times.
    pub(crate) fn backoff(&self, attempts: u32, random_source: &dyn RandomSource) -> Duration {
        self.bound(attempts).mul_f64(fraction(random_source))
    }

    /// The delay that was asked for, up to the limit.
    pub(crate) fn bounded(&self, retry_after: Duration) -> Duration {
        retry_after.min(self.max_retry_after)
    }

    /// The longest backoff after so many attempts.
    pub(crate) fn bound(&self, attempts: u32) -> Duration {
        let doublings = attempts.saturating_sub(1).min(20);
        self.initial_backoff.saturating_mul(1 << doublings).min(self.max_backoff)
    }
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            max_attempts: 4,
            writes: RetryWrites::default(),
            initial_backoff: Duration::from_millis(500),
            max_backoff: Duration::from_secs(30),
            max_retry_after: Duration::from_secs(60 * 60),
            retention: Duration::from_secs(10 * 60),
        }
    }
}
