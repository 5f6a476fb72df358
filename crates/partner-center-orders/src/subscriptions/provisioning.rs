use partner_center_orders_api::Operation;
use partner_center_orders_api::types::SubscriptionProvisioningStatus;
use uuid::Uuid;

use crate::call::{Session, sealed};
use crate::{Error, Response};

/// Reads the provisioning status of a subscription: see
/// [`Subscriptions::provisioning_status`](super::Subscriptions::provisioning_status).
#[derive(Clone, Debug)]
pub struct GetSubscriptionProvisioningStatus {
    customer: Uuid,
    subscription_id: String,
}

impl GetSubscriptionProvisioningStatus {
    pub(super) fn new(customer: Uuid, subscription_id: String) -> Self {
        Self { customer, subscription_id }
    }
}

impl sealed::Request for GetSubscriptionProvisioningStatus {
    type Output = SubscriptionProvisioningStatus;

    async fn run(self, session: Session) -> Result<Response<SubscriptionProvisioningStatus>, Error> {
        session
            .call(Operation::GetSubscriptionProvisioningStatus, |client| async move {
                client.get_subscription_provisioning_status(self.customer, self.subscription_id).send().await
            })
            .await
    }
}
