//! Keeps the token that calls share, and renews it.

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

/// A token is renewed this long before its end, or in the last fifth of its life if that is shorter. Our choice.
const AHEAD: Duration = Duration::from_secs(5 * 60);

/// A token is taken for ended this long before it is, as the way to the service takes time. The .NET SDK's choice.
const MARGIN: Duration = Duration::from_secs(30);

/// After a renewal ahead of expiry failed, the next one waits this long: the token at hand still serves.
const HOLD_OFF: Duration = Duration::from_secs(30);

/// Shares one token among all calls.
///
/// At most one renewal is under way, in a task of its own: a caller who gives up waiting doesn't end it, as it may carry
/// a new refresh token.
#[derive(Clone)]
pub(crate) struct TokenCache {
    shared: Arc<Shared>,
}

struct Shared {
    credential: Arc<dyn Credential>,
    sign_in: CredentialContext,
    retry: RetryPolicy,
    /// How long a renewal may take.
    time: Duration,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    current: Option<Kept>,
    renewal: Option<Renewal>,
    hold_off_until: Option<Instant>,
    closed: Option<Closed>,
    /// Renewals that failed since the last one that didn't.
    failures: u32,
    tokens_so_far: u64,
}

/// No token is asked for until then: the last renewal failed for the moment.
struct Closed {
    until: Instant,
    /// What callers are told if it was the sign-in service that said when to come back. Otherwise they wait.
    error: Option<CredentialError>,
}

type Outcome = Result<Bearer, CredentialError>;
type Renewal = Arc<Ending>;

/// How a renewal ends. Those who wait are served in the order in which they came.
#[derive(Default)]
struct Ending {
    end: Mutex<Option<End>>,
    came: Notify,
}

#[derive(Clone)]
enum End {
    With(Outcome),
    /// Its task was dropped, with its runtime or by a panic of the credential.
    Died,
}

impl Ending {
    fn is_over(&self) -> bool {
        self.kept().is_some()
    }

    fn end(&self, end: End) {
        self.kept().get_or_insert(end);
        self.came.notify_waiters();
    }

    fn kept(&self) -> MutexGuard<'_, Option<End>> {
        self.end.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn wait(&self) -> Option<Outcome> {
        loop {
            // Before the look: an end that comes after it is noticed.
            let came = self.came.notified();
            let end = self.kept().clone();
            match end {
                Some(End::With(outcome)) => return Some(outcome),
                Some(End::Died) => return None,
                None => came.await,
            }
        }
    }
}

/// Ends a renewal that dies with its task.
struct Ends(Renewal);

impl Drop for Ends {
    fn drop(&mut self) {
        self.0.end(End::Died);
    }
}

struct Kept {
    bearer: Bearer,
    renew_at: Option<SystemTime>,
    ends_at: Option<SystemTime>,
    stale: bool,
}

/// The `Authorization` header of a token, and which token it was.
#[derive(Clone, Debug)]
pub(crate) struct Bearer {
    pub(crate) header: HeaderValue,
    number: u64,
}

enum Next {
    Serve(Bearer),
    Wait(Renewal),
    /// Nothing is asked for before then.
    Later(Instant),
}

impl TokenCache {
    /// Renewals end after `time`, unless the credential has a limit of its own; after one that failed for the moment, the
    /// next is as far away as `retry` would have the attempts of a call.
    pub(crate) fn new(
        credential: Arc<dyn Credential>,
        sign_in: CredentialContext,
        retry: RetryPolicy,
        time: Duration,
    ) -> Self {
        let time = credential.time_limit().unwrap_or(time);
        Self { shared: Arc::new(Shared { credential, sign_in, retry, time, state: Mutex::default() }) }
    }

    /// A token that is good now.
    pub(crate) fn bearer(&self) -> impl Future<Output = Outcome> {
        match self.next() {
            Ok(Next::Serve(bearer)) => Either::Left(ready(Ok(bearer))),
            Ok(next) => Either::Right(Box::pin(self.waited(next))),
            Err(error) => Either::Left(ready(Err(error))),
        }
    }

    /// What comes of a renewal that is under way, or is to begin.
    async fn waited(&self, mut next: Next) -> Outcome {
        loop {
            match next {
                Next::Serve(bearer) => return Ok(bearer),
                Next::Wait(renewal) => return self.renewed(renewal).await,
                Next::Later(until) => tokio::time::sleep_until(until).await,
            }
            next = self.next()?;
        }
    }

    /// What comes of a renewal. It dies without an outcome if its runtime ends or the credential panics: one more try, then
    /// give up.
    async fn renewed(&self, renewal: Renewal) -> Outcome {
        if let Some(outcome) = renewal.wait().await {
            return outcome;
        }
        let outcome = match self.next()? {
            Next::Serve(bearer) => return Ok(bearer),
            Next::Wait(renewal) => renewal.wait().await,
            Next::Later(_) => None,
        };
        outcome.unwrap_or_else(|| {
            let what = "the renewal of the token ended without an outcome";
            Err(CredentialError::new(CredentialErrorKind::Other, what))
        })
    }

    /// Says that the service refused that token. The next caller gets another one.
    pub(crate) fn refuse(&self, refused: &Bearer) {
        if let Some(kept) = self.shared.state().current.as_mut().filter(|kept| kept.bearer.number == refused.number) {
            kept.stale = true;
        }
    }

    /// Lets the next caller who needs a token ask for one, whatever was said about coming back.
    pub(crate) fn reopen(&self) {
        let mut state = self.shared.state();
        state.closed = None;
        state.hold_off_until = None;
        state.failures = 0;
    }

