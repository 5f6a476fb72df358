//! The path between client and service: it carries requests, and checks what a client must not do.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, SystemTime};

use fastrand::Rng;
use futures_util::{StreamExt as _, stream};
use http::header::{AUTHORIZATION, DATE, HeaderMap, HeaderName, HeaderValue, RETRY_AFTER};
use http::{Method, StatusCode};
use partner_center_emulator::Clock as ServiceClock;
use partner_center_orders::{BoxFuture, Clock, SendRequest, TransportError, TransportErrorKind};
use tokio::time::Instant;

use super::connection::Connection;
use super::lock::lock;
use super::plan::{Layer, Plan};
use super::seen::{OpenRequest, Renewal, Seen};
use super::writes::Service;

const REQUEST_ID: HeaderName = HeaderName::from_static("ms-requestid");

/// The time for which a write may be sent again under its id: the client's default.
const RETENTION: Duration = Duration::from_secs(10 * 60);

/// The longest staleness of a read. Documented for lists; one cart or order is assumed to be no worse.
const STALENESS: Duration = Duration::from_secs(15 * 60);

/// The state that all clients share: they call one service.
#[derive(Clone, Default)]
pub(super) struct Common {
    /// When a write that may have had its effect without a final response was first sent, by request id and the service's clock.
    open_since: Arc<Mutex<HashMap<String, SystemTime>>>,
    /// The last responses to reads of carts and orders, by address.
    read: Arc<Mutex<HashMap<String, Read>>>,
}

impl Common {
    /// A write is sent that must not have its effect twice; returns whether its id may be forgotten by now.
    fn write_goes_out(&self, id: &str, now: SystemTime) -> bool {
        let first = *lock(&self.open_since).entry(id.to_owned()).or_insert(now);
        now.duration_since(first).is_ok_and(|ago| ago >= RETENTION)
    }

    fn response_read(&self, id: &str, status: u16, whole: bool) {
        if whole && (200..500).contains(&status) && !(300..400).contains(&status) && status != 408 {
            lock(&self.open_since).remove(id);
        }
    }
}

/// The path between one client and the service. Clones are the same path.
#[derive(Clone)]
pub(super) struct Wire {
    service: Service,
    without: Option<Layer>,
    clocks: Clocks,
    seen: Arc<Mutex<Seen>>,
    random: Arc<Mutex<Rng>>,
    odds: Arc<Mutex<Odds>>,
    connection: Connection,
    common: Common,
}

/// Both sides' time of day.
#[derive(Clone)]
pub(super) struct Clocks {
    pub(super) client: Arc<dyn Clock>,
    pub(super) service: ServiceClock,
}

/// The probabilities of failures on the way.
#[derive(Clone, Copy, Debug, Default)]
struct Odds {
    /// A checkout that was sent before is rejected.
    rejection: f64,
    /// A cart or an order is read as it was before.
    stale: f64,
}

/// A response to a read.
#[derive(Clone)]
struct Read {
    at: SystemTime,
    headers: HeaderMap,
    body: Vec<u8>,
}

