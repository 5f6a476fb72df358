use std::fmt;

use partner_center_orders_api::types::{Subscription, SubscriptionPatch};
use uuid::Uuid;

use super::UpdateSubscription;
use super::get::read;
use crate::call::{Id, Session, sealed};
use crate::resume::Resumable;
use crate::{Error, Response};

/// Changes a subscription by reading and writing it: see [`Subscriptions::change`](super::Subscriptions::change).
pub struct ChangeSubscription {
    customer: Uuid,
    subscription_id: String,
    change: Box<dyn FnOnce(&mut SubscriptionPatch) + Send>,
}

impl ChangeSubscription {
    pub(super) fn new(
        customer: Uuid,
        subscription_id: String,
        change: Box<dyn FnOnce(&mut SubscriptionPatch) + Send>,
    ) -> Self {
        Self { customer, subscription_id, change }
    }
}

impl Resumable for ChangeSubscription {}

impl sealed::Request for ChangeSubscription {
    type Answer = Subscription;

    async fn run(self, session: Session) -> Result<Response<Subscription>, Error> {
        let read = read(&session, Id::Own, self.customer, &self.subscription_id).await?;
        let mut patch = SubscriptionPatch::from(read.into_inner());
        (self.change)(&mut patch);
        UpdateSubscription::new(self.customer, self.subscription_id, patch).run(session).await
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
