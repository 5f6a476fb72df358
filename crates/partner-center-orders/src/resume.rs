//! Resuming a write whose outcome is unknown.

use std::time::Duration;

use partner_center_orders_api::Operation;

use crate::call::{Call, Id, Session};
use crate::error::{Candidate, PendingWrite};
use crate::{Error, ErrorKind};

/// How long after its first try a write that doesn't show is taken for one that didn't take place. A new order may be
/// missing from lists for 15 minutes (documented), and a call's last try may go out, or be worked on, long after its first;
/// how long is documented nowhere, so this is our choice.
const SETTLED_AFTER: Duration = Duration::from_secs(60 * 60);

/// A write that can be resumed.
///
/// Implemented by the writes of [`requests`](crate::requests); nothing else can implement it.
pub trait Resumable: crate::call::Request {}

impl<R: Resumable> Call<R> {
    /// Resumes a write that ended as [outcome unknown](crate::Error::is_outcome_unknown), or that a crash cut off.
    /// Call it with the same arguments as the first time.
    ///
    /// While the service can be taken to remember the request id
    /// ([`RetryPolicy::request_id_retention`](crate::RetryPolicy::request_id_retention)), the write is sent again under that id. Later, and
    /// at any time with [`RetryWrites::Never`](crate::RetryWrites::Never), it is only read whether the write took place. The
    /// same holds where its age can't be known: another process wrote its time down, and no response shows the service's time
    /// ([`PartnerCenter::service_time`](crate::PartnerCenter::service_time)), or this machine's clock contradicts it.
    ///
    /// What reading can lead to:
    ///
    /// - *It took place.* That is the response. A cart that is ordered, an order that is cancelled and a subscription that is
    ///   as wanted show it. What a create made is recognised only by what its caller declared to be this write's alone: see
    ///   `unique_name` on this page.
    /// - *It can't be told.* What a create was to make is there, but may be another's: an identical order is no evidence, not
    ///   even if there is only one. The outcome stays [unknown](crate::Error::is_outcome_unknown);
    ///   [`Error::candidates`](crate::Error::candidates) holds what was found. Those that are known to belong elsewhere can be
    ///   left out: see `exclude_orders` on this page.
    /// - *It didn't take place.* Nothing is there that can be it, and an hour has passed since the first try (a new order can
    ///   be missing from lists for 15 minutes, by the documentation; the rest is for tries that came late): the call ends with
    ///   [`ErrorKind::NotApplied`](crate::ErrorKind::NoEffect). Nothing was sent; make the write anew if it is still wanted.
    /// - *It doesn't show yet, or can't be read.* It is still [unknown](crate::Error::is_outcome_unknown), and the error says
    ///   how long to wait.
    ///
    /// ```
    /// # use partner_center_orders::{Error, PartnerCenter, types::NewOrder};
    /// # async fn example(partner: PartnerCenter, customer_id: uuid::Uuid, new: NewOrder) -> Result<(), Error> {
    /// let orders = partner.customer(customer_id).orders();
    /// let placed = match orders.create(new.clone()).await {
    ///     Err(error) if error.is_outcome_unknown() => {
    ///         let pending_write = error.pending_write().expect("outcome unknown");
    ///         // Write it down; then, perhaps in another process:
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

/// What to do about a write.
pub(crate) enum Step {
    /// It is new, or the service still knows its id: send it.
    Send,
    /// Look first.
    Look,
}

/// The next step with the call's write, resumed or not.
pub(crate) async fn step(session: &Session) -> Step {
    if session.resumes().is_none() {
        return Step::Send;
    }
    if session.shared().retry.resends() {
        session.learn_time().await;
    }
    if may_resend(session) { Step::Send } else { Step::Look }
}

/// Whether the service still knows the id of the resumed write. A look can show that, as its response shows the service's time.
pub(crate) fn may_resend(session: &Session) -> bool {
    let shared = session.shared();
    shared.retry.may_resend(session.age().most(&*shared.clock))
}

/// The end of a look that found nothing. A write is never sent again on the strength of it: what is not there yet may still
/// come, and what was not there a moment ago may have come meanwhile.
pub(crate) fn found_nothing(session: &Session, operation: Operation, what: &str) -> Error {
    let state = session.begin(Id::Calls, operation);
    // Known better now than before the look, whose response has shown the service's time.
    let age = session.age().least();
    if age < SETTLED_AFTER {
        let what = format!("{what}, but it may still come or take some minutes to show");
        return Error::own(ErrorKind::InProgress, what).during(&state).wait(SETTLED_AFTER.saturating_sub(age));
    }
    Error::own(ErrorKind::NotApplied, what).during(&state)
}

/// The end of a look that can't tell either way.
pub(crate) fn cannot_tell(session: &Session, operation: Operation, what: &str) -> Error {
    Error::own(ErrorKind::Other, what).during(&session.begin(Id::Calls, operation))
}

/// The end of a look that found what may be the write's effect, or another's.
pub(crate) fn found_candidates(session: &Session, operation: Operation, candidates: Vec<Candidate>) -> Error {
    let ids: Vec<_> = candidates.iter().take(5).map(|candidate| candidate.order_id.as_str()).collect();
    let more = if candidates.len() > ids.len() { ", …" } else { "" };
    let what = format!("nothing ties what was found to this write: look at order {}{more} and decide", ids.join(", "));
    cannot_tell(session, operation, &what).with_candidates(candidates)
}
