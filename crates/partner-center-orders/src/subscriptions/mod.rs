//! A customer's subscriptions, as far as orders need them.

mod accepted;
mod activate;
mod activation_links;
mod change;
mod get;
mod provisioning;
mod shown;
mod update;
mod wait;

use partner_center_orders_api::enums::SubscriptionStatus;
use partner_center_orders_api::types::SubscriptionPatch;

pub use self::accepted::AcceptedChange;
pub use self::activate::ActivateInSandbox;
pub use self::activation_links::ListSubscriptionActivationLinks;
pub use self::change::ChangeSubscription;
pub use self::get::GetSubscription;
pub use self::provisioning::GetSubscriptionProvisioningStatus;
pub use self::update::UpdateSubscription;
pub use self::wait::WaitUntilChanged;
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
    ///
    /// The service may only accept the change and make it later (202): the response's value is
    /// [`Success::Accepted`](crate::Success::Accepted) then, and [`wait_until_changed`](Self::wait_until_changed) waits for it.
    /// The same applies to all changes below.
    pub fn update(&self, subscription_id: impl Into<String>, patch: SubscriptionPatch) -> Call<UpdateSubscription> {
        self.customer.call(|customer| UpdateSubscription::new(customer, subscription_id.into(), patch))
    }

    /// Reads a subscription, applies the change, and writes it back. Everything else stays as it was, members that this crate
    /// doesn't know included.
    ///
    /// ```
    /// # use partner_center_orders::{Error, PartnerCenter, Success};
    /// # async fn example(partner: PartnerCenter, customer_id: uuid::Uuid) -> Result<(), Error> {
    /// let subscriptions = partner.customer(customer_id).subscriptions();
    /// let renamed = subscriptions
    ///     .change("a356ac8c-…", |subscription| subscription.friendly_name = Some("Sales".to_owned()))
    ///     .await?;
    /// match renamed.into_inner() {
    ///     Success::Done(subscription) => println!("{:?}", subscription.friendly_name),
    ///     Success::Accepted(change) => println!("accepted, not done yet: {:?}", change.location()),
    /// }
    /// # Ok(()) }
    /// ```
    pub fn change(
        &self,
        subscription_id: impl Into<String>,
        change: impl FnOnce(&mut SubscriptionPatch) + Send + 'static,
    ) -> Call<ChangeSubscription> {
        self.changed_as("change_subscription", subscription_id.into(), Box::new(change))
    }

    /// Waits for a change that the service has accepted: reads the subscription with growing delays until it shows the change
    /// or the call's deadline comes, by default half an hour. Then the value is [`Success::Accepted`](crate::Success) as before,
    /// and waiting may go on with another call.
    ///
    /// It reads the `Location` of the response if that leads to the configured service, else the subscription by its id. The
    /// documentation doesn't say how the end of a change is to be recognised: it counts as done once every member that was
    /// sent, and that the service doesn't set itself, is as it was sent. A change that the service turns to something else, or
    /// gives up, therefore is waited for until the deadline.
    ///
    /// ```
    /// # use partner_center_orders::{Error, PartnerCenter, Success};
    /// # async fn example(partner: PartnerCenter, customer_id: uuid::Uuid) -> Result<(), Error> {
    /// let subscriptions = partner.customer(customer_id).subscriptions();
    /// let mut changed = subscriptions.change("a356ac8c-…", |subscription| subscription.quantity = Some(25)).await?;
    /// if let Success::Accepted(change) = &*changed {
    ///     changed = subscriptions.wait_until_changed(change).await?;
    /// }
    /// println!("{}", if changed.is_done() { "changed" } else { "still in progress" });
    /// # Ok(()) }
    /// ```
    pub fn wait_until_changed(&self, accepted: &AcceptedChange) -> Call<WaitUntilChanged> {
        let accepted = accepted.clone();
        self.customer.call(|customer| WaitUntilChanged::new(customer, accepted))
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
