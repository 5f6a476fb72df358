//! Between client and service: carries requests over, and watches what no client may do.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use fastrand::Rng;
use futures_util::{StreamExt as _, stream};
use http::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue, RETRY_AFTER};
use partner_center_orders::{BoxFuture, Clock, SendRequest, TransportError, TransportErrorKind};
use tokio::time::Instant;

use super::plan::Layer;

const REQUEST_ID: HeaderName = HeaderName::from_static("ms-requestid");

/// How the last attempt under a request id ended.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct LastAttempt {
    /// Whether it ended without a final answer: no connection, a broken body, a failure of the service.
    pub(super) failed: bool,
    /// Whether the service said when to come back.
    pub(super) asked_to_wait: bool,
}

/// What was seen.
#[derive(Debug, Default)]
pub(super) struct Seen {
    /// When API requests went out.
    sends: Vec<Instant>,
    /// When nobody may send anything: from when the client knew until when.
    closed: Vec<(Instant, Instant)>,
    /// Until when a call may not be tried again, by request id.
    not_before: HashMap<String, Instant>,
    last: HashMap<String, LastAttempt>,
    renewals_under_way: u32,
    /// Exchanges of which somebody still waits for the answer, or holds on to it: over a network, connections.
    exchanges_open: usize,
    /// Tries that end with the sign-in count, though no request is seen of them.
    sign_in_failed: bool,
    violations: Vec<String>,
}

impl Seen {
    pub(super) fn last(&self, request_id: &str) -> Option<LastAttempt> {
        self.last.get(request_id).copied()
    }

    /// Whether tries may have gone by of which no request was seen: behind a closed gate, or for want of a token.
    pub(super) fn hid_tries(&self) -> bool {
        !self.closed.is_empty() || self.sign_in_failed
    }

    pub(super) fn violations(&self) -> &[String] {
        &self.violations
    }

    pub(super) fn exchanges_open(&self) -> usize {
        self.exchanges_open
    }

