use std::fmt;

use partner_center_orders_api::Operation;
use partner_center_orders_api::runtime::Success;
use partner_center_orders_api::types::{Subscription, SubscriptionPatch};
use uuid::Uuid;

use super::get::read;
use super::shown::{Shown, shown};
use super::{AcceptedChange, UpdateSubscription};
use crate::call::{Id, Session, sealed};
use crate::resume::{Resumable, Step, step, undetermined};
use crate::{Error, Response};

/// Changes a subscription by reading and writing it: see [`Subscriptions::change`](super::Subscriptions::change).
pub struct ChangeSubscription {
    /// The request's name in errors.
    name: &'static str,
    customer: Uuid,
    subscription_id: String,
    change: Box<dyn FnOnce(&mut SubscriptionPatch) + Send>,
}

impl ChangeSubscription {
    pub(super) fn new(
        name: &'static str,
        customer: Uuid,
        subscription_id: String,
        change: Box<dyn FnOnce(&mut SubscriptionPatch) + Send>,
    ) -> Self {
        Self { name, customer, subscription_id, change }
    }
}

impl Resumable for ChangeSubscription {}

impl sealed::Request for ChangeSubscription {
    type Output = Success<Subscription, AcceptedChange>;

    fn name(&self) -> Option<&'static str> {
        Some(self.name)
    }

    async fn run(self, session: Session) -> Result<Response<Self::Output>, Error> {
        let read = read(&session, Id::Own, self.customer, &self.subscription_id).await?;
        let mut patch = SubscriptionPatch::from(Subscription::clone(&read));
        (self.change)(&mut patch);
        if session.resumes().is_some() && shown(&read, &patch) == Shown::Change {
            return Ok(read.map(Success::Done));
        }
        if let Step::Look = step(&session).await {
            // The change may depend on what was there before it.
            let message = "the subscription doesn't show whether this change took place: read it and decide";
            return Err(undetermined(&session, Operation::UpdateSubscription, message));
        }
        sealed::Request::run(UpdateSubscription::new(self.customer, self.subscription_id, patch), session).await
    }
}

impl fmt::Debug for ChangeSubscription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ChangeSubscription")
            .field("customer", &self.customer)
            .field("subscription_id", &self.subscription_id)
            .finish_non_exhaustive()
    }
}
