use std::fmt;

use bytes::Bytes;
use partner_center_orders_api::runtime::Accepted;
use partner_center_orders_api::types::{Subscription, SubscriptionPatch};

use crate::scheduled::ScheduledChanges;

/// A change of a subscription that the service has accepted and is still working on (202).
///
/// The outcome of the write is known: don't send it again. Wait for it with
/// [`Subscriptions::wait_until_changed`](crate::Subscriptions::wait_until_changed), or read the subscription later.
#[derive(Clone, PartialEq)]
pub struct AcceptedChange {
    // Boxed, since the other form of the success is small.
    inner: Box<Inner>,
}

#[derive(Clone, PartialEq)]
struct Inner {
    subscription_id: String,
    patch: SubscriptionPatch,
    accepted: Accepted<Subscription>,
    scheduled: Option<ScheduledChanges>,
}

impl AcceptedChange {
    pub(super) fn new(subscription_id: String, patch: SubscriptionPatch, accepted: Accepted<Subscription>) -> Self {
        Self { inner: Box::new(Inner { subscription_id, patch, accepted, scheduled: None }) }
    }

    pub(super) fn with_scheduled_changes(mut self, scheduled: ScheduledChanges) -> Self {
        self.inner.scheduled = Some(scheduled);
        self
    }

    /// What was scheduled before the change and was to be scheduled again after it (`reapply_scheduled_changes`, `reapply`).
    ///
    /// The service deletes it when it makes the change, so nothing is scheduled again before that: wait for the change, and if
    /// the subscription doesn't show it then, schedule it with
    /// [`schedule_change`](crate::Subscriptions::schedule_change).
    pub fn scheduled_changes(&self) -> Option<&ScheduledChanges> {
        self.inner.scheduled.as_ref()
    }

    /// The id of the subscription.
    pub fn subscription_id(&self) -> &str {
        &self.inner.subscription_id
    }

    /// The change, as it was sent.
    pub fn patch(&self) -> &SubscriptionPatch {
        &self.inner.patch
    }

    /// The `Location` header, as received: documented as a path that leads to the subscription.
    pub fn location(&self) -> Option<&str> {
        self.inner.accepted.location()
    }

    /// The subscription in the response's body, if there was one. It may show the state before the change or after it
    /// (undocumented).
    pub fn subscription(&self) -> Option<&Subscription> {
        self.inner.accepted.value()
    }

    /// The response's body as received; empty if there was none.
    pub fn raw_body(&self) -> &Bytes {
        self.inner.accepted.raw_body()
    }
}

/// Shows the id, and what [`Accepted`] shows.
impl fmt::Debug for AcceptedChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AcceptedChange")
            .field("subscription_id", &self.inner.subscription_id)
            .field("accepted", &self.inner.accepted)
            .finish_non_exhaustive()
    }
}
