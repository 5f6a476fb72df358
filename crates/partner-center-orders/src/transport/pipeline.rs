//! The layers put together: ids, retry, rate limit, token, attempt.
//!
//! Futures are given on to combinators rather than awaited in functions that take them: an `async fn` keeps what it is given
//! beside what it awaits, so that each layer would double the size of a call, and the time to move it. Requests are boxed,
//! and whatever most calls don't need: a call that fits into a kilobyte is cheap to allocate.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::{Either, ready};
use http::StatusCode;
use partner_center_orders_api::RetryClass;
use partner_center_orders_api::runtime::{
    CallOptions, OperationInfo, RawResponse, Transport, TransportError, TransportErrorKind, TransportFuture,
};
use tokio::time::Instant;
use tracing::Instrument;

use super::attempt::{Limits, attempt, code_of_refusal};
use super::bearer::Signer;
use super::rate_limiter::{Queue, RateLimiter, Turn};
use super::verdict::{self, Verdict};
use super::{Deadline, Ids, RetryPolicy, SendRequest, StandingHeaders, observe, retry_after};
use crate::age::Age;
use crate::clock::{Clock, RandomSource};
use crate::identity::cache::Bearer;
use crate::service_time::ServiceTime;

type Outcome = Result<RawResponse, TransportError>;

/// The most tokens that are asked for on behalf of one attempt.
const MOST_TOKENS: u32 = 3;

/// Everything that calls of one client share.
#[derive(Debug)]
pub(crate) struct Pipeline {
    pub(crate) send: Arc<dyn SendRequest>,
    pub(crate) signer: Signer,
    pub(crate) rate_limiter: RateLimiter,
    pub(crate) retry: RetryPolicy,
    pub(crate) limits: Limits,
    pub(crate) deadline: Option<Duration>,
    pub(crate) headers: StandingHeaders,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) service_time: ServiceTime,
    pub(crate) random_source: Arc<dyn RandomSource>,
    pub(crate) trace_bodies: bool,
}

impl Pipeline {
    /// The wait after so many attempts.
    pub(crate) fn wait_after(&self, attempts: u32) -> Duration {
        self.retry.wait_after(attempts, &*self.random_source)
    }
}

/// What is known of a call beside its answer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CallRecord {
    /// How many requests were sent.
    pub(crate) attempts: u32,
    in_flight: bool,
    unsettled: bool,
    /// Whether it resumes a write that may have been sent before.
    resumes: bool,
    /// How long ago its write was first sent.
    age: Age,
}

impl CallRecord {
    /// Whether the service may have acted without an answer that says so.
    pub(crate) fn is_left_open(self) -> bool {
        self.in_flight || self.unsettled
    }
}

/// The way of one call through the pipeline.
#[derive(Clone)]
pub(crate) struct CallExchange {
    pipeline: Arc<Pipeline>,
    deadline: Deadline,
    record: Arc<Mutex<CallRecord>>,
}

/// An attempt that was made, or failed on its way out.
struct Attempt {
    outcome: Outcome,
    bearer: Option<Bearer>,
}

/// Why an attempt was not made.
enum NotMade {
    /// Its turn comes after the deadline.
    TooLate { wait: Duration },
    /// Its body can't be sent again.
    BodyGone,
    /// The renewed token is the one that was refused.
    SameToken,
    /// The service may have forgotten the write's id by now.
    TooOld,
}

impl From<NotMade> for TransportError {
    fn from(reason: NotMade) -> Self {
        match reason {
            NotMade::TooLate { wait } => Self::new(TransportErrorKind::Throttled).with_retry_after(wait),
            NotMade::BodyGone | NotMade::SameToken => Self::new(TransportErrorKind::Other),
            NotMade::TooOld => Self::with_source(TransportErrorKind::Other, IdMayBeForgotten),
        }
    }
}

/// A write wasn't sent again.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("the service may have forgotten the request id by now, so the write was not sent again")]
struct IdMayBeForgotten;

impl CallExchange {
    /// The way of a call whose write was first sent that long ago, and which resumes it or begins it.
    pub(crate) fn new(pipeline: Arc<Pipeline>, age: Age, resumes: bool, deadline: Deadline) -> Self {
        let record = CallRecord { attempts: 0, in_flight: false, unsettled: false, resumes, age };
        Self { pipeline, deadline, record: Arc::new(Mutex::new(record)) }
    }

