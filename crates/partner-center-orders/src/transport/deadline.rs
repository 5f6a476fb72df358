use std::time::Duration;

use tokio::time::Instant;

/// When a call must have ended; never, if it has no deadline.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Deadline(Option<Instant>);

impl Deadline {
    /// That long from now.
    pub(crate) fn after(time: Option<Duration>) -> Self {
        Self(time.and_then(|time| Instant::now().checked_add(time)))
    }

    /// This one, or that long from now if that comes first.
    pub(crate) fn or_within(self, time: Duration) -> Self {
        let then = Instant::now().checked_add(time);
        Self(self.0.map_or(then, |deadline| Some(then.map_or(deadline, |then| deadline.min(then)))))
    }

    /// Whether that much time is left.
    pub(crate) fn allows(self, wait: Duration) -> bool {
        self.0.is_none_or(|deadline| Instant::now().checked_add(wait).is_some_and(|end| end < deadline))
    }

    /// The output of the future, or nothing when the deadline comes first.
    pub(crate) async fn bound<F: Future>(self, future: F) -> Option<F::Output> {
        match self.0 {
            None => Some(future.await),
            Some(deadline) => tokio::time::timeout_at(deadline, future).await.ok(),
        }
    }
}
