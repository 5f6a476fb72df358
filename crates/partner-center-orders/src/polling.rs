//! Reading again and again until something is done.

use std::time::Duration;

use crate::call::{DeadlineTooEarly, Session};

/// The deadline of a call that waits and sets none. Our choice: nothing is documented.
pub(crate) const DEADLINE: Duration = Duration::from_secs(1800);

/// The first and the longest delay between two reads. Our choice.
const INITIAL_DELAY: Duration = Duration::from_secs(2);
const MAX_DELAY: Duration = Duration::from_secs(60);

/// The delays between reads, which grow.
pub(crate) struct Delays {
    next: Duration,
}

impl Delays {
    pub(crate) fn new() -> Self {
        Self { next: INITIAL_DELAY }
    }

    /// Whether the call's deadline allows the next delay.
    pub(crate) fn can_wait(&self, session: &Session) -> bool {
        session.can_wait(self.next)
    }

    /// Waits until the next read, unless the deadline comes first: then it returns immediately.
    pub(crate) async fn wait(&mut self, session: &Session) -> Result<(), DeadlineTooEarly> {
        session.wait(self.next).await?;
        self.next = (self.next * 2).min(MAX_DELAY);
        Ok(())
    }
}
