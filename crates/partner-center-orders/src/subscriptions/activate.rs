use partner_center_orders_api::Operation;
use partner_center_orders_api::types::SubscriptionActivationResult;
use uuid::Uuid;

use crate::call::{Session, sealed};
use crate::{Error, Response};

/// Activates a subscription in a sandbox: see
/// [`Subscriptions::activate_in_sandbox`](super::Subscriptions::activate_in_sandbox).
#[derive(Clone, Debug)]
pub struct ActivateInSandbox {
    customer: Uuid,
    subscription_id: String,
}

impl ActivateInSandbox {
    pub(super) fn new(customer: Uuid, subscription_id: String) -> Self {
        Self { customer, subscription_id }
    }
}

impl sealed::Request for ActivateInSandbox {
    type Output = SubscriptionActivationResult;

    async fn run(self, session: Session) -> Result<Response<SubscriptionActivationResult>, Error> {
        session
            .call(Operation::ActivateSandboxSubscription, |client| async move {
                client.activate_sandbox_subscription(self.customer, self.subscription_id).send().await
            })
            .await
    }
}
