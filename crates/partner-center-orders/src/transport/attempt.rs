//! One attempt: the request goes out, the answer comes in, its body included.

use std::time::Duration;

use futures_util::future::{Either, ready};
use futures_util::{FutureExt as _, TryFutureExt as _};
use http::StatusCode;
use partner_center_orders_api::ErrorCode;
use partner_center_orders_api::runtime::{BodyKind, RawResponse, TransportError, TransportErrorKind, decode};
use partner_center_orders_api::types::Fault;
use tokio::time::Instant;

use super::{Deadline, SendRequest};

/// What bounds an attempt.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// The time for head and body; of a stream, for its head.
    pub(crate) time: Duration,
    /// The longest body that is read whole, in bytes.
    pub(crate) body: usize,
}

/// Sends the request once. Unless the caller wants a stream and the service agrees, the body is read here: what breaks in
/// its middle is a failed attempt, not a damaged answer.
pub(super) fn attempt(
    send: &dyn SendRequest,
    request: reqwest::Request,
    sent_at: Instant,
    body: BodyKind,
    deadline: Deadline,
    limits: Limits,
) -> impl Future<Output = Result<RawResponse, TransportError>> {
    let whole = send.send(request).and_then(move |response| {
        if body == BodyKind::Stream && response.status().is_success() {
            Either::Left(ready(Ok(RawResponse::from(response))))
        } else {
            Either::Right(RawResponse::read_whole(response, limits.body))
        }
    });
    let bounded = deadline.or_within(sent_at, limits.time).bound(whole);
    bounded.map(move |outcome| {
        outcome.unwrap_or_else(|| {
            send.gave_up(sent_at.elapsed());
            Err(TransportError::new(TransportErrorKind::Timeout))
        })
    })
}

/// The code of the fault that refuses a token.
pub(super) fn code_of_refusal(response: &RawResponse) -> Option<ErrorCode> {
    if response.status() != StatusCode::UNAUTHORIZED {
        return None;
    }
    decode::<Fault>(response.body()?).ok()?.code?.error_code()
}