/// The rejection of a checkout though an earlier one had its effect, or was never processed.
const REJECTIONS: [(u16, &str); 7] = [
    (404, r#"{"code":800008,"description":"On the way.","data":[],"source":"simulated"}"#),
    (403, r#"{"code":800066,"description":"On the way.","data":[],"source":"simulated"}"#),
    (409, r#"{"code":800014,"description":"On the way.","data":[],"source":"simulated"}"#),
    (400, r#"{"code":2000,"description":"On the way.","data":[],"source":"simulated"}"#),
    (400, r#"{"code":800025,"description":"On the way.","data":[],"source":"simulated"}"#),
    (403, "<html>Forbidden</html>"),
    (302, ""),
];

impl fmt::Debug for Wire {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Wire").finish_non_exhaustive()
    }
}

impl Wire {
    pub(super) fn new(service: Service, plan: &Plan, clocks: Clocks, mut random: Rng, common: Common) -> Self {
        let Plan { rejection, stale, .. } = *plan;
        Self {
            service,
            without: plan.options.without,
            clocks,
            seen: Arc::default(),
            connection: Connection::new(plan.odds, random.fork()),
            random: Arc::new(Mutex::new(random)),
            odds: Arc::new(Mutex::new(Odds { rejection, stale })),
            common,
        }
    }

    fn chance(&self, odds: impl FnOnce(&Odds) -> f64) -> bool {
        let odds = odds(&lock(&self.odds));
        odds > 0.0 && lock(&self.random).f64() < odds
    }

    pub(super) fn seen(&self) -> MutexGuard<'_, Seen> {
        lock(&self.seen)
    }

    pub(super) fn connection(&self) -> &Connection {
        &self.connection
    }

    /// From now on, nothing fails on the way.
    pub(super) fn calm_down(&self) {
        *lock(&self.odds) = Odds::default();
        self.connection.calm_down();
    }

    async fn carry(&self, mut request: reqwest::Request) -> Result<reqwest::Response, TransportError> {
        let url = request.url().clone();
        let is_ours = matches!(url.host_str(), Some("localhost" | "127.0.0.1"));
        let is_api = is_ours && url.path().starts_with("/v1/");
        if request.headers().contains_key(AUTHORIZATION) && !is_api {
            self.seen().violations.push(format!("a token was sent to {url}"));
        }
        let asks_for_token = is_ours && url.path().ends_with("/token");
        if asks_for_token {
            self.seen().token_is_asked_for(Instant::now());
        }
        let not_connected = if is_ours {
            self.connection.connect_error()
        } else {
            Some(TransportError::new(TransportErrorKind::Connect))
        };
        if let Some(error) = not_connected {
            let mut seen = self.seen();
            seen.authentication_failed |= is_ours && !is_api;
            if asks_for_token {
                seen.tokens.failed(None, Instant::now());
            }
            return Err(error);
        }
        if !is_api {
            let _renewal = Renewal::begin(&self.seen, url.path());
            let response = self.service.send(request).await;
            let mut seen = self.seen();
            seen.authentication_failed |= !response.as_ref().is_ok_and(|response| response.status().is_success());
            if asks_for_token && response.is_err() {
                seen.tokens.failed(None, Instant::now());
            }
            drop(seen);
            let watched = |response| if asks_for_token { self.token_watched(response) } else { response };
            return response.map(|response| self.redated(watched(response)));
        }
        if self.without == Some(Layer::SameId) {
            let mut random = lock(&self.random);
            let fresh = uuid::Builder::from_random_bytes(random.u128(..).to_ne_bytes()).into_uuid();
            if let Ok(fresh) = HeaderValue::try_from(fresh.to_string()) {
                request.headers_mut().insert(REQUEST_ID, fresh);
            }
        }
        let id = text_of(request.headers(), &REQUEST_ID);
        if self.seen().swallowed.contains(&id) {
            return Ok(local_response(StatusCode::NOT_FOUND, ""));
        }
        let is_checkout = url.path().ends_with("/checkout");
        let was_sent = self.seen().last(&id).is_some();
        self.seen().request_goes_out(&id, Instant::now());
        if [Method::POST, Method::PATCH].contains(request.method()) && !is_checkout {
            let may_be_forgotten = self.common.write_goes_out(&id, self.clocks.service.now().into());
            if may_be_forgotten {
                let promise = format!("a write was sent again under an id that may be forgotten ({id})");
                self.seen().violations.push(promise);
            }
        }
        let open = OpenRequest::begin(&self.seen);
        let response = if is_checkout && was_sent && self.chance(|odds| odds.rejection) {
            self.rejected()
        } else if request.method() == Method::GET && is_one_resource(url.path()) {
            let response = self.connection.send(&self.service, request).await?;
            self.perhaps_stale(url.path(), response).await
        } else {
            self.connection.send(&self.service, request).await?
        };
        Ok(self.redated(self.watched(response, id, open)))
    }

    /// A rejection by something between client and service.
    fn rejected(&self) -> reqwest::Response {
        let (status, body) = REJECTIONS[lock(&self.random).usize(..REJECTIONS.len())];
        local_response(StatusCode::from_u16(status).unwrap_or(StatusCode::FORBIDDEN), body)
    }

    /// The response, or an earlier one of the same address.
    async fn perhaps_stale(&self, path: &str, response: reqwest::Response) -> reqwest::Response {
        let response: http::Response<reqwest::Body> = response.into();
        let (head, body) = response.into_parts();
        if head.status != StatusCode::OK {
            return http::Response::from_parts(head, body).into();
        }
        // A body that breaks off does so for the client, too.
        let mut parts = http_body_util::BodyExt::into_data_stream(body);
        let mut came = Vec::new();
        while let Some(part) = parts.next().await {
            match part {
                Ok(part) => came.push(part),
                Err(error) => {
                    let parts = came.into_iter().map(Ok).chain([Err(error)]);
                    return http::Response::from_parts(head, reqwest::Body::wrap_stream(stream::iter(parts))).into();
                }
            }
        }
        let now: SystemTime = self.clocks.service.now().into();
        let fresh = Read { at: now, headers: head.headers.clone(), body: came.concat() };
        let known = lock(&self.common.read).get(path).cloned();
        let is_recent = |read: &Read| now.duration_since(read.at).is_ok_and(|ago| ago < STALENESS);
        let shown = match known.filter(is_recent) {
            Some(stale) if self.chance(|odds| odds.stale) => stale,
            _ => {
                lock(&self.common.read).insert(path.to_owned(), fresh.clone());
                fresh.clone()
            }
        };
        let mut response = http::Response::new(reqwest::Body::from(shown.body));
        *response.headers_mut() = shown.headers;
        if let Some(date) = fresh.headers.get(DATE) {
            response.headers_mut().insert(DATE, date.clone());
        }
        response.into()
    }

    /// Without the service's dates, the client has its own clock only.
    fn redated(&self, mut response: reqwest::Response) -> reqwest::Response {
        if self.without == Some(Layer::ServiceDate)
            && let Ok(date) = HeaderValue::try_from(httpdate::fmt_http_date(self.clocks.client.now()))
        {
            response.headers_mut().insert(DATE, date);
        }
        response
    }

    /// The token endpoint's response with a watch at the end of its body.
    fn token_watched(&self, response: reqwest::Response) -> reqwest::Response {
        let status = response.status();
        let asked = asked(response.headers(), self.clocks.service.now().into());
        let seen = Arc::clone(&self.seen);
        let mut response = watched_to_its_end(response, move |whole| {
            lock(&seen).token_response_read(status, asked, whole, Instant::now());
        });
        if self.without == Some(Layer::TokenRetryAfter) {
            response.headers_mut().remove(RETRY_AFTER);
        }
        response
    }

    /// The response with a watch at the end of its body.
    fn watched(&self, response: reqwest::Response, id: String, open: OpenRequest) -> reqwest::Response {
        let status = response.status().as_u16();
        let headers = response.headers().clone();
        let clock = self.clocks.service.clone();
        let common = self.common.clone();
        let mut response = watched_to_its_end(response, move |whole| {
            let OpenRequest(seen) = &open;
            // The client counts from here, too.
            let wait = asked(&headers, clock.now().into());
            lock(seen).response_read(&id, status, wait, whole, Instant::now());
            common.response_read(&id, status, whole);
        });
        if self.without == Some(Layer::RetryAfter) {
            response.headers_mut().remove(RETRY_AFTER);
        }
        response
    }
}

impl SendRequest for Wire {
    fn send(&self, request: reqwest::Request) -> BoxFuture<'_, Result<reqwest::Response, TransportError>> {
        Box::pin(async move {
            match self.without {
                Some(Layer::EffectAwareRetry) => {
                    let is_api = request.url().path().starts_with("/v1/");
                    let again = request.try_clone().filter(|_| is_api);
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
                    // A body that is read after the attempt seems complete, however much arrived.
                    let mut parts = http_body_util::BodyExt::into_data_stream(body);
                    let mut came = Vec::new();
                    while let Some(Ok(part)) = parts.next().await {
                        came.extend_from_slice(&part);
                    }
                    // After a break nothing more is read: it would break again, forever.
                    Ok(http::Response::from_parts(head, reqwest::Body::from(came)).into())
                }
                _ => self.carry(request).await,
            }
        })
    }
}

/// The response with a callback at the end of its body, which gets whether the body was complete.
fn watched_to_its_end(response: reqwest::Response, at_end: impl Fn(bool) + Send + Sync + 'static) -> reqwest::Response {
    let is_broken = Arc::new(Mutex::new(false));
    let breaks = Arc::clone(&is_broken);
    let response: http::Response<reqwest::Body> = response.into();
    let (head, body) = response.into_parts();
    let parts = http_body_util::BodyExt::into_data_stream(body).inspect(move |part| *lock(&breaks) |= part.is_err());
    let end = stream::poll_fn(move |_| {
        at_end(!*lock(&is_broken));
        std::task::Poll::Ready(None)
    });
    http::Response::from_parts(head, reqwest::Body::wrap_stream(parts.chain(end))).into()
}

/// A response that doesn't come from the service.
fn local_response(status: StatusCode, body: &'static str) -> reqwest::Response {
    let mut response = http::Response::new(reqwest::Body::from(body));
    *response.status_mut() = status;
    response.into()
}

fn text_of(headers: &HeaderMap, name: &HeaderName) -> String {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned()
}

/// Whether the address is that of one cart or order.
fn is_one_resource(path: &str) -> bool {
    let mut segments = path.rsplit('/');
    segments.next().is_some_and(|id| !id.is_empty()) && matches!(segments.next(), Some("carts" | "orders"))
}

/// The delay in `Retry-After`, from seconds or from a date on the service's clock.
fn asked(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?;
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    // The delay counts from when the response was sent, in whole seconds; it may have taken a while to arrive.
    let sent_at = headers.get(DATE).and_then(|date| httpdate::parse_http_date(date.to_str().ok()?).ok());
    httpdate::parse_http_date(text).ok().map(|date| date.duration_since(sent_at.unwrap_or(now)).unwrap_or_default())
}
