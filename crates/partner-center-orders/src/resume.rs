//! Going on with a write of which nobody knows whether it took place.

use std::time::{Duration, SystemTime};

use partner_center_orders_api::Operation;
use partner_center_orders_api::enums::OrderStatus;
use partner_center_orders_api::types::{
    NewOrder, Order, OrderLineItemPatch, OrderPatch, Subscription, SubscriptionPatch,
};

use crate::call::{Call, Id, Session};
use crate::error::Unfinished;
use crate::{Error, ErrorKind};

/// How long after its first try a write that doesn't show is taken for one that didn't take place. A new order may be
/// missing from lists for 15 minutes (documented), and a call's last try may go out, or be worked on, long after its first;
/// how long is documented nowhere, so this is our choice.
const SETTLED_AFTER: Duration = Duration::from_secs(60 * 60);

/// How far the service's clock may be behind this one when it dates an order. Our choice.
const CLOCKS_APART: Duration = Duration::from_secs(5 * 60);

/// A write that can be gone on with.
///
/// Implemented by the writes of [`requests`](crate::requests); nothing else can implement it.
pub trait Resumable: crate::call::Request {}

impl<R: Resumable> Call<R> {
    /// Goes on with a write that ended as [outcome unknown](crate::Error::is_outcome_unknown), or that a crash cut off.
    /// Call it with the same arguments as the first time.
    ///
    /// While the service can be taken to remember the request id
    /// ([`RetryPolicy::id_retention`](crate::RetryPolicy::id_retention)), the write is sent again under that id. Later, and
    /// at any time with [`RetryWrites::Never`](crate::RetryWrites::Never), it is only read whether the write took place:
    ///
    /// - It did: that is the answer.
    /// - It didn't, and an hour has passed since the first try (a new order can be missing from lists for 15 minutes, by the
    ///   documentation; the rest is for tries that came late): the call ends with
    ///   [`ErrorKind::NoEffect`](crate::ErrorKind::NoEffect). Nothing was sent; make the write anew if it is still wanted.
    /// - It doesn't show, or can't be read: it is still [unknown](crate::Error::is_outcome_unknown), and the error says how
    ///   long to wait.
    ///
    /// ```
    /// # use partner_center_orders::{Error, PartnerCenter, types::NewOrder};
    /// # async fn example(partner: PartnerCenter, customer_id: uuid::Uuid, new: NewOrder) -> Result<(), Error> {
    /// let orders = partner.customer(customer_id).orders();
    /// let placed = match orders.create(new.clone()).await {
    ///     Err(error) if error.is_outcome_unknown() => {
    ///         let unfinished = error.unfinished().expect("outcome unknown");
    ///         // Write it down; then, perhaps in another process:
    ///         orders.create(new).resume(unfinished).await?
    ///     }
    ///     other => other?,
    /// };
    /// # Ok(()) }
    /// ```
    pub fn resume(mut self, unfinished: Unfinished) -> Self {
        self.first_sent_at = Some(unfinished.first_sent_at);
        self.request_id(unfinished.request_id)
    }
}

/// What to do about an unfinished write.
pub(crate) enum Step {
    /// The service still knows the id: send it again.
    Send,
    /// Look first.
    Look {
        first_sent_at: SystemTime,
        /// How long it was sent ago.
        ago: Duration,
    },
}

/// The next step with the call's write, unfinished or not.
pub(crate) fn step(session: &Session) -> Step {
    let Some(first_sent_at) = session.resumes() else { return Step::Send };
    let ago = session.now().duration_since(first_sent_at).unwrap_or_default();
    if session.shared().pipeline.retry.may_resend(ago) { Step::Send } else { Step::Look { first_sent_at, ago } }
}

