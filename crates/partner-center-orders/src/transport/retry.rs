//! The retry layer: whether another attempt follows, and when.

use std::time::Duration;

use http::StatusCode;
use partner_center_orders_api::runtime::BodyKind;

use super::attempt::code_of_rejection;
use super::call_state::{CallState, Outcome};
use super::decision::{self, Decision};
use super::permit::{self, Attempt};
use crate::identity::cache::Bearer;
use crate::retry_after::retry_after;

/// Sends the request until an attempt settles the call, or no further one may be made. All attempts carry the same ids.
///
/// The loop stops with
///
/// - a response or failure that a repetition can't change or must not follow ([`decision`]): any status but 401, 408, 429 and
///   5xx, and for a write under [`RetryWrites::Never`](crate::RetryWrites::Never) whatever may have reached the service;
/// - a 401 whose fault a new token wouldn't change, or any after the one renewal of the token that a call has;
/// - the last of [`RetryPolicy::max_attempts`](crate::RetryPolicy::max_attempts); the renewal counts for none;
/// - a backoff that would end, or a permit that would come, after the deadline;
/// - a write that may have had its effect, once the service may have forgotten its id
///   ([`RetryPolicy::request_id_retention`](crate::RetryPolicy::request_id_retention));
/// - a body that can't be sent again, because it was a stream.
///
/// Where no further attempt was made, the call ends with the outcome of the last one, if there was one.
#[expect(clippy::manual_async_fn, reason = "an `async fn` would hold the request twice")]
pub(super) fn send(
    state: &CallState,
    mut source: Option<Box<reqwest::Request>>,
    body: BodyKind,
) -> impl Future<Output = Outcome> {
    async move {
        let shared = &*state.shared;
        let policy = &shared.retry;
        let class = state.operation.retry_class();
        let mut rejected: Option<Bearer> = None;
        // Boxed, as it is rare: most calls are settled by their first attempt.
        let mut last: Option<Box<Outcome>> = None;
        let mut attempts = 0;
        loop {
            let Attempt { outcome, bearer } = match permit::send(state, &mut source, body, rejected.as_ref()).await {
                Ok(attempt) => attempt,
                // The outcome of the last attempt says more than the reason why no other was made.
                Err(not_sent) => return last.map_or_else(|| Err(not_sent.into()), |last| *last),
            };
            let (outcome, decision) = match outcome {
                Ok(response) => {
                    let code = code_of_rejection(&response);
                    let decision = decision::on_response(response.status(), code, class, policy.writes);
                    (Ok(response), decision)
                }
                Err(error) => {
                    let decision = decision::on_failure(&error, class, policy.writes);
                    (Err(error), decision)
                }
            };
            if decision == Decision::Renew && rejected.is_none() && bearer.is_some() {
                rejected = bearer.inspect(|bearer| shared.signer.reject(bearer));
                last = Some(Box::new(outcome));
                continue;
            }
            attempts += 1;
            let is_throttled =
                outcome.as_ref().is_ok_and(|response| response.status() == StatusCode::TOO_MANY_REQUESTS);
            if decision != Decision::Retry && !is_throttled {
                return outcome;
            }
            let requested = requested_delay(state, &outcome);
            let delay = shared.backoff(attempts).max(requested.unwrap_or_default());
            if is_throttled {
                // No call of this tenant is sent earlier. Without `Retry-After`, the backoff has its full length.
                shared.rate_limiter.close(if requested.is_some() { delay } else { policy.bound(attempts) });
            }
            if decision != Decision::Retry || attempts >= policy.most_attempts() || state.is_too_old(delay) {
                return outcome;
            }
            // A closed rate limit gives the next permit late enough, or reports that it would come too late.
            if !is_throttled && !state.deadline.allows(delay) {
                return outcome;
            }
            last = Some(Box::new(outcome));
            if !is_throttled {
                tokio::time::sleep(delay).await;
            }
            tracing::debug!(attempts, "retrying");
        }
    }
}

/// The delay that the service asks for, up to the longest that is obeyed.
fn requested_delay(state: &CallState, outcome: &Outcome) -> Option<Duration> {
    let requested = match outcome {
        Ok(response) => retry_after(response.headers(), state.shared.clock.now()),
        Err(error) => error.retry_after(),
    };
    requested.map(|delay| state.shared.retry.bounded(delay))
}