    /// Whether that token would be given out now, without a wait.
    pub(crate) fn serves(&self, bearer: &Bearer) -> bool {
        let now = self.shared.sign_in.now();
        let state = self.shared.state();
        state.current.as_ref().is_some_and(|kept| {
            kept.bearer.number == bearer.number && !kept.stale && kept.ends_at.is_none_or(|ends_at| now < ends_at)
        })
    }

    fn next(&self) -> Result<Next, CredentialError> {
        let now = self.shared.sign_in.now();
        let mut state = self.shared.state();
        let serves =
            state.current.as_ref().filter(|kept| !kept.stale && kept.ends_at.is_none_or(|ends_at| now < ends_at));
        let Some(kept) = serves else {
            // No renewal is under way then: each holds the next one back for at least as long.
            if let Some(closed) = state.closed.as_ref().filter(|closed| Instant::now() < closed.until) {
                return closed.next();
            }
            return Ok(Next::Wait(self.renewal(&mut state)?));
        };

        let bearer = kept.bearer.clone();
        let due = kept.renew_at.is_some_and(|renew_at| now >= renew_at);
        let held_off = state.hold_off_until.is_some_and(|until| Instant::now() < until);
        if due && !held_off {
            self.renewal(&mut state)?;
        }
        Ok(Next::Serve(bearer))
    }

    /// The renewal under way, or a new one.
    fn renewal(&self, state: &mut State) -> Result<Renewal, CredentialError> {
        if let Some(renewal) = state.renewal.as_ref().filter(|renewal| !renewal.is_over()) {
            return Ok(Arc::clone(renewal));
        }
        let runtime = tokio::runtime::Handle::try_current()
            .map_err(|error| CredentialError::caused(CredentialErrorKind::Configuration, "no tokio runtime", error))?;
        let renewal = Renewal::default();
        state.renewal = Some(Arc::clone(&renewal));
        let ends = Ends(Arc::clone(&renewal));
        let shared = Arc::clone(&self.shared);
        runtime.spawn(async move {
            let outcome = shared.renew().await;
            ends.0.end(End::With(outcome));
        });
        Ok(renewal)
    }
}

impl Closed {
    /// What becomes of a caller who comes before the time.
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
        let asked_at = self.sign_in.now();
        let answer = tokio::time::timeout(self.time, self.credential.access_token(&self.sign_in)).await;
        let answer = answer.unwrap_or_else(|_| {
            let what = format!("the credential gave no token within {} seconds", self.time.as_secs_f64());
            Err(CredentialError::new(CredentialErrorKind::Timeout, what))
        });
        let mut state = self.state();
        state.renewal = None;
        match answer.and_then(|token| self.keep(&mut state, &token, asked_at)) {
            Ok(bearer) => {
                state.hold_off_until = None;
                state.closed = None;
                state.failures = 0;
                tracing::debug!("got a new access token");
                Ok(bearer)
            }
            Err(error) => {
                tracing::warn!(error = %error, "got no new access token");
                Err(self.close(&mut state, error))
            }
        }
    }

    /// Holds back the renewals after one that failed; gives the error with the time.
    fn close(&self, state: &mut State, error: CredentialError) -> CredentialError {
        state.failures = state.failures.saturating_add(1);
        let asked = error.retry_after().map(|asked| self.retry.bounded(asked));
        // Longer with each failure in a row. Otherwise as many requests would follow as there are calls.
        let wait = asked.unwrap_or_default().max(self.retry.bound(state.failures));
        let now = Instant::now();
        state.hold_off_until = now.checked_add(wait.max(HOLD_OFF));
        let Some(until) = now.checked_add(wait).filter(|_| error.is_transient()) else { return error };
        let error = if asked.is_some() { error.with_retry_after(wait) } else { error };
        state.closed = Some(Closed { until, error: asked.map(|_| error.clone()) });
        error
    }

    fn keep(&self, state: &mut State, token: &AccessToken, asked_at: SystemTime) -> Outcome {
        let limit = self.sign_in.token_limit;
        if token.secret.expose_secret().len() > limit {
            let what = format!("the token is longer than {limit} bytes");
            return Err(CredentialError::new(CredentialErrorKind::InvalidResponse, what));
        }
        let mut header = HeaderValue::try_from(format!("Bearer {}", token.secret.expose_secret())).map_err(|_| {
            CredentialError::new(
                CredentialErrorKind::InvalidResponse,
                "the token holds characters that no header may hold",
            )
        })?;
        header.set_sensitive(true);
        state.tokens_so_far += 1;
        let bearer = Bearer { header, number: state.tokens_so_far };
        let (renew_at, ends_at) = match token.expires_at {
            None => (None, None),
            Some(expires_at) => {
                let lifetime = expires_at.duration_since(asked_at).unwrap_or_default();
                let ahead = AHEAD.min(lifetime / 5);
                // Spread over machines that started together.
                let spread = ahead.mul_f64(clock::fraction(&*self.sign_in.random_source) / 4.0);
                (expires_at.checked_sub(ahead + spread), expires_at.checked_sub(MARGIN.min(lifetime / 10)))
            }
        };
        state.current = Some(Kept { bearer: bearer.clone(), renew_at, ends_at, stale: false });
        Ok(bearer)
    }
}

impl Bearer {
    /// Whether this is the very same token text.
    pub(crate) fn is_same_token(&self, other: &Self) -> bool {
        self.header == other.header
    }
}

impl fmt::Debug for TokenCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenCache").field("credential", &self.shared.credential).finish_non_exhaustive()
    }
}
