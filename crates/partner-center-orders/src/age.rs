//! How long ago a write was first sent, as far as is known.

use std::time::{Duration, SystemTime};

use crate::clock::{Clock, Moment};
use crate::service_time::Between;

/// The time by which this machine's clock may be behind the service's and still count as correct. Our choice.
const SMALL_SKEW: Duration = Duration::from_secs(5 * 60);

/// The age of a write. Clocks can be wrong and can be set, so it is a range.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Age {
    least: Duration,
    most: Duration,
    /// When the write had that age.
    at: Moment,
}

impl Age {
    /// The age of a write that is sent now.
    pub(crate) fn zero(clock: &dyn Clock) -> Self {
        Self { least: Duration::ZERO, most: Duration::ZERO, at: Moment::now(clock) }
    }

    /// The age of a write that was first sent at that time, perhaps by another process or machine.
    ///
    /// A clock that is behind makes an old write look young, and this machine's own doesn't show that it is. So the age can be
    /// anything unless the service's time is known and this machine's clock doesn't contradict it.
    pub(crate) fn since(first_sent_at: SystemTime, clock: &dyn Clock, service_time: Option<Between>) -> Self {
        let at = Moment::now(clock);
        let own = at.time_of_day().duration_since(first_sent_at);
        let most = service_time.and_then(|service_time| {
            let by_service = service_time.latest.duration_since(first_sent_at).ok()?;
            match &own {
                Ok(own) => Some(by_service.max(*own)),
                Err(future) => (future.duration() <= SMALL_SKEW).then_some(by_service),
            }
        });
        let own = own.unwrap_or_default();
        let least = service_time.map_or(own, |service_time| {
            own.min(service_time.earliest.duration_since(first_sent_at).unwrap_or_default())
        });
        Self { least, most: most.unwrap_or(Duration::MAX), at }
    }

    /// The least age now.
    pub(crate) fn least(&self) -> Duration {
        self.least.saturating_add(self.at.steady_elapsed())
    }

    /// The most that the age can be now.
    pub(crate) fn most(&self, clock: &dyn Clock) -> Duration {
        self.most.saturating_add(self.at.most_elapsed(clock))
    }

    /// When the write was first sent: by the service's time where that is known, else by this machine's.
    pub(crate) fn first_sent_at(&self, clock: &dyn Clock, service_time: Option<Between>) -> SystemTime {
        let by_service = || service_time?.earliest.checked_sub(self.at.elapsed(clock)?);
        by_service().unwrap_or(self.at.time_of_day())
    }
}
