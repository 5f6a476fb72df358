//! The token that calls share, and its renewal.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use futures_util::future::{Either, ready};
use http::HeaderValue;
use secrecy::ExposeSecret;
use tokio::sync::Notify;
use tokio::time::Instant;

use super::{AccessToken, Credential, CredentialContext, CredentialError, CredentialErrorKind};
use crate::clock;
use crate::retry_policy::RetryPolicy;

/// A token is renewed this long before it expires, or in the last fifth of its life if that is shorter. Our choice.
const AHEAD: Duration = Duration::from_secs(5 * 60);

/// A token counts as expired this long before it is, as requests take time. The .NET SDK's choice.
const MARGIN: Duration = Duration::from_secs(30);

/// The delay after a failed renewal ahead of expiry: the current token is still valid.
const HOLD_OFF: Duration = Duration::from_secs(30);

/// Shares one token among all calls.
///
/// At most one renewal runs at a time, in a task of its own: a caller that gives up waiting doesn't end it, as it may return a
/// new refresh token.
#[derive(Clone)]
pub(crate) struct TokenCache {
    shared: Arc<Shared>,
}

struct Shared {
    credential: Arc<dyn Credential>,
    context: CredentialContext,
    retry: RetryPolicy,
    /// The time limit of a renewal.
    time: Duration,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    current: Option<CurrentToken>,
    renewal: Option<Renewal>,
    hold_off_until: Option<Instant>,
    closed: Option<Closed>,
    /// Renewals that failed since the last one that didn't.
    failures: u32,
    tokens_issued: u64,
}

/// No token is requested until then: the last renewal failed with a transient error.
struct Closed {
    until: Instant,
    /// The callers' error if the identity platform said when to come back. Otherwise they wait.
    error: Option<CredentialError>,
}

type Outcome = Result<Bearer, CredentialError>;
type Renewal = Arc<Ending>;

/// The end of a renewal, which callers wait for in the order in which they came.
#[derive(Default)]
struct Ending {
    end: Mutex<Option<End>>,
    ended: Notify,
}

#[derive(Clone)]
enum End {
    With(Outcome),
    /// Its task was dropped, with its runtime or by a panic of the credential.
    Aborted,
}

impl Ending {
    fn is_over(&self) -> bool {
        self.lock().is_some()
    }

    fn end(&self, end: End) {
        self.lock().get_or_insert(end);
        self.ended.notify_waiters();
    }

    fn lock(&self) -> MutexGuard<'_, Option<End>> {
        self.end.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn wait(&self) -> Option<Outcome> {
        loop {
            // Created before the check, so that an end after it is noticed.
            let ended = self.ended.notified();
            let end = self.lock().clone();
            match end {
                Some(End::With(outcome)) => return Some(outcome),
                Some(End::Aborted) => return None,
                None => ended.await,
            }
        }
    }
}

/// Ends a renewal when its task is dropped.
struct EndOnDrop(Renewal);

impl Drop for EndOnDrop {
    fn drop(&mut self) {
        self.0.end(End::Aborted);
    }
}

struct CurrentToken {
    bearer: Bearer,
    renew_at: Option<SystemTime>,
    expires_at: Option<SystemTime>,
    is_rejected: bool,
}

/// The `Authorization` header of a token, and the token's number.
#[derive(Clone, Debug)]
pub(crate) struct Bearer {
    pub(crate) header: HeaderValue,
    number: u64,
}

/// The next step to a token.
enum Next {
    Use(Bearer),
    Wait(Renewal),
    /// No token is requested before then.
    Later(Instant),
}

impl TokenCache {
    /// Renewals end after `time`, unless the credential has a limit of its own; after a transient error, the next one is
    /// delayed by the backoff of `retry`.
    pub(crate) fn new(
        credential: Arc<dyn Credential>,
        context: CredentialContext,
        retry: RetryPolicy,
        time: Duration,
    ) -> Self {
        let time = credential.time_limit().unwrap_or(time);
        Self { shared: Arc::new(Shared { credential, context, retry, time, state: Mutex::default() }) }
    }