    pub(super) fn api_requests(&self) -> usize {
        self.sends.len()
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

    /// Whoever made the call is gone, and with it what it was told about waiting.
    pub(super) fn forget(&mut self, request_id: &str) {
        self.not_before.remove(request_id);
    }

    fn request_goes_out(&mut self, id: &str, now: Instant) {
        self.sends.push(now);
        if self.closed.iter().any(|(from, until)| *from < now && now < *until) {
            self.violations.push(format!("a request was sent before the Retry-After of a 429 had passed ({id})"));
        }
        if self.not_before.get(id).is_some_and(|until| now < *until) {
            self.violations.push(format!("a call was tried again before its Retry-After had passed ({id})"));
        }
        self.last.insert(id.to_owned(), LastAttempt { failed: true, asked_to_wait: false });
    }

    /// The client has read all of an answer, or of what there was of it.
    fn answer_came(&mut self, id: &str, status: u16, wait: Option<Duration>, whole: bool, now: Instant) {
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

/// The way between client and service. Clones are the same way.
#[derive(Clone)]
pub(super) struct Wire {
    service: Arc<dyn SendRequest>,
    without: Option<Layer>,
    clock: Arc<dyn Clock>,
    seen: Arc<Mutex<Seen>>,
    random: Arc<Mutex<Rng>>,
    unreachable: Arc<Mutex<f64>>,
}

impl fmt::Debug for Wire {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Wire").finish_non_exhaustive()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Wire {
    pub(super) fn new(
        service: impl SendRequest + 'static,
        without: Option<Layer>,
        clock: Arc<dyn Clock>,
        random: Rng,
        unreachable: f64,
    ) -> Self {
        Self {
            service: Arc::new(service),
            without,
            clock,
            seen: Arc::default(),
            random: Arc::new(Mutex::new(random)),
            unreachable: Arc::new(Mutex::new(unreachable)),
        }
    }

    pub(super) fn seen(&self) -> MutexGuard<'_, Seen> {
        lock(&self.seen)
    }

    /// From now on, every request meets a connection.
    pub(super) fn calm_down(&self) {
        *lock(&self.unreachable) = 0.0;
    }

    async fn carry(&self, mut request: reqwest::Request) -> Result<reqwest::Response, TransportError> {
        let url = request.url().clone();
        let is_ours = matches!(url.host_str(), Some("localhost" | "127.0.0.1"));
        let is_api = is_ours && url.path().starts_with("/v1/");
        if request.headers().contains_key(AUTHORIZATION) && !is_api {
            self.seen().violations.push(format!("a token was sent to {url}"));
        }
        if !is_ours || lock(&self.random).f64() < *lock(&self.unreachable) {
            self.seen().sign_in_failed |= is_ours && !is_api;
            return Err(TransportError::new(TransportErrorKind::Connect));
        }
        if !is_api {
            let _renewal = Renewal::begin(&self.seen, url.path());
            let answer = self.service.send(request).await;
            self.seen().sign_in_failed |= !answer.as_ref().is_ok_and(|answer| answer.status().is_success());
            return answer;
        }
        if self.without == Some(Layer::SameId) {
            let mut random = lock(&self.random);
            let fresh = uuid::Builder::from_random_bytes(random.u128(..).to_ne_bytes()).into_uuid();
            if let Ok(fresh) = HeaderValue::try_from(fresh.to_string()) {
                request.headers_mut().insert(REQUEST_ID, fresh);
            }
        }
        let id = text_of(request.headers(), &REQUEST_ID);
        self.seen().request_goes_out(&id, Instant::now());
        let exchange = Exchange::begin(&self.seen);
        let response = self.service.send(request).await?;
        Ok(self.watched(response, id, exchange))
    }

    /// The answer with a watch at the end of its body.
    fn watched(&self, response: reqwest::Response, id: String, exchange: Exchange) -> reqwest::Response {
        let status = response.status().as_u16();
        let headers = response.headers().clone();
        let clock = Arc::clone(&self.clock);
        let told = Arc::new(Mutex::new(false));
        let broken = Arc::clone(&told);
        let response: http::Response<reqwest::Body> = response.into();
        let (mut head, body) = response.into_parts();
        if self.without == Some(Layer::RetryAfter) {
            head.headers.remove(RETRY_AFTER);
        }
        let parts =
            http_body_util::BodyExt::into_data_stream(body).inspect(move |part| *lock(&broken) |= part.is_err());
        let end = stream::poll_fn(move |_| {
            let whole = !*lock(&told);
            let Exchange(seen) = &exchange;
            // The client counts from here, too.
            let wait = asked(&headers, clock.now());
            lock(seen).answer_came(&id, status, wait, whole, Instant::now());
            std::task::Poll::Ready(None)
        });
        http::Response::from_parts(head, reqwest::Body::wrap_stream(parts.chain(end))).into()
    }
}

impl SendRequest for Wire {
    fn send(&self, request: reqwest::Request) -> BoxFuture<'_, Result<reqwest::Response, TransportError>> {
        Box::pin(async move {
            match self.without {
                Some(Layer::EffectAwareRetry) => {
                    let again = request.try_clone();
                    let first = self.carry(request).await;
                    let failed = first.as_ref().map_or(true, |response| response.status().is_server_error());
                    match again.filter(|_| failed) {
                        Some(again) => self.carry(again).await,
                        None => first,
                    }
                }
                Some(Layer::BodyInAttempt) => {
                    let response: http::Response<reqwest::Body> = self.carry(request).await?.into();
                    let (head, body) = response.into_parts();
                    // Whoever reads the body after the attempt takes what came for all that there was.
                    let mut parts = http_body_util::BodyExt::into_data_stream(body);
                    let mut came = Vec::new();
                    while let Some(Ok(part)) = parts.next().await {
                        came.extend_from_slice(&part);
                    }
                    // Behind a break nothing more is asked for: it would break again, without end.
                    Ok(http::Response::from_parts(head, reqwest::Body::from(came)).into())
                }
                _ => self.carry(request).await,
            }
        })
    }
}

/// A request and its answer, until the client has let go of both.
struct Exchange(Arc<Mutex<Seen>>);

impl Exchange {
    fn begin(seen: &Arc<Mutex<Seen>>) -> Self {
        lock(seen).exchanges_open += 1;
        Self(Arc::clone(seen))
    }
}

impl Drop for Exchange {
    fn drop(&mut self) {
        lock(&self.0).exchanges_open -= 1;
    }
}

/// A request to the token endpoint, for as long as anybody waits for it.
struct Renewal(Arc<Mutex<Seen>>);

impl Renewal {
    fn begin(seen: &Arc<Mutex<Seen>>, path: &str) -> Option<Self> {
        if !path.ends_with("/token") {
            return None;
        }
        let mut notes = lock(seen);
        notes.renewals_under_way += 1;
        if notes.renewals_under_way > 1 {
            notes.violations.push("two renewals of one token were under way at once".to_owned());
        }
        Some(Self(Arc::clone(seen)))
    }
}

impl Drop for Renewal {
    fn drop(&mut self) {
        lock(&self.0).renewals_under_way -= 1;
    }
}

fn text_of(headers: &HeaderMap, name: &HeaderName) -> String {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned()
}

/// How long the service asks to wait, by seconds or by a date on the client's clock.
fn asked(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?;
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    httpdate::parse_http_date(text).ok().map(|date| date.duration_since(now).unwrap_or_default())
}
