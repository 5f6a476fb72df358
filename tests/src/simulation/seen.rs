//! The observations of a client: when it sent requests, until when it had to wait, and what it must not have done.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use http::StatusCode;
use tokio::time::Instant;

use super::lock::lock;

/// The end of the last attempt under a request id.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct LastAttempt {
    /// Whether it ended without a final response: no connection, a broken body, a failure of the service.
    pub(super) failed: bool,
    /// Whether the response had a `Retry-After`.
    pub(super) asked_to_wait: bool,
}

/// The observations of a client.
#[derive(Debug, Default)]
pub(super) struct Seen {
    /// When API requests were sent.
    sends: Vec<Instant>,
    /// When no request may be sent: from when the client knew until when.
    closed: Vec<(Instant, Instant)>,
    /// Until when a call may not be tried again, by request id.
    not_before: HashMap<String, Instant>,
    last: HashMap<String, LastAttempt>,
    renewals_in_flight: u32,
    /// The requests whose caller waits for the response, or still holds it: over a network, connections.
    open_requests: usize,
    /// Attempts that end with authentication count, though no request of them is seen.
    pub(super) authentication_failed: bool,
    /// The observations of the token endpoint.
    pub(super) tokens: Tokens,
    /// The ids of dropped calls whose requests a limiter that ignores drops would send.
    pub(super) swallowed: HashSet<String>,
    pub(super) violations: Vec<String>,
}

/// The observations of the token endpoint.
#[derive(Debug, Default)]
pub(super) struct Tokens {
    /// The transient failures since the last success.
    failures: u32,
    /// Until when no further request may be sent.
    not_before: Option<Instant>,
}

impl Tokens {
    /// Records a transient failure.
    pub(super) fn failed(&mut self, asked: Option<Duration>, now: Instant) {
        self.failures += 1;
        // The client's own backoff doubles with each failure, up to half a minute.
        let own = Duration::from_millis(500) * 2_u32.pow((self.failures - 1).min(6));
        self.not_before = Some(now + asked.unwrap_or_default().max(own.min(Duration::from_secs(30))));
    }
}

impl Seen {
    pub(super) fn last(&self, request_id: &str) -> Option<LastAttempt> {
        self.last.get(request_id).copied()
    }

    /// Whether there may have been attempts without a request: during a `Retry-After`, or for lack of a token.
    pub(super) fn has_hidden_attempts(&self) -> bool {
        !self.closed.is_empty() || self.authentication_failed
    }

    pub(super) fn violations(&self) -> &[String] {
        &self.violations
    }

    pub(super) fn open_requests(&self) -> usize {
        self.open_requests
    }

    pub(super) fn api_requests(&self) -> usize {
        self.sends.len()
    }

    /// When requests were sent, except the first ones.
    pub(super) fn sends_after(&self, first: usize) -> Vec<Instant> {
        self.sends.iter().skip(first).copied().collect()
    }

    /// Discards the request with this id if it is sent.
    pub(super) fn swallow(&mut self, request_id: String) {
        self.swallowed.insert(request_id);
    }

    /// The most requests within any 60 seconds.
    pub(super) fn most_in_a_minute(&self) -> usize {
        let mut first = 0;
        let mut most = 0;
        for (index, sent) in self.sends.iter().enumerate() {
            while *sent - self.sends[first] >= Duration::from_secs(60) {
                first += 1;
            }
            most = most.max(index + 1 - first);
        }
        most
    }

    /// Forgets what a call knew about waiting, because its caller is gone.
    pub(super) fn forget(&mut self, request_id: &str) {
        self.not_before.remove(request_id);
    }

    pub(super) fn request_goes_out(&mut self, id: &str, now: Instant) {
        self.sends.push(now);
        if self.closed.iter().any(|(from, until)| *from < now && now < *until) {
            self.violations.push(format!("a request was sent before the Retry-After of a 429 had passed ({id})"));
        }
        if self.not_before.get(id).is_some_and(|until| now < *until) {
            self.violations.push(format!("a call was retried before its Retry-After had passed ({id})"));
        }
        self.last.insert(id.to_owned(), LastAttempt { failed: true, asked_to_wait: false });
    }

    pub(super) fn token_is_asked_for(&mut self, now: Instant) {
        if self.tokens.not_before.is_some_and(|not_before| now < not_before) {
            let after = self.tokens.failures;
            self.violations
                .push(format!("a token was requested too early, after {after} failures of the token endpoint"));
        }
    }

    /// The client has read all of a response of the token endpoint, or as much as arrived.
    pub(super) fn token_response_read(
        &mut self,
        status: StatusCode,
        asked: Option<Duration>,
        whole: bool,
        now: Instant,
    ) {
        if !whole || status == StatusCode::TOO_MANY_REQUESTS || status.is_server_error() {
            self.tokens.failed(asked.filter(|_| whole), now);
        } else if status.is_success() {
            self.tokens = Tokens::default();
        }
    }

    /// The client has read all of a response, or as much as arrived.
    pub(super) fn response_read(&mut self, id: &str, status: u16, wait: Option<Duration>, whole: bool, now: Instant) {
        if let Some(last) = self.last.get_mut(id) {
            last.failed = !whole || status >= 500 || status == 408;
            last.asked_to_wait = wait.is_some();
        }
        let Some(wait) = wait.filter(|_| whole) else { return };
        if status == 429 {
            self.closed.push((now, now + wait));
        }
        self.not_before.insert(id.to_owned(), now + wait);
    }
}

/// A request and its response, until the client has dropped both.
pub(super) struct OpenRequest(pub(super) Arc<Mutex<Seen>>);

impl OpenRequest {
    pub(super) fn begin(seen: &Arc<Mutex<Seen>>) -> Self {
        lock(seen).open_requests += 1;
        Self(Arc::clone(seen))
    }
}

impl Drop for OpenRequest {
    fn drop(&mut self) {
        lock(&self.0).open_requests -= 1;
    }
}

/// A request to the token endpoint, until its caller has the response or is gone.
pub(super) struct Renewal(Arc<Mutex<Seen>>);

impl Renewal {
    pub(super) fn begin(seen: &Arc<Mutex<Seen>>, path: &str) -> Option<Self> {
        if !path.ends_with("/token") {
            return None;
        }
        let mut notes = lock(seen);
        notes.renewals_in_flight += 1;
        if notes.renewals_in_flight > 1 {
            notes.violations.push("two renewals of one token were in flight at the same time".to_owned());
        }
        Some(Self(Arc::clone(seen)))
    }
}

impl Drop for Renewal {
    fn drop(&mut self) {
        lock(&self.0).renewals_in_flight -= 1;
    }
}
