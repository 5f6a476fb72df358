//! The end of a subscription's term: what happens then, and the choice.

mod view;

use partner_center_orders_api::types::{Subscription, SubscriptionPatch};
use serde_json::Value;
use uuid::Uuid;

pub use self::view::{EndOfTerm, TermOutcome, UnknownOutcome};
use self::view::{has_scheduled_actions, is_new_commerce};
use super::ChangeSubscription;
use super::get::read;
use crate::call::{Call, Id, Session, sealed};
use crate::customer::Customer;
use crate::{Error, ErrorKind, Response};

/// The end of the term of one subscription: see [`Subscriptions::end_of_term`](super::Subscriptions::end_of_term).
///
/// Since 2026-05-04, a new-commerce subscription has three ways to go on: it is renewed, it is cancelled at the end of its term,
/// or it goes on in an extended service term, for a higher price. Switching renewal off alone leads to the last.
#[derive(Clone, Debug)]
pub struct SubscriptionEnd {
    customer: Customer,
    subscription_id: String,
}

impl SubscriptionEnd {
    pub(super) fn new(customer: Customer, subscription_id: String) -> Self {
        Self { customer, subscription_id }
    }

    /// Reads what will happen, and when.
    ///
    /// ```
    /// # use partner_center_orders::{Error, PartnerCenter, TermOutcome};
    /// # async fn example(partner: PartnerCenter, customer_id: uuid::Uuid) -> Result<(), Error> {
    /// let end = partner.customer(customer_id).subscriptions().end_of_term("a356ac8c-…").get().await?;
    /// match end.outcome {
    ///     TermOutcome::ExtendedServiceTerm => println!("goes on for a higher price after {:?}", end.ends),
    ///     TermOutcome::Unknown(reason) => println!("look at it in Partner Center: {reason:?}"),
    ///     known => println!("{known:?} at {:?}", end.ends),
    /// }
    /// # Ok(()) }
    /// ```
    pub fn get(&self) -> Call<GetEndOfTerm> {
        let subscription_id = self.subscription_id.clone();
        self.customer.call(|customer| GetEndOfTerm { customer, subscription_id })
    }

    /// Lets the subscription be renewed.
    ///
    /// One that has `scheduledActions` is not changed, as their meaning isn't documented.
    ///
    /// ```
    /// # use partner_center_orders::{Error, PartnerCenter};
    /// # async fn example(partner: PartnerCenter, customer_id: uuid::Uuid) -> Result<(), Error> {
    /// let renewed = partner.customer(customer_id).subscriptions().end_of_term("a356ac8c-…").renew().await?;
    /// println!("{}", if renewed.is_done() { "renewed" } else { "will be renewed" });
    /// # Ok(()) }
    /// ```
    pub fn renew(&self) -> Call<ChangeSubscription> {
        self.change("renew_subscription", |subscription, patch| {
            check_no_actions(subscription)?;
            patch.auto_renew_enabled = Some(true);
            Ok(())
        })
    }

    /// Lets an extended service term begin, for a higher price: see [`TermOutcome::ExtendedServiceTerm`]. It switches renewal
    /// off, which deletes a change that is scheduled for the next term, so that needs a choice: see
    /// [`Subscriptions::change`](super::Subscriptions::change).
    ///
    /// Only new-commerce subscriptions have such a term. One that has `scheduledActions` is not changed, as their meaning isn't
    /// documented.
    ///
    /// ```
    /// # use partner_center_orders::{Error, PartnerCenter};
    /// # async fn example(partner: PartnerCenter, customer_id: uuid::Uuid) -> Result<(), Error> {
    /// let end = partner.customer(customer_id).subscriptions().end_of_term("a356ac8c-…");
    /// let extended = end.extend().delete_scheduled_changes().await?;
    /// println!("{}", if extended.is_done() { "changed" } else { "accepted" });
    /// # Ok(()) }
    /// ```
    pub fn extend(&self) -> Call<ChangeSubscription> {
        self.change("extend_subscription", |subscription, patch| {
            check_no_actions(subscription)?;
            if !is_new_commerce(subscription) {
                let message = "only new-commerce subscriptions have an extended service term";
                return Err(Error::own(ErrorKind::InvalidRequest, message));
            }
            patch.auto_renew_enabled = Some(false);
            Ok(())
        })
    }

    /// Cancels the subscription at the end of its term: switches renewal off, and sends this as `scheduledActions`.
    ///
    /// The service has this choice since 2026-02, but its form in the API is not documented, so this crate has none of its own.
    /// One client of 2025 sends an object of `scheduleType`, `actionType` and `effectiveDate`, with values that aren't known.
    /// Use it only if you know the form, for example because you have read it from a subscription that was cancelled in Partner
    /// Center, and check the result. In Partner Center itself, the choice can always be made.
    ///
    /// ```
    /// # use partner_center_orders::{Error, PartnerCenter};
    /// # async fn example(partner: PartnerCenter, customer_id: uuid::Uuid) -> Result<(), Error> {
    /// let subscriptions = partner.customer(customer_id).subscriptions();
    /// let cancelled_by_hand = subscriptions.get("0b1c…").await?;
    /// if let Some(actions) = cancelled_by_hand.scheduled_actions.clone() {
    ///     subscriptions.end_of_term("a356ac8c-…").cancel_with(actions).await?;
    /// }
    /// # Ok(()) }
    /// ```
    pub fn cancel_with(&self, scheduled_actions: Value) -> Call<ChangeSubscription> {
        self.change("cancel_subscription_at_end", move |_, patch| {
            patch.auto_renew_enabled = Some(false);
            patch.scheduled_actions = Some(scheduled_actions);
            Ok(())
        })
    }

    fn change(
        &self,
        name: &'static str,
        change: impl FnOnce(&Subscription, &mut SubscriptionPatch) -> Result<(), Error> + Send + 'static,
    ) -> Call<ChangeSubscription> {
        let change =
            Box::new(move |_: &Session, read: &Subscription, patch: &mut SubscriptionPatch| change(read, patch));
        let subscription_id = self.subscription_id.clone();
        self.customer.call(|customer| ChangeSubscription::new(name, customer, subscription_id, change))
    }
}

fn check_no_actions(subscription: &Subscription) -> Result<(), Error> {
    if has_scheduled_actions(subscription) {
        let message =
            "the subscription has scheduledActions, whose meaning is not documented: decide in Partner Center";
        return Err(Error::own(ErrorKind::InvalidRequest, message));
    }
    Ok(())
}

/// Reads what happens at the end of a subscription's term: see [`SubscriptionEnd::get`].
#[derive(Clone, Debug)]
pub struct GetEndOfTerm {
    customer: Uuid,
    subscription_id: String,
}

impl sealed::Request for GetEndOfTerm {
    type Output = EndOfTerm;

    async fn run(self, session: Session) -> Result<Response<EndOfTerm>, Error> {
        let subscription = read(&session, Id::Calls, self.customer, &self.subscription_id).await?;
        Ok(subscription.map(|subscription| EndOfTerm::of(&subscription)))
    }
}
