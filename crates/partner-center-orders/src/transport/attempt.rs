//! The innermost layer: one attempt, from the request to the end of the response's body.

use std::time::Duration;

use futures_util::future::{Either, ready};
use futures_util::{FutureExt as _, TryFutureExt as _};
use http::StatusCode;
use partner_center_orders_api::ErrorCode;
use partner_center_orders_api::runtime::{BodyKind, RawResponse, TransportError, TransportErrorKind, decode};
use partner_center_orders_api::types::Fault;
use tokio::time::Instant;
use tracing::Instrument;

use super::call_state::{CallState, Outcome};
use super::{decision, observe};

/// Makes one attempt in a span of its own; notes in the state that it began, and whether it may have had an effect that no
/// response reports.
pub(super) fn send(
    state: &CallState,
    request: reqwest::Request,
    body: BodyKind,
    waited: Duration,
) -> impl Future<Output = Outcome> {
    let (shared, operation) = (&*state.shared, state.operation);
    let attempts = state.begin_attempt();
    let span = observe::attempt_span(operation, request.url(), attempts, waited);
    let sent_at = Instant::now();
    let sending = span.in_scope(|| {
        observe::address(request.url());
        if shared.trace_bodies {
            observe::body(operation, "request", request.body().and_then(reqwest::Body::as_bytes));
        }
        send_and_read(state, request, sent_at, body)
    });
    sending.instrument(span.clone()).map(move |outcome| {
        // A stream can be read only once, by the caller.
        if shared.trace_bodies
            && let Ok(response) = &outcome
        {
            span.in_scope(|| observe::body(operation, "response", response.body().map(AsRef::as_ref)));
        }
        observe::attempt_ended(&span, outcome.as_ref());
        if let Ok(response) = &outcome {
            shared.service_time.note(response.headers(), sent_at, &*shared.clock);
        }
        state.end_attempt(match &outcome {
            Ok(response) => decision::leaves_outcome_unknown(response.status()),
            Err(error) => error.maybe_sent(),
        });
        outcome
    })
}

/// Sends the request once and reads the body of the response, unless it is a success that the caller wants as a stream: a body
/// that breaks off is a failed attempt, not a malformed response.
fn send_and_read(
    state: &CallState,
    request: reqwest::Request,
    sent_at: Instant,
    body: BodyKind,
) -> impl Future<Output = Outcome> {
    let (send, limits) = (&*state.shared.send, state.shared.limits);
    let whole = send.send(request).and_then(move |response| {
        if body == BodyKind::Stream && response.status().is_success() {
            Either::Left(ready(Ok(RawResponse::from(response))))
        } else {
            Either::Right(RawResponse::read_whole(response, limits.body))
        }
    });
    let bounded = state.deadline.or_within(sent_at, limits.time).bound(whole);
    bounded.map(move |outcome| {
        outcome.unwrap_or_else(|| {
            send.gave_up(sent_at.elapsed());
            Err(TransportError::new(TransportErrorKind::Timeout))
        })
    })
}

/// The code of the fault that rejects a token.
pub(super) fn code_of_rejection(response: &RawResponse) -> Option<ErrorCode> {
    if response.status() != StatusCode::UNAUTHORIZED {
        return None;
    }
    decode::<Fault>(response.body()?).ok()?.code?.error_code()
}
