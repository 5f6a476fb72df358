//! The retry layer: which attempts follow one that didn't settle the call.

use std::time::Duration;

use http::StatusCode;
use partner_center_orders_api::runtime::BodyKind;

use super::Outcome;
use super::attempt::code_of_rejection;
use super::call_state::CallState;
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
/// - a backoff that would end after the deadline, or a permit that would come after it;
/// - a write that may have had its effect, once the service may have forgotten its id
///   ([`RetryPolicy::request_id_retention`](crate::RetryPolicy::request_id_retention));
/// - a body that can't be sent again, as it was a stream.
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
        let mut refused: Option<Bearer> = None;
        // Boxed, as it is rare: most calls are settled by their first attempt.
        let mut last: Option<Box<Outcome>> = None;
        let mut tries = 0;
        loop {
            let Attempt { outcome, bearer } = match permit::send(state, &mut source, body, refused.as_ref()).await {
                Ok(attempt) => attempt,
                // The outcome before says more than that it can't be bettered.
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
            if decision == Decision::Renew && refused.is_none() && bearer.is_some() {
                refused = bearer.inspect(|bearer| shared.signer.refuse(bearer));
                last = Some(Box::new(outcome));
                continue;
            }
            tries += 1;
            let is_throttled =
                outcome.as_ref().is_ok_and(|response| response.status() == StatusCode::TOO_MANY_REQUESTS);
            if decision != Decision::Again && !is_throttled {
                return outcome;
            }
            let asked = asked_to_wait(state, &outcome);
            let wait = shared.wait_after(tries).max(asked.unwrap_or_default());
            if is_throttled {
                // Nobody of this tenant goes on before. Who isn't told how long to wait, waits as long as may be.
                shared.rate_limiter.close(if asked.is_some() { wait } else { policy.bound(tries) });
            }
            if decision != Decision::Again || tries >= policy.most_attempts() || state.is_too_old(wait) {
                return outcome;
            }
            // Behind a closed gate the next turn is late enough, or is refused as too late.
            if !is_throttled && !state.deadline.allows(wait) {
                return outcome;
            }
            last = Some(Box::new(outcome));
            if !is_throttled {
                tokio::time::sleep(wait).await;
            }
            tracing::debug!(tries, "trying again");
        }
    }
}

/// How long to wait before anything else, as far as that is believed.
fn asked_to_wait(state: &CallState, outcome: &Outcome) -> Option<Duration> {
    let asked = match outcome {
        Ok(response) => retry_after(response.headers(), state.shared.clock.now()),
        Err(error) => error.retry_after(),
    };
    asked.map(|wait| state.shared.retry.bounded(wait))
}
