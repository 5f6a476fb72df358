//! The outermost layer: what all attempts of a call have in common.

use futures_util::FutureExt as _;
use futures_util::future::{Either, ready};
use partner_center_orders_api::runtime::BodyKind;
use tracing::Instrument;

use super::call_state::{CallState, Outcome};
use super::{observe, retry};

/// Writes the headers that every attempt carries, `MS-RequestId` and `MS-CorrelationId` above all, and opens the span around
/// the call. An error gets the name of the operation.
pub(super) fn send(state: &CallState, mut request: reqwest::Request, body: BodyKind) -> impl Future<Output = Outcome> {
    let span = observe::call_span(state.operation, state.ids);
    let headers = &state.shared.headers;
    let outcome = match headers.write(request.headers_mut(), state.ids, state.locale.as_deref()) {
        Ok(()) => Either::Left(retry::send(state, Some(Box::new(request)), body)),
        Err(error) => Either::Right(ready(Err(error))),
    };
    outcome.instrument(span.clone()).map(move |outcome| {
        let outcome = outcome.map_err(|error| error.during(state.operation));
        observe::call_ended(&span, state.attempts(), outcome.as_ref());
        outcome
    })
}
