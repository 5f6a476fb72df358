//! What deletes scheduled changes, and what happens to them then.

use partner_center_orders_api::enums::SubscriptionStatus;
use partner_center_orders_api::types::{Subscription, SubscriptionPatch};

use crate::scheduled::ScheduledChanges;
use crate::{Error, ErrorKind};

/// What happens to scheduled changes that a change of the subscription would delete.
#[derive(Clone, Debug, Default)]
pub(super) enum OnScheduled {
    /// The change isn't sent.
    #[default]
    Reject,
    /// They are deleted.
    Delete,
    /// What was read is scheduled again.
    Reapply,
    /// This is scheduled again.
    ReapplyThese(Box<ScheduledChanges>),
}

impl OnScheduled {
    /// Whether something that has to be scheduled again may be deleted already: the call was to find it in the subscription,
    /// which shows nothing.
    pub(super) fn may_be_deleted(&self, read: &Subscription) -> bool {
        matches!(self, Self::Reapply)
            && read.scheduled_next_term_instructions.is_none()
            && read.next_charge_instructions.is_none()
    }

    /// Prepares a patch that was made of this subscription; returns what has to be scheduled afterwards.
    ///
    /// # Errors
    ///
    /// When scheduled changes would be deleted, and the caller didn't choose.
    pub(super) fn prepare(
        self,
        read: &Subscription,
        patch: &mut SubscriptionPatch,
    ) -> Result<Option<ScheduledChanges>, Error> {
        let scheduled = ScheduledChanges::of_patch(patch);
        if patch.status == Some(SubscriptionStatus::Deleted) {
            // Nothing follows.
            return Ok(None);
        }
        let is_lost = is_immediate(read, patch) && (scheduled.next_term.is_some() || scheduled.next_charge.is_some());
        let to_reapply = match self {
            Self::Reject if is_lost => return Err(would_delete(&scheduled)),
            Self::Reject => return Ok(None),
            Self::Delete => {
                if is_lost {
                    patch.scheduled_next_term_instructions = None;
                    patch.next_charge_instructions = None;
                }
                return Ok(None);
            }
            Self::Reapply => scheduled,
            Self::ReapplyThese(these) => *these,
        };
        if to_reapply.next_term.is_some() && patch.auto_renew_enabled != Some(true) {
            return Err(Error::own(
                ErrorKind::InvalidRequest,
                "a change can't be scheduled for the next term of a subscription that isn't renewed",
            ));
        }
        Ok(Some(to_reapply).filter(|scheduled| !scheduled.is_empty()))
    }
}

/// Whether the patch changes more than what is scheduled, the name, and the renewal to be switched on. The documentation doesn't
/// list what counts as immediate, so everything else does.
fn is_immediate(read: &Subscription, patch: &SubscriptionPatch) -> bool {
    let [mut before, mut after] = [SubscriptionPatch::from(read.clone()), patch.clone()];
    for patch in [&mut before, &mut after] {
        patch.friendly_name = None;
        patch.scheduled_next_term_instructions = None;
        patch.next_charge_instructions = None;
        patch.scheduled_actions = None;
    }
    if after.auto_renew_enabled == Some(true) {
        before.auto_renew_enabled = Some(true);
    }
    before != after
}

fn would_delete(scheduled: &ScheduledChanges) -> Error {
    let message = format!("the subscription has changes scheduled ({scheduled}), which this change would delete");
    Error::own(ErrorKind::ScheduledChanges, message)
}
