use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::Either;
use tokio::time::Instant;

/// The time by which a call must have ended, if there is one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Deadline(Option<Instant>);

impl Deadline {
    /// The deadline that long from now; none without a time.
    pub(crate) fn after(time: Option<Duration>) -> Self {
        Self(time.and_then(|time| Instant::now().checked_add(time)))
    }

    /// This deadline, or the one that long after `now` if that comes first.
    pub(crate) fn or_within(self, now: Instant, time: Duration) -> Self {
        let then = now.checked_add(time);
        Self(self.0.map_or(then, |deadline| Some(then.map_or(deadline, |then| deadline.min(then)))))
    }

    /// Whether a delay that long ends before the deadline.
    pub(crate) fn allows(self, delay: Duration) -> bool {
        self.0.is_none_or(|deadline| Instant::now().checked_add(delay).is_some_and(|end| end < deadline))
    }

    /// The output of the future, or nothing if the deadline comes first.
    pub(crate) fn bound<F: Future>(self, future: F) -> impl Future<Output = Option<F::Output>> {
        // No `async` block: it would hold the future twice, once given and once awaited.
        match self.0 {
            None => Either::Left(future.map(Some)),
            Some(deadline) => Either::Right(tokio::time::timeout_at(deadline, future).map(Result::ok)),
        }
    }
}