/// The end of a look that found nothing. A write is never sent again on the strength of it: what is not there yet may still
/// come, and what was not there a moment ago may have come meanwhile.
pub(crate) fn found_nothing(session: &Session, operation: Operation, ago: Duration, what: &str) -> Error {
    let begun = session.begin(Id::Calls, operation);
    if ago < SETTLED_AFTER {
        let what = format!("{what}, but it may still come or take some minutes to show");
        return begun.own_error(ErrorKind::InProgress, what).wait(SETTLED_AFTER.saturating_sub(ago));
    }
    begun.own_error(ErrorKind::NoEffect, what)
}

/// The end of a look that can't tell either way.
pub(crate) fn cannot_tell(session: &Session, operation: Operation, what: &str) -> Error {
    session.begin(Id::Calls, operation).own_error(ErrorKind::Other, what)
}

/// Whether this order is what came of placing that one at that time.
pub(crate) fn came_of(order: &Order, new: &NewOrder, first_sent_at: SystemTime) -> bool {
    let Some(created) = order.creation_date.instant() else { return false };
    let recent = SystemTime::from(created) + CLOCKS_APART >= first_sent_at;
    let mut bought: Vec<_> =
        new.line_items.iter().map(|line| (line.offer_id.to_ascii_lowercase(), line.quantity)).collect();
    let same_lines = order.line_items.len() == bought.len()
        && order.line_items.iter().all(|line| {
            let offer = line.offer_id.to_ascii_lowercase();
            // A quantity of 0 means that the line was cancelled since.
            let found = bought
                .iter()
                .position(|(wanted, quantity)| *wanted == offer && (line.quantity == *quantity || line.quantity == 0));
            found.map(|index| bought.swap_remove(index)).is_some()
        });
    recent && same_lines
}

/// Whether the order is as the patch wants it; nothing, if that doesn't show.
pub(crate) fn shows_patch(order: &Order, patch: &OrderPatch) -> Option<bool> {
    let mut signs = Vec::new();
    if let Some(cycle) = &patch.billing_cycle {
        signs.push(order.billing_cycle.as_ref() == Some(cycle));
    }
    if patch.status == Some(OrderStatus::Cancelled) {
        let named: Vec<_> = patch.line_items().iter().map(|line| line.line_item_number).collect();
        let mut lines = order
            .line_items
            .iter()
            .filter(|line| named.is_empty() || named.contains(&line.line_item_number))
            .peekable();
        let lines_are = lines.peek().is_some() && lines.all(|line| line.quantity == 0);
        signs.push(order.status == Some(OrderStatus::Cancelled) || lines_are);
    }
    signs.extend(patch.line_items().iter().filter_map(|line| shows_add_on(order, line)));
    (!signs.is_empty()).then(|| signs.into_iter().all(|sign| sign))
}

fn shows_add_on(order: &Order, wanted: &OrderLineItemPatch) -> Option<bool> {
    let same = |a: &str, b: &str| a.eq_ignore_ascii_case(b);
    let parent = wanted.parent_subscription_id.as_deref()?;
    Some(order.line_items.iter().any(|line| {
        let parent_fits = line.parent_subscription_id.as_deref().is_none_or(|known| same(known, parent));
        same(&line.offer_id, &wanted.offer_id) && Some(line.quantity) == wanted.quantity && parent_fits
    }))
}

/// Whether the subscription is as the patch wants it.
pub(crate) fn shows_subscription_patch(subscription: &Subscription, patch: &SubscriptionPatch) -> bool {
    fn holds<T: PartialEq>(wanted: Option<&T>, found: Option<&T>) -> bool {
        wanted.is_none_or(|wanted| found == Some(wanted))
    }
    holds(patch.status.as_ref(), Some(&subscription.status))
        && holds(patch.quantity.as_ref(), Some(&subscription.quantity))
        && holds(patch.friendly_name.as_ref(), subscription.friendly_name.as_ref())
        && holds(patch.auto_renew_enabled.as_ref(), subscription.auto_renew_enabled.as_ref())
        && holds(patch.billing_cycle.as_ref(), subscription.billing_cycle.as_ref())
        && holds(patch.partner_id.as_ref(), subscription.partner_id.as_ref())
}
