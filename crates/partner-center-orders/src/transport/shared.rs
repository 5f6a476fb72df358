//! The settings and state that all calls of one client share.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::bearer::Signer;
use super::headers::StandingHeaders;
use super::rate_limiter::RateLimiter;
use crate::clock::{Clock, RandomSource};
use crate::cloud::Cloud;
use crate::identity::cache::TokenCache;
use crate::retry_policy::RetryPolicy;
use crate::send::SendRequest;
use crate::service_time::{Between, ServiceTime};

/// The settings and state that all calls of one client share.
pub(crate) struct Shared {
    pub(crate) cloud: Cloud,
    pub(crate) send: Arc<dyn SendRequest>,
    pub(crate) tokens: TokenCache,
    pub(crate) signer: Signer,
    pub(crate) rate_limiter: RateLimiter,
    pub(crate) retry: RetryPolicy,
    pub(crate) limits: Limits,
    /// The deadline of calls that set none.
    pub(crate) deadline: Option<Duration>,
    pub(crate) headers: StandingHeaders,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) service_time: ServiceTime,
    pub(crate) random_source: Arc<dyn RandomSource>,
    pub(crate) trace_bodies: bool,
}

/// The limits of an attempt.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// The time for head and body; of a stream, for its head.
    pub(crate) time: Duration,
    /// The longest body that is read whole, in bytes.
    pub(crate) body: usize,
}

impl Shared {
    pub(crate) fn base_url(&self) -> &str {
        self.cloud.base_url().as_str().trim_end_matches('/')
    }

    /// The service's time, as far as it is known.
    pub(crate) fn service_time(&self) -> Option<Between> {
        self.service_time.now(&*self.clock)
    }

    /// The backoff after so many attempts.
    pub(crate) fn backoff(&self, attempts: u32) -> Duration {
        self.retry.backoff(attempts, &*self.random_source)
    }
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared")
            .field("base_url", &self.base_url())
            .field("authority", &self.cloud.authority().as_str())
            .field("tokens", &self.tokens)
            .finish_non_exhaustive()
    }
}
