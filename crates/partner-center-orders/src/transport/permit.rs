//! The layer of rate limit and bearer token. They are one layer, as a token can end while its caller waits for a permit.

use std::time::Duration;

use partner_center_orders_api::runtime::{BodyKind, TransportError, TransportErrorKind};

use super::attempt;
use super::call_state::{CallState, Outcome};
use super::rate_limiter::{Permit, Queue};
use crate::identity::cache::Bearer;

/// The most tokens that are requested for one attempt.
const MOST_TOKENS: u32 = 3;

/// An attempt that was made, or failed before it was sent.
pub(super) struct Attempt {
    pub(super) outcome: Outcome,
    pub(super) bearer: Option<Bearer>,
}

/// Why an attempt was not made.
pub(super) enum NotSent {
    /// Its permit would come after the deadline.
    TooLate { wait: Duration },
    /// Its body can't be sent again.
    BodyGone,
    /// The renewed token equals the rejected one.
    SameToken,
    /// The service may have forgotten the write's id by now.
    TooOld,
}

impl From<NotSent> for TransportError {
    fn from(reason: NotSent) -> Self {
        match reason {
            NotSent::TooLate { wait } => Self::new(TransportErrorKind::Throttled).with_retry_after(wait),
            NotSent::BodyGone | NotSent::SameToken => Self::new(TransportErrorKind::Other),
            NotSent::TooOld => Self::with_source(TransportErrorKind::Other, IdMayBeForgotten),
        }
    }
}

/// A write wasn't sent again.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("the service may have forgotten the request id by now, so the write was not sent again")]
struct IdMayBeForgotten;

/// Signs a copy of the request, or the request itself if its body can't be copied; waits for the rate limit's permit; and makes
/// the attempt. A token that equals the rejected one is not sent again, nor a write whose id may be forgotten by then.
pub(super) async fn send(
    state: &CallState,
    source: &mut Option<Box<reqwest::Request>>,
    body: BodyKind,
    rejected: Option<&Bearer>,
) -> Result<Attempt, NotSent> {
    let shared = &*state.shared;
    let not_sent = |error: TransportError| Ok(Attempt { outcome: Err(error), bearer: None });
    let copy = source.as_ref().and_then(|request| request.try_clone()).map(Box::new);
    let mut request = copy.or_else(|| source.take()).ok_or(NotSent::BodyGone)?;
    let mut waited = Duration::ZERO;
    let mut queue = Queue::Back;
    let mut tokens = 0;
    let bearer = loop {
        // The token comes first: calls that wait for one renewal would otherwise be sent together, after their permits.
        let bearer = match state.deadline.bound(shared.signer.sign(&mut request)).await {
            Some(Ok(bearer)) => bearer,
            Some(Err(error)) => return not_sent(error),
            None => return not_sent(TransportError::new(TransportErrorKind::Timeout).with_maybe_sent(false)),
        };
        tokens += 1;
        // A token that expires while its call waits is replaced, and that call is next. The last one is used whatever the
        // clock says: where tokens expire sooner than a permit comes, the service decides.
        let serves = || tokens >= MOST_TOKENS || shared.signer.serves(&bearer);
        let permit = shared.rate_limiter.acquire(state.deadline, queue, serves).await;
        let Permit { is_taken, waited: wait } = permit.map_err(|late| NotSent::TooLate { wait: late.wait })?;
        waited += wait;
        if is_taken {
            break bearer;
        }
        queue = Queue::Front;
    };
    if rejected.is_some_and(|rejected| rejected.is_same_token(&bearer)) {
        return Err(NotSent::SameToken);
    }
    // Checked last: renewing the token and waiting for a permit take time.
    if state.is_too_old(Duration::ZERO) {
        return Err(NotSent::TooOld);
    }
    let outcome = attempt::send(state, *request, body, waited).await;
    Ok(Attempt { outcome, bearer: Some(bearer) })
}