    /// Returns a token that is valid now.
    pub(crate) fn bearer(&self) -> impl Future<Output = Outcome> {
        match self.next() {
            Ok(Next::Use(bearer)) => Either::Left(ready(Ok(bearer))),
            Ok(next) => Either::Right(Box::pin(self.wait(next))),
            Err(error) => Either::Left(ready(Err(error))),
        }
    }

    /// Waits for a renewal that is running, or is about to begin.
    async fn wait(&self, mut next: Next) -> Outcome {
        loop {
            match next {
                Next::Use(bearer) => return Ok(bearer),
                Next::Wait(renewal) => return self.outcome(renewal).await,
                Next::Later(until) => tokio::time::sleep_until(until).await,
            }
            next = self.next()?;
        }
    }

    /// Returns the outcome of a renewal. It has none if its runtime ends or the credential panics: then there is one more
    /// attempt.
    async fn outcome(&self, renewal: Renewal) -> Outcome {
        if let Some(outcome) = renewal.wait().await {
            return outcome;
        }
        let outcome = match self.next()? {
            Next::Use(bearer) => return Ok(bearer),
            Next::Wait(renewal) => renewal.wait().await,
            Next::Later(_) => None,
        };
        outcome.unwrap_or_else(|| {
            let message = "the renewal of the token ended without an outcome";
            Err(CredentialError::new(CredentialErrorKind::Other, message))
        })
    }

    /// Marks the token as rejected by the service. The next caller gets another one.
    pub(crate) fn reject(&self, rejected: &Bearer) {
        if let Some(current) =
            self.shared.state().current.as_mut().filter(|current| current.bearer.number == rejected.number)
        {
            current.is_rejected = true;
        }
    }

    /// Lets the next caller that needs a token request one, in spite of a `Retry-After`.
    pub(crate) fn reopen(&self) {
        let mut state = self.shared.state();
        state.closed = None;
        state.hold_off_until = None;
        state.failures = 0;
    }

    /// Whether that token would be returned now, without a wait.
    pub(crate) fn serves(&self, bearer: &Bearer) -> bool {
        let now = self.shared.context.now();
        let state = self.shared.state();
        state.current.as_ref().is_some_and(|current| {
            current.bearer.number == bearer.number
                && !current.is_rejected
                && current.expires_at.is_none_or(|expires_at| now < expires_at)
        })
    }

    fn next(&self) -> Result<Next, CredentialError> {
        let now = self.shared.context.now();
        let mut state = self.shared.state();
        let valid = state
            .current
            .as_ref()
            .filter(|current| !current.is_rejected && current.expires_at.is_none_or(|expires_at| now < expires_at));
        let Some(current) = valid else {
            // No renewal runs then: each delays the next one for at least as long.
            if let Some(closed) = state.closed.as_ref().filter(|closed| Instant::now() < closed.until) {
                return closed.next();
            }
            return Ok(Next::Wait(self.renewal(&mut state)?));
        };

        let bearer = current.bearer.clone();
        let is_due = current.renew_at.is_some_and(|renew_at| now >= renew_at);
        let is_held_off = state.hold_off_until.is_some_and(|until| Instant::now() < until);
        if is_due && !is_held_off {
            self.renewal(&mut state)?;
        }
        Ok(Next::Use(bearer))
    }

    /// The running renewal, or a new one.
    fn renewal(&self, state: &mut State) -> Result<Renewal, CredentialError> {
        if let Some(renewal) = state.renewal.as_ref().filter(|renewal| !renewal.is_over()) {
            return Ok(Arc::clone(renewal));
        }
        let runtime = tokio::runtime::Handle::try_current().map_err(|error| {
            CredentialError::with_source(CredentialErrorKind::Configuration, "no tokio runtime", error)
        })?;
        let renewal = Renewal::default();
        state.renewal = Some(Arc::clone(&renewal));
        let end_on_drop = EndOnDrop(Arc::clone(&renewal));
        let shared = Arc::clone(&self.shared);
        runtime.spawn(async move {
            let outcome = shared.renew().await;
            end_on_drop.0.end(End::With(outcome));
        });
        Ok(renewal)
    }
}

