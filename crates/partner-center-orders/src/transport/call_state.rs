//! The state of one operation that is being called.
//!
//! A call of the wrapper is one operation of the API, or several: a resumed checkout first reads the cart. Each operation
//! has a state of its own, which [`Session::begin`](crate::call::Session::begin) creates; the attempts of one operation share
//! it.
//!
//! The generated client is between those who need the state: the call above it creates the state and reads it for its response
//! or error, and the layers below it keep it up to date. The client owns its transport (`Arc<dyn Transport>`) and returns
//! nothing of it. So the state is itself the transport, and call and client share it in one `Arc`; the layers get it by
//! reference. Three atomics are all that changes. Only the task that drives the call accesses them, one access after the
//! other, so that they need no ordering among themselves.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::{Duration, SystemTime};

use partner_center_orders_api::runtime::{RawResponse, TransportError};
use partner_center_orders_api::{Operation, RetryClass};

use super::deadline::Deadline;
use super::headers::Ids;
use super::shared::Shared;
use crate::age::Age;

/// The outcome of a call, or of one of its attempts.
pub(super) type Outcome = Result<RawResponse, TransportError>;

/// The state of one operation that is being called.
#[derive(Debug)]
pub(crate) struct CallState {
    pub(crate) shared: Arc<Shared>,
    pub(crate) operation: Operation,
    pub(crate) ids: Ids,
    /// The language of texts in the response, if the call names one.
    pub(crate) locale: Option<String>,
    pub(crate) deadline: Deadline,
    /// The age of the write since it was first sent.
    pub(crate) age: Age,
    /// When the write was first sent, as its caller reports it; only of a resumed write.
    pub(crate) resumed_from: Option<SystemTime>,
    pub(crate) progress: Progress,
}

/// The progress of an operation.
#[derive(Debug, Default)]
pub(crate) struct Progress {
    attempts: AtomicU32,
    /// Whether an attempt is under way.
    is_in_flight: AtomicBool,
    /// Whether an attempt ended without a response that says what it did.
    is_unsettled: AtomicBool,
}

impl CallState {
    /// The number of requests that were sent.
    pub(crate) fn attempts(&self) -> u32 {
        self.progress.attempts.load(Ordering::Relaxed)
    }

    /// Whether one of these attempts may have had its effect without a response that says so.
    pub(crate) fn is_outcome_unknown(&self) -> bool {
        self.progress.is_in_flight.load(Ordering::Relaxed) || self.progress.is_unsettled.load(Ordering::Relaxed)
    }

    /// Whether the write may have had its effect without a response that says so: by one of these attempts, or before it
    /// was resumed.
    pub(crate) fn may_have_effect(&self) -> bool {
        self.resumed_from.is_some() || self.is_outcome_unknown()
    }

    /// Counts an attempt that begins; returns its number.
    pub(super) fn begin_attempt(&self) -> u32 {
        self.progress.is_in_flight.store(true, Ordering::Relaxed);
        self.progress.attempts.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// Notes how the attempt under way ended: whether it may have had its effect all the same.
    pub(super) fn end_attempt(&self, is_unsettled: bool) {
        if is_unsettled {
            self.progress.is_unsettled.store(true, Ordering::Relaxed);
        }
        self.progress.is_in_flight.store(false, Ordering::Relaxed);
    }

    /// Whether the write may have had its effect under an id that the service may have forgotten when that time has passed:
    /// then it must not be sent. What has no second effect is sent, unless it is resumed.
    pub(super) fn is_too_old(&self, delay: Duration) -> bool {
        let class = self.operation.retry_class();
        if class == RetryClass::Read {
            return false;
        }
        let may_double = class != RetryClass::IdempotentWrite && self.is_outcome_unknown();
        (self.resumed_from.is_some() || may_double)
            && self.shared.retry.may_be_forgotten(self.age.most(&*self.shared.clock).saturating_add(delay))
    }
}
