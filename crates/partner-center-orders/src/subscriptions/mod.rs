//! A customer's subscriptions, as far as orders need them.

mod activate;
mod activation_links;
mod change;
mod get;
mod provisioning;
mod shown;
mod update;

use partner_center_orders_api::enums::SubscriptionStatus;
use partner_center_orders_api::types::SubscriptionPatch;

pub use self::activate::ActivateInSandbox;
pub use self::activation_links::ListSubscriptionActivationLinks;
pub use self::change::ChangeSubscription;
pub use self::get::GetSubscription;
pub use self::provisioning::GetSubscriptionProvisioningStatus;
pub use self::update::UpdateSubscription;
use crate::call::Call;
use crate::customer::Customer;

/// The subscriptions of one customer. Those of an order are listed by [`Orders::subscriptions`](crate::Orders::subscriptions).
///
/// A subscription id is text: legacy ones are in upper case, and some links have mixed case.
#[derive(Clone, Debug)]
pub struct Subscriptions {
    customer: Customer,
}

impl Customer {
    /// The customer's subscriptions.
    pub fn subscriptions(&self) -> Subscriptions {
        Subscriptions { customer: self.clone() }
    }
}

impl Subscriptions {
    /// Reads one subscription.
    pub fn get(&self, subscription_id: impl Into<String>) -> Call<GetSubscription> {
        self.customer.call(|customer| GetSubscription::new(customer, subscription_id.into()))
    }

    /// Changes a subscription. The service expects the whole of it (documented): see [`change`](Self::change).
    pub fn update(&self, subscription_id: impl Into<String>, patch: SubscriptionPatch) -> Call<UpdateSubscription> {
        self.customer.call(|customer| UpdateSubscription::new(customer, subscription_id.into(), patch))
    }

    /// Reads a subscription, applies the change, and writes it back. Everything else stays as it was, members that this crate
    /// doesn't know included.
    ///
    /// ```
    /// # use partner_center_orders::{Error, PartnerCenter};
    /// # async fn example(partner: PartnerCenter, customer_id: uuid::Uuid) -> Result<(), Error> {
    /// let subscriptions = partner.customer(customer_id).subscriptions();
    /// let renamed = subscriptions
    ///     .change("a356ac8c-…", |subscription| subscription.friendly_name = Some("Sales".to_owned()))
    ///     .await?;
    /// # Ok(()) }
    /// ```
    pub fn change(
        &self,
        subscription_id: impl Into<String>,
        change: impl FnOnce(&mut SubscriptionPatch) + Send + 'static,
    ) -> Call<ChangeSubscription> {
        self.changed_as("change_subscription", subscription_id.into(), Box::new(change))
    }

    /// Cancels a new-commerce or marketplace subscription for good: its status becomes `deleted` (documented).
    ///
    /// `refund_options` and `cancellation_allowed_until_date` show what can still be refunded, and until when it can be
    /// cancelled. Afterwards the service rejects it with [`ErrorCode::CancellationHoursPassed`](crate::ErrorCode).
    pub fn cancel(&self, subscription_id: impl Into<String>) -> Call<ChangeSubscription> {
        self.with_status("cancel_subscription", subscription_id.into(), SubscriptionStatus::Deleted)
    }

    /// Suspends a subscription, which is how legacy ones are cancelled (documented). New-commerce subscriptions are suspended
    /// for fraud, or when the customer doesn't pay.
    ///
    /// A [`change`](Self::change) to the status `active` reactivates it.
    pub fn suspend(&self, subscription_id: impl Into<String>) -> Call<ChangeSubscription> {
        self.with_status("suspend_subscription", subscription_id.into(), SubscriptionStatus::Suspended)
    }

    /// Reads a subscription's provisioning status. Documented for an app with a user; updated about every 15 minutes.
    pub fn provisioning_status(&self, subscription_id: impl Into<String>) -> Call<GetSubscriptionProvisioningStatus> {
        self.customer.call(|customer| GetSubscriptionProvisioningStatus::new(customer, subscription_id.into()))
    }

    /// Reads the activation links of a subscription to another publisher's product.
    pub fn activation_links(&self, subscription_id: impl Into<String>) -> Call<ListSubscriptionActivationLinks> {
        self.customer.call(|customer| ListSubscriptionActivationLinks::new(customer, subscription_id.into()))
    }

    /// Activates a subscription in a sandbox, where the publisher's page can't do it.
    pub fn activate_in_sandbox(&self, subscription_id: impl Into<String>) -> Call<ActivateInSandbox> {
        self.customer.call(|customer| ActivateInSandbox::new(customer, subscription_id.into()))
    }

    fn with_status(&self, name: &'static str, id: String, status: SubscriptionStatus) -> Call<ChangeSubscription> {
        let change = move |subscription: &mut SubscriptionPatch| subscription.status = Some(status);
        self.changed_as(name, id, Box::new(change))
    }

    fn changed_as(
        &self,
        name: &'static str,
        id: String,
        change: Box<dyn FnOnce(&mut SubscriptionPatch) + Send>,
    ) -> Call<ChangeSubscription> {
        self.customer.call(|customer| ChangeSubscription::new(name, customer, id, change))
    }
}
