//! How often, how long and what is tried again.

use std::time::Duration;

use crate::clock::{AGES, RandomSource, fraction};

/// Whether a write is sent again when no final answer came.
///
/// It concerns what is safe under one and the same `MS-RequestId` only: placing and changing an order, creating a cart,
/// changing a subscription, uploading. Replacing a cart and checking it out have no second effect and are repeated in
/// either case (checkout is documented to repeat its first result).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum RetryWrites {
    /// The write is sent again under the id that it had.
    ///
    /// The documentation tells to reuse the id after a timeout; it doesn't say how long the service remembers an id, or
    /// what it answers to one that it has seen. The risk: should the service have forgotten the id, the write takes place
    /// twice. Tries of one call lie seconds apart.
    #[default]
    SameId,
    /// The write reaches the service once; without a final answer the call ends as
    /// [outcome unknown](crate::Error::is_outcome_unknown).
    ///
    /// The risk: a short fault of the network leaves you to find out by reading what became of the write. Only what
    /// surely had no effect is tried again: no connection came about, no token was had, or the token was refused and
    /// renewed. [Resuming](crate::Call::resume) a write only reads.
    Never,
}

/// How calls are repeated.
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
    /// One attempt each.
    pub fn none() -> Self {
        Self { max_attempts: 1, ..Self::default() }
    }

    /// So many attempts in all, at least one. By default 4, as the .NET SDK.
    #[must_use]
    pub fn max_attempts(mut self, attempts: u32) -> Self {
        self.max_attempts = attempts.max(1);
        self
    }

    /// What of writes; by default [`RetryWrites::SameId`].
    #[must_use]
    pub fn writes(mut self, writes: RetryWrites) -> Self {
        self.writes = writes;
        self
    }

    /// The longest wait before the second attempt; it doubles with each further one. By default half a second.
    #[must_use]
    pub fn initial_backoff(mut self, wait: Duration) -> Self {
        self.initial_backoff = wait;
        self
    }

    /// What no wait exceeds, unless the service asks for more. By default 30 seconds.
    #[must_use]
    pub fn max_backoff(mut self, wait: Duration) -> Self {
        self.max_backoff = wait;
        self
    }

    /// What no `Retry-After` exceeds, of the service or of the sign-in service: a longer one counts as this long. By default
    /// one hour. Without it, one absurd value would hold back every call of the tenant for good.
    ///
    /// Errors still say what was asked for ([`Error::retry_after`](crate::Error::retry_after)). A wait can be ended early
    /// by [`PartnerCenter::reopen`](crate::PartnerCenter::reopen).
    #[must_use]
    pub fn max_retry_after(mut self, time: Duration) -> Self {
        self.max_retry_after = time.min(AGES);
        self
    }

    /// How long the service is taken to remember a request id. After that time, a write that may have had its effect isn't
    /// sent again: the call ends as [outcome unknown](crate::Error::is_outcome_unknown), and
    /// [resuming](crate::Call::resume) it only reads whether it took place. By default 10 minutes.
    ///
    /// The service's own span is documented nowhere. Longer than it, a write may take place twice; shorter, it is only looked
    /// for needlessly.
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

    /// The wait after so many attempts: anything up to the bound ("full jitter"), so that callers don't march in step.
    pub(crate) fn wait_after(&self, attempts: u32, random_source: &dyn RandomSource) -> Duration {
        self.bound(attempts).mul_f64(fraction(random_source))
    }

    /// How long a wait that was asked for counts.
    pub(crate) fn bounded(&self, retry_after: Duration) -> Duration {
        retry_after.min(self.max_retry_after)
    }

    /// The longest wait after so many attempts.
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
