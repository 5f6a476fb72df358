//! What happens to a subscription at the end of its term.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use partner_center_orders_api::enums::SubscriptionStatus;
use partner_center_orders_api::types::{ScheduledNextTermInstructions, Subscription};
use partner_center_orders_api::wire::Timestamp;

use crate::scheduled::actions;

/// The beginning of 2026-05-04. New-commerce terms that end after that day and aren't renewed go on for a price.
const EXTENDED_SINCE: Duration = Duration::from_secs(1_777_852_800);

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// What happens to a subscription at the end of its term, and when, as far as it shows.
///
/// ```
/// use partner_center_orders::{EndOfTerm, TermOutcome, UnknownOutcome, types::Subscription};
///
/// let subscription: Subscription = serde_json::from_str(r#"{
///     "id": "2f7d6c1e-93b8-4a50-8d41-6be0c4f1a927", "quantity": 25, "status": "active", "autoRenewEnabled": false,
///     "productType": { "id": "OnlineServicesNCE" }, "commitmentEndDateTime": "2027-06-30T23:59:59Z"
/// }"#)?;
/// let end = EndOfTerm::of(&subscription);
/// assert_eq!(end.outcome, TermOutcome::ExtendedServiceTerm);
/// assert_eq!(end.ends.unwrap().as_str(), "2027-06-30T23:59:59Z");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct EndOfTerm {
    /// What happens.
    pub outcome: TermOutcome,
    /// When the term ends: `commitmentEndDateTime`, or else `commitmentEndDate`.
    pub ends: Option<Timestamp>,
    /// Whether `ends` is the beginning of the last day, which still belongs to the term: so it is on new-commerce subscriptions
    /// that show `commitmentEndDate` only.
    pub is_last_day: bool,
    /// What the subscription changes to if it is renewed.
    pub next_term: Option<ScheduledNextTermInstructions>,
}

/// What happens at the end of a term.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TermOutcome {
    /// It is renewed, changed to [`next_term`](EndOfTerm::next_term) if there is one.
    Renews,
    /// It isn't renewed, and goes on in an extended service term: billed monthly at the monthly price plus 3 %, or plus 23 %
    /// where the product has no monthly plan, until it is cancelled (since 2026-05-04).
    ///
    /// A choice to cancel at the end would be in `scheduledActions`, if one client's form of it is right; then the outcome is
    /// [`Unknown`](Self::Unknown).
    ExtendedServiceTerm,
    /// It isn't renewed, and ends. So it was for new-commerce terms before 2026-05-04.
    Ends,
    /// It is deleted or has expired: there is no further term.
    Over,
    /// It isn't known.
    Unknown(UnknownOutcome),
}

/// Why it isn't known what happens at the end of a term.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum UnknownOutcome {
    /// It has `scheduledActions`, whose meaning isn't documented: one may be the choice for the end of the term.
    ScheduledActions,
    /// Its status is neither `active` nor one after its end. It isn't documented whether a suspended subscription is renewed.
    Status,
    /// The subscription doesn't show whether it is renewed.
    RenewalNotShown,
    /// It isn't a new-commerce subscription (`OnlineServicesNCE`) and isn't renewed: what is known of that is about those only.
    NotNewCommerce,
    /// It is a trial that isn't renewed.
    Trial,
    /// It isn't renewed, and it isn't known whether its term ends before or after 2026-05-04.
    End,
}

impl EndOfTerm {
    /// Returns what a subscription shows.
    pub fn of(subscription: &Subscription) -> Self {
        let to_the_second = subscription.commitment_end_date_time.clone();
        let is_last_day =
            to_the_second.is_none() && subscription.commitment_end_date.is_some() && is_new_commerce(subscription);
        let ends = to_the_second.or_else(|| subscription.commitment_end_date.clone());
        let outcome = outcome(subscription, ends.as_ref());
        Self { outcome, ends, is_last_day, next_term: subscription.scheduled_next_term_instructions.clone() }
    }
}

fn outcome(subscription: &Subscription, ends: Option<&Timestamp>) -> TermOutcome {
    let unknown = TermOutcome::Unknown;
    match subscription.status {
        SubscriptionStatus::Deleted | SubscriptionStatus::Expired => return TermOutcome::Over,
        SubscriptionStatus::Active => {}
        _ => return unknown(UnknownOutcome::Status),
    }
    if has_scheduled_actions(subscription) {
        return unknown(UnknownOutcome::ScheduledActions);
    }
    match subscription.auto_renew_enabled {
        None => unknown(UnknownOutcome::RenewalNotShown),
        Some(true) => TermOutcome::Renews,
        Some(false) if !is_new_commerce(subscription) => unknown(UnknownOutcome::NotNewCommerce),
        Some(false) if subscription.is_trial == Some(true) => unknown(UnknownOutcome::Trial),
        Some(false) => match ends.and_then(Timestamp::instant).map(SystemTime::from) {
            Some(ends) if ends < UNIX_EPOCH + EXTENDED_SINCE => TermOutcome::Ends,
            Some(ends) if ends >= UNIX_EPOCH + EXTENDED_SINCE + DAY => TermOutcome::ExtendedServiceTerm,
            _ => unknown(UnknownOutcome::End),
        },
    }
}

/// Whether it is a licence of new commerce, by the id of its kind of product (documented 2023).
pub(super) fn is_new_commerce(subscription: &Subscription) -> bool {
    let kind = subscription.product_type.as_ref().and_then(|kind| kind.id.as_deref());
    kind.is_some_and(|id| id.eq_ignore_ascii_case("OnlineServicesNCE"))
}

pub(super) fn has_scheduled_actions(subscription: &Subscription) -> bool {
    actions(subscription.scheduled_actions.as_ref()).is_some()
}
