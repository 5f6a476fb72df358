use std::fmt;

use partner_center_orders_api::Operation;
use partner_center_orders_api::runtime::Success;
use partner_center_orders_api::types::{Subscription, SubscriptionPatch};
use uuid::Uuid;

use super::get::read;
use super::scheduled::OnScheduled;
use super::shown::{Shown, shown};
use super::{AcceptedChange, UpdateSubscription};
use crate::call::{Call, Id, Session, sealed};
use crate::resume::{Resumable, Step, step, undetermined};
use crate::scheduled::ScheduledChanges;
use crate::{Error, Response};

/// A change of what was read, unless the subscription doesn't allow it.
pub(super) type Change = Box<dyn FnOnce(&Session, &Subscription, &mut SubscriptionPatch) -> Result<(), Error> + Send>;

/// Changes a subscription by reading and writing it: see [`Subscriptions::change`](super::Subscriptions::change).
pub struct ChangeSubscription {
    /// The request's name in errors.
    name: &'static str,
    customer: Uuid,
    subscription_id: String,
    change: Change,
    on_scheduled: OnScheduled,
}

impl ChangeSubscription {
    pub(super) fn new(name: &'static str, customer: Uuid, subscription_id: String, change: Change) -> Self {
        Self { name, customer, subscription_id, change, on_scheduled: OnScheduled::default() }
    }
}

impl Call<ChangeSubscription> {
    /// Schedules again what the change deletes: if the response doesn't show what was scheduled when the call read the
    /// subscription, a second write follows, under a request id of its own.
    ///
    /// If that one fails, the error's [`scheduled_changes`](Error::scheduled_changes) holds what was scheduled, to be passed to
    /// [`reapply`](Self::reapply). Resuming takes it too, as the subscription may no longer show it.
    ///
    /// ```
    /// # use partner_center_orders::{Error, PartnerCenter};
    /// # async fn example(partner: PartnerCenter, customer_id: uuid::Uuid) -> Result<(), Error> {
    /// let subscriptions = partner.customer(customer_id).subscriptions();
    /// let grown = match subscriptions.set_quantity("a356ac8c-…", 30).reapply_scheduled_changes().await {
    ///     Err(error) if error.is_outcome_unknown() => {
    ///         let pending_write = error.pending_write().expect("outcome unknown");
    ///         let scheduled = error.scheduled_changes().cloned().unwrap_or_default();
    ///         subscriptions.set_quantity("a356ac8c-…", 30).reapply(scheduled).resume(pending_write).await?
    ///     }
    ///     other => other?,
    /// };
    /// # Ok(()) }
    /// ```
    pub fn reapply_scheduled_changes(self) -> Self {
        self.with(|request| request.on_scheduled = OnScheduled::Reapply)
    }

    /// Schedules this after the change, if the subscription doesn't have it then. For a caller who has stored it: see
    /// [`ScheduledChanges`].
    pub fn reapply(self, scheduled: ScheduledChanges) -> Self {
        self.with(|request| request.on_scheduled = OnScheduled::ReapplyThese(Box::new(scheduled)))
    }

    /// Sends the change though it deletes what is scheduled. Without this or
    /// [`reapply_scheduled_changes`](Self::reapply_scheduled_changes), such a change isn't sent.
    ///
    /// ```
    /// # use partner_center_orders::{Error, PartnerCenter};
    /// # async fn example(partner: PartnerCenter, customer_id: uuid::Uuid) -> Result<(), Error> {
    /// let subscriptions = partner.customer(customer_id).subscriptions();
    /// let grown = subscriptions.set_quantity("a356ac8c-…", 30).delete_scheduled_changes().await?;
    /// if let Some(subscription) = grown.into_inner().done() {
    ///     assert!(subscription.scheduled_next_term_instructions.is_none());
    /// }
    /// # Ok(()) }
    /// ```
    pub fn delete_scheduled_changes(self) -> Self {
        self.with(|request| request.on_scheduled = OnScheduled::Delete)
    }
}

impl Resumable for ChangeSubscription {}

impl sealed::Request for ChangeSubscription {
    type Output = Success<Subscription, AcceptedChange>;

    fn name(&self) -> Option<&'static str> {
        Some(self.name)
    }

    async fn run(self, session: Session) -> Result<Response<Self::Output>, Error> {
        let Self { customer, subscription_id, change, on_scheduled, .. } = self;
        let read = read(&session, Id::Own, customer, &subscription_id).await?;
        let mut patch = SubscriptionPatch::from(Subscription::clone(&read));
        change(&session, &read, &mut patch)?;
        let is_resumed = session.resumes().is_some();
        if is_resumed && on_scheduled.may_be_deleted(&read) {
            // The first attempt may have deleted it, and nothing shows that.
            let message = "what was scheduled can't be read any more: resume with `reapply` and what was stored";
            return Err(undetermined(&session, Operation::UpdateSubscription, message));
        }
        let to_reapply = on_scheduled.prepare(&read, &mut patch)?;
        let changed = if is_resumed && shown(&read, &patch) == Shown::Change {
            read.map(Success::Done)
        } else if let Step::Look = step(&session).await {
            // The change may depend on what was there before it.
            let message = "the subscription doesn't show whether this change took place: read it and decide";
            return Err(undetermined(&session, Operation::UpdateSubscription, message));
        } else {
            if let Some(scheduled) = &to_reapply {
                scheduled.set(&mut patch);
            }
            let update = UpdateSubscription::new(customer, subscription_id.clone(), patch.clone());
            let updated = Box::pin(sealed::Request::run(update, session.clone())).await;
            updated.map_err(|error| error.with_scheduled_changes(to_reapply.clone()))?
        };
        let Some(scheduled) = to_reapply else { return Ok(changed) };
        match &*changed {
            // Made of what was sent, as a response may lack members that the service would then reset.
            Success::Done(subscription) if !scheduled.is_in(subscription) => {
                reapply(&session, customer, subscription_id, patch, scheduled).await
            }
            // An accepted change deletes it when it is made: the caller waits for that first.
            _ => Ok(changed.map(|success| success.map_accepted(|accepted| accepted.with_scheduled_changes(scheduled)))),
        }
    }
}

/// Schedules again what a change has deleted.
async fn reapply(
    session: &Session,
    customer: Uuid,
    subscription_id: String,
    mut patch: SubscriptionPatch,
    scheduled: ScheduledChanges,
) -> Result<Response<Success<Subscription, AcceptedChange>>, Error> {
    scheduled.set(&mut patch);
    let (id, sent) = (subscription_id.clone(), patch.clone());
    let state = session.begin(Id::Own, Operation::UpdateSubscription);
    let written = state.call(|client| async move { client.update_subscription(customer, id, sent).send().await });
    let written = written.await.map_err(|error| error.after_change(scheduled))?;
    Ok(written.map(|success| success.map_accepted(|accepted| AcceptedChange::new(subscription_id, patch, accepted))))
}

impl fmt::Debug for ChangeSubscription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ChangeSubscription")
            .field("customer", &self.customer)
            .field("subscription_id", &self.subscription_id)
            .finish_non_exhaustive()
    }
}
