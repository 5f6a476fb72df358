use std::time::Duration;

use partner_center_orders_api::Operation;
use partner_center_orders_api::runtime::Success;
use partner_center_orders_api::types::{Link, Subscription};
use uuid::Uuid;

use super::AcceptedChange;
use super::get::read;
use super::shown::{Shown, shown};
use crate::call::{Id, Session, sealed};
use crate::link;
use crate::polling::{DEADLINE, Delays};
use crate::{Error, ErrorKind, Response};

/// Waits for an accepted change: see [`Subscriptions::wait_until_changed`](super::Subscriptions::wait_until_changed).
///
/// It waits until the call's deadline, by default half an hour.
#[derive(Clone, Debug)]
pub struct WaitUntilChanged {
    customer: Uuid,
    accepted: AcceptedChange,
}

impl WaitUntilChanged {
    pub(super) fn new(customer: Uuid, accepted: AcceptedChange) -> Self {
        Self { customer, accepted }
    }

    /// Reads the target of the `Location`, if it is the subscription.
    async fn look(&self, session: &Session, location: &str) -> Result<Option<Response<Subscription>>, Error> {
        let target = Link::new(location, "GET");
        match link::read::<Subscription>(&session.begin(Id::Own, Operation::GetSubscription), &target).await {
            Ok(found) if found.id.eq_ignore_ascii_case(self.accepted.subscription_id()) => Ok(Some(found)),
            Ok(_) => Ok(None),
            // A resource of another kind, which isn't documented. The subscription itself decides.
            Err(error) if error.is_rejection() || error.kind() == ErrorKind::InvalidResponse => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Whether the subscription is as the change wants it.
    fn is_changed(&self, subscription: &Subscription) -> bool {
        let patch = self.accepted.patch();
        // What a body leaves out is taken away (documented), which the comparison of members doesn't see.
        let is_removed =
            patch.scheduled_next_term_instructions.is_some() || subscription.scheduled_next_term_instructions.is_none();
        is_removed && shown(subscription, patch) == Shown::Change
    }
}

impl sealed::Request for WaitUntilChanged {
    type Output = Success<Subscription, AcceptedChange>;

    fn default_deadline(&self, _: Option<Duration>) -> Option<Duration> {
        Some(DEADLINE)
    }

    fn name(&self) -> Option<&'static str> {
        Some("wait_until_changed")
    }

    async fn run(self, session: Session) -> Result<Response<Self::Output>, Error> {
        let base = session.shared().cloud.base_url();
        let mut location = self.accepted.location().filter(|location| link::leads_below(base, location));
        let mut delays = Delays::new();
        let mut last: Option<Response<Self::Output>> = None;
        loop {
            let found = match location {
                Some(location) => self.look(&session, location).await,
                None => read(&session, Id::Own, self.customer, self.accepted.subscription_id()).await.map(Some),
            };
            match found {
                Ok(Some(found)) if self.is_changed(&found) => return Ok(found.map(Success::Done)),
                Ok(Some(found)) => {
                    let pending = found.map(|_| Success::Accepted(self.accepted.clone()));
                    if delays.wait(&session).await.is_err() {
                        return Ok(pending);
                    }
                    last = Some(pending);
                }
                // Read the subscription by its id from now on.
                Ok(None) => location = None,
                Err(error) => return last.filter(|_| error.is_timeout() || error.is_throttled()).ok_or(error),
            }
        }
    }
}
