//! A customer's subscriptions, as far as orders need them.

mod accepted;
mod activate;
mod activation_links;
mod change;
mod end_of_term;
mod get;
mod provisioning;
mod quantity;
mod scheduled;
mod shown;
mod update;
mod wait;

use partner_center_orders_api::enums::SubscriptionStatus;
use partner_center_orders_api::types::{ScheduledNextTermInstructions, Subscription, SubscriptionPatch};

pub use self::accepted::AcceptedChange;
pub use self::activate::ActivateInSandbox;
pub use self::activation_links::ListSubscriptionActivationLinks;
use self::change::Change;
pub use self::change::ChangeSubscription;
pub use self::end_of_term::{EndOfTerm, GetEndOfTerm, SubscriptionEnd, TermOutcome, UnknownOutcome};
pub use self::get::GetSubscription;
pub use self::provisioning::GetSubscriptionProvisioningStatus;
pub use self::update::UpdateSubscription;
pub use self::wait::WaitUntilChanged;
use crate::call::{Call, Session};
use crate::customer::Customer;
use crate::{Error, ErrorKind};

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

    /// Changes a subscription, with a patch that has to be the whole of it: the service resets what it leaves out (documented).
    ///
    /// A patch without `auto_renew_enabled` switches renewal off; one without `scheduled_next_term_instructions` or
    /// `next_charge_instructions` deletes what is scheduled. [`change`](Self::change) reads the subscription first, and loses
    /// nothing. The schema crate reports such a patch as `reset_by_omission`.
    ///
    /// ```
    /// use partner_center_orders::types::{Subscription, SubscriptionPatch};
    /// # use partner_center_orders::{Error, PartnerCenter};
    ///
    /// # async fn example(partner: PartnerCenter, customer_id: uuid::Uuid) -> Result<(), Error> {
    /// let subscriptions = partner.customer(customer_id).subscriptions();
    /// let subscription: Subscription = subscriptions.get("a356ac8c-…").await?.into_inner();
    /// let patch = SubscriptionPatch::from(subscription).friendly_name("Sales"); // everything else as it was read
    /// let renamed = subscriptions.update("a356ac8c-…", patch).await?;
    /// # Ok(()) }
    /// ```
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
    /// A change that takes effect immediately, such as that of the quantity, deletes what is scheduled for the subscription
    /// (documented). If something is scheduled, the call therefore fails with
    /// [`ErrorKind::ScheduledChanges`](crate::ErrorKind::ScheduledChanges) and sends nothing, unless you choose:
    /// `reapply_scheduled_changes` schedules it again after the change, `delete_scheduled_changes` lets it be deleted. Which
    /// changes count as immediate isn't documented; all do here, except a new name, renewal switched on, a cancellation (after
    /// which nothing follows), and a change of what is scheduled.
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
        self.changed_as("change_subscription", subscription_id.into(), |_, _, patch| {
            change(patch);
            Ok(())
        })
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

    /// Suspends a subscription: a new-commerce one for fraud, or because the customer doesn't pay; legacy ones are cancelled this
    /// way (documented). [`reactivate`](Self::reactivate) ends it.
    ///
    /// If something is scheduled for the subscription, that needs a choice: see [`change`](Self::change).
    ///
    /// ```
    /// # use partner_center_orders::{Error, PartnerCenter};
    /// # async fn example(partner: PartnerCenter, customer_id: uuid::Uuid) -> Result<(), Error> {
    /// let subscriptions = partner.customer(customer_id).subscriptions();
    /// subscriptions.suspend("a356ac8c-…").await?;
    /// subscriptions.reactivate("a356ac8c-…").await?;
    /// # Ok(()) }
    /// ```
    pub fn suspend(&self, subscription_id: impl Into<String>) -> Call<ChangeSubscription> {
        self.with_status("suspend_subscription", subscription_id.into(), SubscriptionStatus::Suspended)
    }

    /// Reactivates a suspended subscription (documented for legacy and new-commerce ones).
    ///
    /// If something is scheduled for the subscription, that needs a choice: see [`change`](Self::change).
    ///
    /// ```
    /// # use partner_center_orders::{Error, PartnerCenter};
    /// # async fn example(partner: PartnerCenter, customer_id: uuid::Uuid) -> Result<(), Error> {
    /// let subscriptions = partner.customer(customer_id).subscriptions();
    /// let active = subscriptions.reactivate("a356ac8c-…").reapply_scheduled_changes().await?;
    /// # Ok(()) }
    /// ```
    pub fn reactivate(&self, subscription_id: impl Into<String>) -> Call<ChangeSubscription> {
        self.with_status("reactivate_subscription", subscription_id.into(), SubscriptionStatus::Active)
    }

    /// Changes the number of licences, up or down.
    ///
    /// Licences can be given back for some days after they were bought or renewed. If `refundable_quantity` shows that fewer can
    /// be given back now, the call fails with [`ErrorKind::NotRefundable`](crate::ErrorKind::NotRefundable), whose message
    /// says how many can be and until when, and sends nothing: lower the quantity with the next term instead, with
    /// [`schedule_change`](Self::schedule_change). A subscription without `refundable_quantity` is left to the service.
    ///
    /// If something is scheduled for the subscription, that needs a choice: see [`change`](Self::change).
    ///
    /// ```
    /// # use partner_center_orders::{Error, PartnerCenter};
    /// # async fn example(partner: PartnerCenter, customer_id: uuid::Uuid) -> Result<(), Error> {
    /// let subscriptions = partner.customer(customer_id).subscriptions();
    /// match subscriptions.set_quantity("a356ac8c-…", 18).await {
    ///     Ok(changed) => println!("{}", if changed.is_done() { "changed" } else { "accepted" }),
    ///     Err(error) if error.is_not_refundable() => println!("too late: {error}"),
    ///     Err(error) => return Err(error),
    /// }
    /// # Ok(()) }
    /// ```
    pub fn set_quantity(&self, subscription_id: impl Into<String>, quantity: i32) -> Call<ChangeSubscription> {
        self.changed_as("set_quantity", subscription_id.into(), move |session, read, patch| {
            quantity::check(session, read, quantity)?;
            patch.quantity = Some(quantity);
            Ok(())
        })
    }

    /// Schedules a change for the next term: another quantity, product or term. It replaces what was scheduled for that before.
    ///
    /// The documented form names product, SKU, availability, billing cycle and term, also if only the quantity changes. The
    /// service requires that the subscription is renewed; the call fails and sends nothing if it isn't: see
    /// [`end_of_term`](Self::end_of_term). To delete what is scheduled, [`change`](Self::change)
    /// `scheduled_next_term_instructions` to `None`.
    ///
    /// ```
    /// use partner_center_orders::enums::BillingCycle;
    /// use partner_center_orders::types::{ProductTerm, ScheduledNextTermInstructions};
    /// # use partner_center_orders::{Error, PartnerCenter};
    ///
    /// # async fn example(partner: PartnerCenter, customer_id: uuid::Uuid) -> Result<(), Error> {
    /// let product = ProductTerm::new()
    ///     .product_id("CFQ7TTC0LH16")
    ///     .sku_id("0001")
    ///     .availability_id("CFQ7TTC0K1R4")
    ///     .billing_cycle(BillingCycle::Monthly)
    ///     .term_duration("P1Y");
    /// let fewer = ScheduledNextTermInstructions::new().product(product).quantity(18);
    /// let scheduled = partner.customer(customer_id).subscriptions().schedule_change("a356ac8c-…", fewer).await?;
    /// # Ok(()) }
    /// ```
    pub fn schedule_change(
        &self,
        subscription_id: impl Into<String>,
        next_term: ScheduledNextTermInstructions,
    ) -> Call<ChangeSubscription> {
        self.changed_as("schedule_change", subscription_id.into(), |_, read, patch| {
            if read.auto_renew_enabled != Some(true) {
                let message =
                    "a change can be scheduled only for a subscription that is renewed: let it be renewed first";
                return Err(Error::own(ErrorKind::InvalidRequest, message));
            }
            patch.scheduled_next_term_instructions = Some(next_term);
            Ok(())
        })
    }

    /// The end of a subscription's term: what happens then, and the choice between renewal and what else there is.
    ///
    /// ```
    /// # use partner_center_orders::{Error, PartnerCenter};
    /// # async fn example(partner: PartnerCenter, customer_id: uuid::Uuid) -> Result<(), Error> {
    /// let end = partner.customer(customer_id).subscriptions().end_of_term("a356ac8c-…");
    /// println!("{:?}", end.get().await?.outcome);
    /// end.renew().await?;
    /// # Ok(()) }
    /// ```
    pub fn end_of_term(&self, subscription_id: impl Into<String>) -> SubscriptionEnd {
        SubscriptionEnd::new(self.customer.clone(), subscription_id.into())
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
        self.changed_as(name, id, |_, _, patch| {
            patch.status = Some(status);
            Ok(())
        })
    }

    fn changed_as(
        &self,
        name: &'static str,
        id: String,
        change: impl FnOnce(&Session, &Subscription, &mut SubscriptionPatch) -> Result<(), Error> + Send + 'static,
    ) -> Call<ChangeSubscription> {
        let change: Change = Box::new(change);
        self.customer.call(|customer| ChangeSubscription::new(name, customer, id, change))
    }
}
