//! The setting of the rate limit: as many requests a minute as the service allows a partner.

use std::collections::HashMap;
use std::fmt;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::rate_limiter::{Limiter, Rate, RateLimiter};

/// Requests a minute for each partner tenant (documented for orders).
const PER_MINUTE: NonZeroU32 = NonZeroU32::MIN.saturating_add(499);
/// The number of requests that may be sent immediately after a pause. Our choice.
const BURST: NonZeroU32 = NonZeroU32::MIN.saturating_add(9);

/// Limits the rate of requests per partner tenant, and closes after a 429.
///
/// The service allows 500 requests a minute per tenant on orders (documented); other limits are not published. Requests
/// beyond the rate wait in order of arrival, and fail immediately if their deadline is before their permit. A call that is
/// dropped while it waits leaves the queue, and those behind it move up. A 429 closes the rate limit for all calls of that
/// tenant until its `Retry-After` has passed, for an hour at most
/// ([`RetryPolicy::max_retry_after`](crate::RetryPolicy::max_retry_after)); [`reopen`](Self::reopen) ends that early.
///
/// Clones of a [`PartnerCenter`](crate::PartnerCenter) share one. To share it between clients that were built separately,
/// pass clones of it to their builders:
///
/// ```
/// use std::num::NonZeroU32;
/// use partner_center_orders::{PartnerCenter, StaticToken, RateLimit};
///
/// let rate_limit = RateLimit::new(NonZeroU32::new(300).unwrap(), NonZeroU32::new(10).unwrap());
/// let builder = || PartnerCenter::builder().partner_tenant("contoso.onmicrosoft.com").rate_limit(rate_limit.clone());
/// let reading = builder().credential(StaticToken::new("…")).build()?;
/// let writing = builder().credential(StaticToken::new("…")).build()?;
/// # Ok::<(), partner_center_orders::BuildError>(())
/// ```
#[derive(Clone)]
pub struct RateLimit {
    rate: Option<Rate>,
    burst: NonZeroU32,
    limiters: Arc<Mutex<HashMap<String, Arc<Limiter>>>>,
}

impl RateLimit {
    /// Allows so many requests in any 60 seconds, of which so many may be sent immediately after a pause.
    ///
    /// A steady load gets that many a minute, whatever the burst: what was sent in a burst is made up for within the
    /// minute. Above 1,000 a minute, requests are counted in steps of 60 ms, which costs a thousandth of the rate.
    pub fn new(per_minute: NonZeroU32, burst: NonZeroU32) -> Self {
        let burst = burst.min(per_minute);
        Self { rate: Some(Rate::new(per_minute, burst)), burst, limiters: Arc::default() }
    }

    /// Returns a limit with another rate, which is not shared with the clones of this one.
    #[must_use]
    pub fn per_minute(self, per_minute: NonZeroU32) -> Self {
        Self::new(per_minute, self.burst)
    }

    /// Sets no limit until the service responds with 429.
    pub fn unlimited() -> Self {
        Self { rate: None, burst: NonZeroU32::MIN, limiters: Arc::default() }
    }

    /// Ends the delay after a 429 for this tenant, for instance after an absurd `Retry-After`. The rate still applies, and the
    /// service may well respond with 429 again.
    ///
    /// ```
    /// use partner_center_orders::RateLimit;
    ///
    /// let rate_limit = RateLimit::default();
    /// rate_limit.reopen("contoso.onmicrosoft.com");
    /// ```
    pub fn reopen(&self, tenant: &str) {
        let limiter = self.limiters().get(&tenant.to_ascii_lowercase()).cloned();
        if let Some(limiter) = limiter {
            limiter.reopen();
        }
    }

    /// The rate limit of one partner tenant.
    pub(crate) fn of_tenant(&self, tenant: &str) -> RateLimiter {
        let limiter = Arc::clone(self.limiters().entry(tenant.to_ascii_lowercase()).or_default());
        RateLimiter::new(self.rate, limiter)
    }

    fn limiters(&self) -> MutexGuard<'_, HashMap<String, Arc<Limiter>>> {
        self.limiters.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for RateLimit {
    /// At most 500 in any minute, in bursts of 10.
    fn default() -> Self {
        Self::new(PER_MINUTE, BURST)
    }
}

impl fmt::Debug for RateLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RateLimit").field("rate", &self.rate).field("burst", &self.burst).finish_non_exhaustive()
    }
}
