//! Changes that are scheduled for a subscription.

use std::fmt;

use partner_center_orders_api::types::{
    NextChargeInstructions, ScheduledNextTermInstructions, Subscription, SubscriptionPatch,
};
use serde_json::Value;

use crate::agree::holds;

/// What is scheduled for a subscription: for its next term, for its next charge, and what `scheduledActions` holds.
///
/// A change that takes effect immediately deletes it (documented), so store it before such a change:
/// [`reapply`](crate::Call::reapply) takes it, also when the change is resumed.
///
/// ```
/// use partner_center_orders::{Error, PartnerCenter, ScheduledChanges};
///
/// # async fn example(partner: PartnerCenter, customer_id: uuid::Uuid) -> Result<(), Error> {
/// let subscriptions = partner.customer(customer_id).subscriptions();
/// let subscription = subscriptions.get("a356ac8c-…").await?;
/// let scheduled = ScheduledChanges::of(&subscription);
/// let grown = subscriptions.set_quantity("a356ac8c-…", 30).reapply(scheduled).await?;
/// # Ok(()) }
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct ScheduledChanges {
    /// What changes with the next term.
    pub next_term: Option<ScheduledNextTermInstructions>,
    /// What changes with the next charge.
    pub next_charge: Option<NextChargeInstructions>,
    /// The JSON of `scheduledActions`, whose meaning is not documented.
    pub actions: Option<Value>,
}

impl ScheduledChanges {
    /// Returns what is scheduled for this subscription.
    pub fn of(subscription: &Subscription) -> Self {
        Self {
            next_term: subscription.scheduled_next_term_instructions.clone(),
            next_charge: subscription.next_charge_instructions.clone(),
            actions: actions(subscription.scheduled_actions.as_ref()).cloned(),
        }
    }

    /// Whether nothing is scheduled.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    pub(crate) fn of_patch(patch: &SubscriptionPatch) -> Self {
        Self {
            next_term: patch.scheduled_next_term_instructions.clone(),
            next_charge: patch.next_charge_instructions.clone(),
            actions: actions(patch.scheduled_actions.as_ref()).cloned(),
        }
    }

    /// Sets what is scheduled; what isn't, stays as it is.
    pub(crate) fn set(&self, patch: &mut SubscriptionPatch) {
        let Self { next_term, next_charge, actions } = self.clone();
        if next_term.is_some() {
            patch.scheduled_next_term_instructions = next_term;
        }
        if next_charge.is_some() {
            patch.next_charge_instructions = next_charge;
        }
        if actions.is_some() {
            patch.scheduled_actions = actions;
        }
    }

    /// Whether the subscription has all of it.
    pub(crate) fn is_in(&self, subscription: &Subscription) -> bool {
        let found = Self::of(subscription);
        has(found.next_term.as_ref(), self.next_term.as_ref())
            && has(found.next_charge.as_ref(), self.next_charge.as_ref())
            && has(found.actions.as_ref(), self.actions.as_ref())
    }
}

/// What `scheduledActions` holds; `null` is no action.
pub(crate) fn actions(value: Option<&Value>) -> Option<&Value> {
    value.filter(|value| !value.is_null())
}

fn has<T: serde::Serialize>(found: Option<&T>, wanted: Option<&T>) -> bool {
    let Some(wanted) = wanted else { return true };
    let json = |value: &T| serde_json::to_value(value).ok();
    found.and_then(json).zip(json(wanted)).is_some_and(|(found, wanted)| holds(&found, &wanted))
}

/// A text such as `for the next term: quantity 18, P1Y`.
impl fmt::Display for ScheduledChanges {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut separator = "";
        let next_term = self.next_term.as_ref().map(|next| (next.quantity, next.product.as_ref()));
        let next_charge = self.next_charge.as_ref().map(|next| (next.quantity, next.product.as_ref()));
        for (when, next) in [("the next term", next_term), ("the next charge", next_charge)] {
            let Some((quantity, product)) = next else { continue };
            write!(f, "{separator}for {when}")?;
            let mut joint = ": ";
            if let Some(quantity) = quantity {
                write!(f, "{joint}quantity {quantity}")?;
                joint = ", ";
            }
            if let Some(term) = product.and_then(|product| product.term_duration.as_deref()) {
                write!(f, "{joint}term {term}")?;
            }
            separator = "; ";
        }
        if self.actions.is_some() {
            write!(f, "{separator}scheduledActions")?;
        }
        Ok(())
    }
}