impl Closed {
    /// The next step of a caller that comes before the time.
    fn next(&self) -> Result<Next, CredentialError> {
        match &self.error {
            Some(error) => Err(error.clone().with_retry_after(self.until.duration_since(Instant::now()))),
            None => Ok(Next::Later(self.until)),
        }
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn renew(&self) -> Outcome {
        let requested_at = self.context.now();
        let token = tokio::time::timeout(self.time, self.credential.access_token(&self.context)).await;
        let token = token.unwrap_or_else(|_| {
            let message = format!("the credential returned no token within {} seconds", self.time.as_secs_f64());
            Err(CredentialError::new(CredentialErrorKind::Timeout, message))
        });
        let mut state = self.state();
        state.renewal = None;
        match token.and_then(|token| self.keep(&mut state, &token, requested_at)) {
            Ok(bearer) => {
                state.hold_off_until = None;
                state.closed = None;
                state.failures = 0;
                tracing::debug!("obtained a new access token");
                Ok(bearer)
            }
            Err(error) => {
                tracing::warn!(error = %error.chain(), "could not obtain a new access token");
                Err(self.close(&mut state, error))
            }
        }
    }

    /// Delays the renewals after one that failed; returns the error with the delay.
    fn close(&self, state: &mut State, error: CredentialError) -> CredentialError {
        state.failures = state.failures.saturating_add(1);
        let asked = error.retry_after().map(|asked| self.retry.bounded(asked));
        // Longer with each failure in a row: otherwise there would be as many requests as there are calls.
        let delay = asked.unwrap_or_default().max(self.retry.bound(state.failures));
        let now = Instant::now();
        state.hold_off_until = now.checked_add(delay.max(HOLD_OFF));
        let Some(until) = now.checked_add(delay).filter(|_| error.is_transient()) else { return error };
        let error = if asked.is_some() { error.with_retry_after(delay) } else { error };
        state.closed = Some(Closed { until, error: asked.map(|_| error.clone()) });
        error
    }

    fn keep(&self, state: &mut State, token: &AccessToken, requested_at: SystemTime) -> Outcome {
        let limit = self.context.token_limit;
        if token.secret.expose_secret().len() > limit {
            let message = format!("the token is longer than {limit} bytes");
            return Err(CredentialError::new(CredentialErrorKind::InvalidResponse, message));
        }
        let mut header = HeaderValue::try_from(format!("Bearer {}", token.secret.expose_secret())).map_err(|_| {
            CredentialError::new(
                CredentialErrorKind::InvalidResponse,
                "the token contains characters that a header can't have",
            )
        })?;
        header.set_sensitive(true);
        state.tokens_issued += 1;
        let bearer = Bearer { header, number: state.tokens_issued };
        let (renew_at, expires_at) = match token.expires_at {
            None => (None, None),
            Some(expires_at) => {
                let lifetime = expires_at.duration_since(requested_at).unwrap_or_default();
                let ahead = AHEAD.min(lifetime / 5);
                // Spread over machines that started together.
                let spread = ahead.mul_f64(clock::fraction(&*self.context.random_source) / 4.0);
                (expires_at.checked_sub(ahead + spread), expires_at.checked_sub(MARGIN.min(lifetime / 10)))
            }
        };
        state.current = Some(CurrentToken { bearer: bearer.clone(), renew_at, expires_at, is_rejected: false });
        Ok(bearer)
    }
}

impl Bearer {
    /// Whether both have the same token.
    pub(crate) fn is_same_token(&self, other: &Self) -> bool {
        self.header == other.header
    }
}

impl fmt::Debug for TokenCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenCache").field("credential", &self.shared.credential).finish_non_exhaustive()
    }
}
