use partner_center_orders_api::Operation;
use partner_center_orders_api::types::Subscription;
use uuid::Uuid;

use crate::call::{Id, Session, sealed};
use crate::{Error, Response};

/// Reads a subscription: see [`Subscriptions::get`](super::Subscriptions::get).
#[derive(Clone, Debug)]
pub struct GetSubscription {
    customer: Uuid,
    subscription_id: String,
}

impl GetSubscription {
    pub(super) fn new(customer: Uuid, subscription_id: String) -> Self {
        Self { customer, subscription_id }
    }
}

impl sealed::Request for GetSubscription {
    type Output = Subscription;

    async fn run(self, session: Session) -> Result<Response<Subscription>, Error> {
        read(&session, Id::Calls, self.customer, &self.subscription_id).await
    }
}

/// Reads a subscription, under that id.
pub(super) async fn read(
    session: &Session,
    id: Id,
    customer: Uuid,
    subscription_id: &str,
) -> Result<Response<Subscription>, Error> {
    session
        .begin(id, Operation::GetSubscription)
        .call(|client| async move { client.get_subscription(customer, subscription_id).send().await })
        .await
}