    /// What is known of the call so far.
    pub(crate) fn record(&self) -> CallRecord {
        *self.record.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn note<T>(&self, note: impl FnOnce(&mut CallRecord) -> T) -> T {
        note(&mut self.record.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Whether the write may have had its effect under an id that the service may have forgotten when that time has passed:
    /// then it must not be sent. What takes place once anyway is sent, unless it is resumed.
    fn is_too_old(&self, class: RetryClass, wait: Duration) -> bool {
        if class == RetryClass::Read {
            return false;
        }
        let record = self.record();
        let may_double = class != RetryClass::IdempotentWrite && record.is_left_open();
        (record.resumes || may_double)
            && self.pipeline.retry.may_be_forgotten(record.age.most(&*self.pipeline.clock).saturating_add(wait))
    }

    fn run(
        &self,
        mut request: reqwest::Request,
        info: OperationInfo,
        call: &CallOptions,
    ) -> impl Future<Output = Outcome> {
        let pipeline = &*self.pipeline;
        let ids = Ids::of(call, &*pipeline.random_source);
        let span = observe::call_span(info.operation, ids);
        let outcome = match pipeline.headers.write(request.headers_mut(), ids, call) {
            Ok(()) => Either::Left(self.repeat(Some(Box::new(request)), info, self.deadline)),
            Err(error) => Either::Right(ready(Err(error))),
        };
        outcome.instrument(span.clone()).map(move |outcome| {
            let outcome = outcome.map_err(|error| error.during(info.operation));
            observe::call_ended(&span, self.record().attempts, outcome.as_ref());
            outcome
        })
    }

    /// The retry layer: attempts until one settles the call, or no further one may be made.
    #[expect(clippy::manual_async_fn, reason = "an `async fn` would hold the request twice")]
    fn repeat(
        &self,
        mut source: Option<Box<reqwest::Request>>,
        info: OperationInfo,
        deadline: Deadline,
    ) -> impl Future<Output = Outcome> {
        async move {
            let policy = &self.pipeline.retry;
            let class = info.operation.retry_class();
            let mut refused: Option<Bearer> = None;
            // Boxed, as it is rare: most calls are settled by their first attempt.
            let mut last: Option<Box<Outcome>> = None;
            let mut tries = 0;
            loop {
                let Attempt { outcome, bearer } =
                    match self.in_turn(&mut source, info, deadline, refused.as_ref()).await {
                        Ok(attempt) => attempt,
                        // The outcome before says more than that it can't be bettered.
                        Err(not_made) => return last.map_or_else(|| Err(not_made.into()), |last| *last),
                    };
                let (outcome, verdict) = match outcome {
                    Ok(response) => {
                        let code = code_of_refusal(&response);
                        let verdict = verdict::on_answer(response.status(), code, class, policy.writes);
                        (Ok(response), verdict)
                    }
                    Err(error) => {
                        let verdict = verdict::on_failure(&error, class, policy.writes);
                        (Err(error), verdict)
                    }
                };
                if verdict == Verdict::Renew && refused.is_none() && bearer.is_some() {
                    refused = bearer.inspect(|bearer| self.pipeline.signer.refuse(bearer));
                    last = Some(Box::new(outcome));
                    continue;
                }
                tries += 1;
                let is_throttled =
                    outcome.as_ref().is_ok_and(|response| response.status() == StatusCode::TOO_MANY_REQUESTS);
                if verdict != Verdict::Again && !is_throttled {
                    return outcome;
                }
                let asked = self.asked_to_wait(&outcome);
                let wait = self.pipeline.wait_after(tries).max(asked.unwrap_or_default());
                if is_throttled {
                    // Nobody of this tenant goes on before. Who isn't told how long to wait, waits as long as may be.
                    self.pipeline.rate_limiter.close(if asked.is_some() { wait } else { policy.bound(tries) });
                }
                if verdict != Verdict::Again || tries >= policy.max_attempts || self.is_too_old(class, wait) {
                    return outcome;
                }
                // Behind a closed gate the next turn is late enough, or is refused as too late.
                if !is_throttled && !deadline.allows(wait) {
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

    /// The rate limit, the token and the attempt.
    async fn in_turn(
        &self,
        source: &mut Option<Box<reqwest::Request>>,
        info: OperationInfo,
        deadline: Deadline,
        refused: Option<&Bearer>,
    ) -> Result<Attempt, NotMade> {
        let not_sent = |error: TransportError| Ok(Attempt { outcome: Err(error), bearer: None });
        let copy = source.as_ref().and_then(|request| request.try_clone()).map(Box::new);
        let mut request = copy.or_else(|| source.take()).ok_or(NotMade::BodyGone)?;
        let mut waited = Duration::ZERO;
        let mut queue = Queue::Back;
        let mut tokens = 0;
        let bearer = loop {
            // The token comes first: those who waited for one renewal would otherwise go out together, after their turns.
            let bearer = match deadline.bound(self.pipeline.signer.sign(&mut request)).await {
                Some(Ok(bearer)) => bearer,
                Some(Err(error)) => return not_sent(error),
                None => return not_sent(TransportError::new(TransportErrorKind::Timeout).with_maybe_sent(false)),
            };
            tokens += 1;
            // A token that ends while its caller waits is replaced, and the caller is next. The last one is used, whatever
            // the clock says: where tokens don't live as long as a wait takes, the service has the say.
            let serves = || tokens >= MOST_TOKENS || self.pipeline.signer.serves(&bearer);
            let turn = self.pipeline.rate_limiter.turn(deadline, queue, serves).await;
            let Turn { is_taken, waited: wait } = turn.map_err(|late| NotMade::TooLate { wait: late.wait })?;
            waited += wait;
            if is_taken {
                break bearer;
            }
            queue = Queue::Front;
        };
        if refused.is_some_and(|refused| refused.is_same_token(&bearer)) {
            return Err(NotMade::SameToken);
        }
        // Looked at last: renewing the token and waiting for a permit take time.
        if self.is_too_old(info.operation.retry_class(), Duration::ZERO) {
            return Err(NotMade::TooOld);
        }
        let outcome = self.observed_attempt(*request, info, deadline, waited).await;
        Ok(Attempt { outcome, bearer: Some(bearer) })
    }

    fn observed_attempt(
        &self,
        request: reqwest::Request,
        info: OperationInfo,
        deadline: Deadline,
        waited: Duration,
    ) -> impl Future<Output = Outcome> {
        let pipeline = &*self.pipeline;
        let attempts = self.note(|record| {
            record.attempts += 1;
            record.in_flight = true;
            record.attempts
        });
        let span = observe::attempt_span(info.operation, request.url(), attempts, waited);
        let sent_at = Instant::now();
        let sending = span.in_scope(|| {
            observe::address(request.url());
            if pipeline.trace_bodies {
                observe::body(info.operation, "request", request.body().and_then(reqwest::Body::as_bytes));
            }
            attempt(&*pipeline.send, request, sent_at, info.body, deadline, pipeline.limits)
        });
        sending.instrument(span.clone()).map(move |outcome| {
            // A stream is left to the caller, who may be its only reader.
            if pipeline.trace_bodies
                && let Ok(response) = &outcome
            {
                span.in_scope(|| observe::body(info.operation, "response", response.body().map(AsRef::as_ref)));
            }
            observe::attempt_ended(&span, outcome.as_ref());
            if let Ok(response) = &outcome {
                pipeline.service_time.note(response.headers(), sent_at, &*pipeline.clock);
            }
            self.note(|record| {
                record.in_flight = false;
                record.unsettled |= match &outcome {
                    Ok(response) => verdict::leaves_open(response.status()),
                    Err(error) => error.maybe_sent(),
                };
            });
            outcome
        })
    }

    /// How long to wait before anything else, as far as that is believed.
    fn asked_to_wait(&self, outcome: &Outcome) -> Option<Duration> {
        let asked = match outcome {
            Ok(response) => retry_after(response.headers(), self.pipeline.clock.now()),
            Err(error) => error.retry_after(),
        };
        asked.map(|wait| self.pipeline.retry.bounded(wait))
    }
}

/// Gives each exchange a way of its own through the pipeline: for a generated client that makes many calls.
#[derive(Debug)]
pub(crate) struct EachCall(pub(crate) Arc<Pipeline>);

impl Transport for EachCall {
    fn send<'a>(
        &'a self,
        request: reqwest::Request,
        operation: OperationInfo,
        call: &'a CallOptions,
    ) -> TransportFuture<'a> {
        Box::pin(async move {
            let age = Age::zero(&*self.0.clock);
            let deadline = Deadline::after(call.deadline.or(self.0.deadline));
            CallExchange::new(Arc::clone(&self.0), age, false, deadline).run(request, operation, call).await
        })
    }
}

impl Transport for CallExchange {
    fn send<'a>(
        &'a self,
        request: reqwest::Request,
        operation: OperationInfo,
        call: &'a CallOptions,
    ) -> TransportFuture<'a> {
        Box::pin(self.run(request, operation, call))
    }
}

impl fmt::Debug for CallExchange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CallExchange").field("record", &self.record()).finish_non_exhaustive()
    }
}
