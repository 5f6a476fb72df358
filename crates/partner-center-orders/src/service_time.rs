//! The service's clock, as far as its responses show it.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use http::{HeaderMap, header};
use tokio::time::Instant;

use crate::clock::{Clock, Moment};

/// The length of a date in the form that HTTP prescribes (IMF-fixdate).
const LENGTH: usize = 29;

/// The step of the `Date` header.
const DATE_STEP: Duration = Duration::from_secs(1);

/// The last `Date` that a response carried. Clones share it.
#[derive(Clone, Default)]
pub(crate) struct ServiceTime(Arc<Mutex<Option<Shown>>>);

#[derive(Clone, Copy)]
struct Shown {
    /// Parsed when it is needed, which the dates of most responses never are.
    date: [u8; LENGTH],
    requested_at: Instant,
    received_at: Moment,
}

/// The range that the service's time lies in.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Between {
    pub(crate) earliest: SystemTime,
    pub(crate) latest: SystemTime,
}

impl ServiceTime {
    /// Keeps the date of a response that just arrived, to a request that was sent at `requested_at`.
    pub(crate) fn note(&self, headers: &HeaderMap, requested_at: Instant, clock: &dyn Clock) {
        let date = headers.get(header::DATE).and_then(|date| <[u8; LENGTH]>::try_from(date.as_bytes()).ok());
        if let Some(date) = date {
            let shown = Shown { date, requested_at, received_at: Moment::now(clock) };
            *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(shown);
        }
    }

    /// The service's time now; `None` before a response has shown it, and if the machine has slept since.
    pub(crate) fn now(&self, clock: &dyn Clock) -> Option<Between> {
        let shown = (*self.0.lock().unwrap_or_else(PoisonError::into_inner))?;
        let date = httpdate::parse_http_date(std::str::from_utf8(&shown.date).ok()?).ok()?;
        let since = shown.received_at.elapsed(clock)?;
        Some(Between {
            earliest: date.checked_add(since)?,
            latest: date.checked_add(shown.requested_at.elapsed() + DATE_STEP)?,
        })
    }
}

impl fmt::Debug for ServiceTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ServiceTime")
    }
}
