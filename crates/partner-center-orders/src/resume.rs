//! Resuming a write whose outcome is unknown.

use std::time::Duration;

use partner_center_orders_api::Operation;

use crate::call::{Call, Id, Session};
use crate::error::{Candidate, PendingWrite};
use crate::{Error, ErrorKind};

/// The time after its first attempt at which a write whose effect isn't visible counts as one that didn't take place. A new order may
/// be missing from lists for 15 minutes (documented), and a call's last attempt may be sent, or be processed, long after its
/// first; how long is documented nowhere, so this is our choice.
const SETTLED_AFTER: Duration = Duration::from_secs(60 * 60);

/// A write that can be resumed.
///
/// Implemented by the writes of [`requests`](crate::requests); nothing else can implement it.
pub trait Resumable: crate::call::Request {}

impl<R: Resumable> Call<R> {
    /// Resumes a write that ended as [outcome unknown](crate::Error::is_outcome_unknown), or was interrupted by a crash.
    /// Call it with the same arguments as the first time.
    ///
    /// As long as the service can be assumed to remember the request id
    /// ([`RetryPolicy::request_id_retention`](crate::RetryPolicy::request_id_retention)), the write is sent again under that
    /// id. Later, and at any time with [`RetryWrites::Never`](crate::RetryWrites::Never), the call only reads whether the write
    /// took place. The same applies if its age can't be known: another process recorded its time, and no response shows the
    /// service's time ([`PartnerCenter::service_time`](crate::PartnerCenter::service_time)), or this machine's clock contradicts
    /// it.
    ///
    /// The possible results of reading:
    ///
    /// - *It took place.* That is the response. A cart that is ordered, an order that is cancelled and a subscription in the
    ///   requested state show it. The effect of a create is recognised only by what its caller declared to be unique to this
    ///   write: see `unique_name` on this page.
    /// - *It is undecided.* What a create was to make is there, but may be another write's: an identical order is no evidence,
    ///   not even if there is only one. The outcome stays [unknown](crate::Error::is_outcome_unknown);
    ///   [`Error::candidates`](crate::Error::candidates) holds what was found. Orders that are known to be another write's
    ///   can be left out: see `exclude_orders` on this page.
    /// - *It didn't take place.* Nothing is there that can be it, and an hour has passed since the first attempt (a new order
    ///   can be missing from lists for 15 minutes, by the documentation; the rest is for attempts that arrived late): the call
    ///   ends with [`ErrorKind::NotApplied`](crate::ErrorKind::NotApplied). Nothing was sent; make a new call if the write is
    ///   still wanted.
    /// - *It isn't visible yet, or can't be read.* The outcome is still [unknown](crate::Error::is_outcome_unknown), and the
    ///   error says how long to wait.
    ///
    /// ```
    /// # use partner_center_orders::{Error, PartnerCenter, types::NewOrder};
    /// # async fn example(partner: PartnerCenter, customer_id: uuid::Uuid, new: NewOrder) -> Result<(), Error> {
    /// let orders = partner.customer(customer_id).orders();
    /// let placed = match orders.create(new.clone()).await {
    ///     Err(error) if error.is_outcome_unknown() => {
    ///         let pending_write = error.pending_write().expect("outcome unknown");
    ///         // Store it; then, perhaps in another process:
    ///         orders.create(new).resume(pending_write).await?
    ///     }
    ///     other => other?,
    /// };
    /// # Ok(()) }
    /// ```
    pub fn resume(mut self, pending_write: PendingWrite) -> Self {
        let id = pending_write.request_id;
        self.resumed = Some(Box::new(pending_write));
        self.request_id(id)
    }
}

/// The next step with a write.
pub(crate) enum Step {
    /// Send it: it is new, or the service still remembers its id.
    Send,
    /// Look for its effect first.
    Look,
}

/// Returns the next step with the call's write, resumed or not.
pub(crate) async fn step(session: &Session) -> Step {
    if session.resumes().is_none() {
        return Step::Send;
    }
    if session.shared().retry.resends() {
        session.learn_time().await;
    }
    if may_resend(session) { Step::Send } else { Step::Look }
}

/// Whether the service still remembers the id of the resumed write. A look can change that, as its response shows the
/// service's time.
pub(crate) fn may_resend(session: &Session) -> bool {
    let shared = session.shared();
    shared.retry.may_resend(session.age().most(&*shared.clock))
}

/// The error of a look that found nothing. A write is never sent again because of it: what is not there yet may still appear,
/// and what was not there a moment ago may have appeared meanwhile.
pub(crate) fn found_nothing(session: &Session, operation: Operation, what: &str) -> Error {
    let state = session.begin(Id::Calls, operation);
    // More accurate now than before the look, whose response has shown the service's time.
    let age = session.age().least();
    if age < SETTLED_AFTER {
        let what = format!("{what}, but it may still come or take some minutes to show");
        return Error::own(ErrorKind::InProgress, what)
            .during(&state)
            .with_retry_after(SETTLED_AFTER.saturating_sub(age));
    }
    Error::own(ErrorKind::NotApplied, what).during(&state)
}

/// The error of a look that doesn't decide.
pub(crate) fn undetermined(session: &Session, operation: Operation, what: &str) -> Error {
    Error::own(ErrorKind::Other, what).during(&session.begin(Id::Calls, operation))
}

/// The error of a look that found what may be the effect of this write, or of another.
pub(crate) fn found_candidates(session: &Session, operation: Operation, candidates: Vec<Candidate>) -> Error {
    let ids: Vec<_> = candidates.iter().take(5).map(|candidate| candidate.order_id.as_str()).collect();
    let more = if candidates.len() > ids.len() { ", …" } else { "" };
    let what = format!("nothing ties what was found to this write: look at order {}{more} and decide", ids.join(", "));
    undetermined(session, operation, &what).with_candidates(candidates)
}
