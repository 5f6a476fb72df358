//! The connection that all requests of one client share, as with HTTP/2: if it breaks, all of them fail.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use fastrand::Rng;
use futures_util::{StreamExt as _, stream};
use partner_center_orders::{SendRequest, TransportError, TransportErrorKind};
use tokio::sync::Notify;

use super::lock::lock;

/// The reasons why no connection is made: nothing was sent.
const UNREACHABLE: [&str; 3] = ["unresolved", "tlsHandshake", "refused"];

/// The names of the kinds of connection faults.
pub const KINDS: [&str; 8] =
    ["unresolved", "tlsHandshake", "refused", "refusedStream", "resetStream", "goAway", "dead", "closed"];

/// A planned break of the connection.
#[derive(Clone, Copy, Debug)]
pub(super) struct Break {
    /// The time since the previous one, or the beginning.
    pub(super) after: Duration,
    /// The silence before it is found dead.
    pub(super) silence: Duration,
}

/// The longest silence that pings allow.
pub(super) const SILENCE: Duration = Duration::from_secs(25);

/// A connection that is followed by another when it breaks.
#[derive(Clone, Debug)]
pub(super) struct Connection {
    shared: Arc<Shared>,
    odds: Arc<Mutex<Odds>>,
    random: Arc<Mutex<Rng>>,
    met: Arc<Mutex<BTreeMap<&'static str, u64>>>,
}

/// The probabilities that one request fails.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Odds {
    /// It has no connection.
    pub(super) unreachable: f64,
    /// The service ends it and keeps the connection.
    pub(super) ended: f64,
}

/// The state of the connection. Requests are woken in the order in which they wait, the same in every run.
#[derive(Debug, Default)]
struct Shared {
    state: Mutex<State>,
    changed: Notify,
}

/// The current connection.
#[derive(Clone, Copy, Debug, Default)]
struct State {
    number: u64,
    is_silent: bool,
    /// The end of the previous one.
    last_end: &'static str,
}

/// The ways in which the service ends a request.
enum Ended {
    /// Before it took place, with `REFUSED_STREAM` or `GOAWAY`.
    Unseen(&'static str),
    /// Without a response, at an unknown point (`RST_STREAM`).
    Somewhere,
}

impl Connection {
    pub(super) fn new(odds: Odds, random: Rng) -> Self {
        let (odds, random) = (Arc::new(Mutex::new(odds)), Arc::new(Mutex::new(random)));
        Self { shared: Arc::default(), odds, random, met: Arc::default() }
    }

    /// The number of faults by kind.
    pub(super) fn met(&self) -> BTreeMap<&'static str, u64> {
        lock(&self.met).clone()
    }

    fn meets(&self, kind: &'static str) {
        *lock(&self.met).entry(kind).or_default() += 1;
    }

    /// The error if no connection is made for a request.
    pub(super) fn connect_error(&self) -> Option<TransportError> {
        let odds = lock(&self.odds).unreachable;
        let mut random = lock(&self.random);
        if odds <= 0.0 || random.f64() >= odds {
            return None;
        }
        let kind = UNREACHABLE[random.usize(..UNREACHABLE.len())];
        self.meets(kind);
        Some(TransportError::with_source(TransportErrorKind::Connect, kind))
    }

    fn ends(&self) -> Option<Ended> {
        let odds = lock(&self.odds).ended;
        let mut random = lock(&self.random);
        if odds <= 0.0 || random.f64() >= odds {
            return None;
        }
        Some(match random.u8(..3) {
            0 => Ended::Unseen("refusedStream"),
            1 => Ended::Unseen("goAway"),
            _ => Ended::Somewhere,
        })
    }

    /// Sends over the connection, which may break before the response is complete.
    pub(super) async fn send(
        &self,
        service: &dyn SendRequest,
        request: reqwest::Request,
    ) -> Result<reqwest::Response, TransportError> {
        let held = Held::new(&self.shared);
        match self.ends() {
            Some(Ended::Unseen(kind)) => {
                self.meets(kind);
                return Err(interrupted(kind));
            }
            Some(Ended::Somewhere) => {
                self.meets("resetStream");
                drop(service.send(request).await);
                return Err(interrupted("resetStream"));
            }
            None => {}
        }
        // Over a silent connection, nothing reaches the other side.
        let is_silent = held.is_silent();
        let response =
            async move { if is_silent { std::future::pending().await } else { service.send(request).await } };
        match held.while_it_lasts(response).await {
            Ok(response) => Ok(self.until_it_breaks(response?, held)),
            Err(kind) => {
                self.meets(kind);
                Err(interrupted(kind))
            }
        }
    }

    /// The response, whose body arrives as long as the connection holds.
    fn until_it_breaks(&self, response: reqwest::Response, over: Held) -> reqwest::Response {
        let response: http::Response<reqwest::Body> = response.into();
        let (head, body) = response.into_parts();
        let parts = http_body_util::BodyExt::into_data_stream(body);
        let met = Arc::clone(&self.met);
        let parts = stream::unfold(Some((parts, over)), move |reading| {
            let met = Arc::clone(&met);
            async move {
                let (mut parts, over) = reading?;
                match over.while_it_lasts(parts.next()).await {
                    Ok(part) => {
                        let part = part?.map_err(|error| Box::new(error) as Box<dyn std::error::Error + Send + Sync>);
                        Some((part, Some((parts, over))))
                    }
                    Err(kind) => {
                        *lock(&met).entry(kind).or_default() += 1;
                        Some((Err(kind.into()), None))
                    }
                }
            }
        });
        http::Response::from_parts(head, reqwest::Body::wrap_stream(parts)).into()
    }

    /// Breaks as planned.
    pub(super) async fn live(self, breaks: Vec<Break>) {
        for Break { after, silence } in breaks {
            tokio::time::sleep(after).await;
            if !silence.is_zero() {
                self.change(|state| state.is_silent = true);
                tokio::time::sleep(silence).await;
            }
            self.end();
        }
    }

    /// Requests in flight fail, and the next request takes another connection.
    fn end(&self) {
        self.change(|state| {
            let last_end = if state.is_silent { "dead" } else { "closed" };
            *state = State { number: state.number + 1, is_silent: false, last_end };
        });
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        change(&mut lock(&self.shared.state));
        self.shared.changed.notify_waiters();
    }

    /// From now on, nothing fails.
    pub(super) fn calm_down(&self) {
        *lock(&self.odds) = Odds::default();
        let is_silent = lock(&self.shared.state).is_silent;
        if is_silent {
            self.end();
        }
    }
}

/// The connection that a request was sent over.
struct Held {
    shared: Arc<Shared>,
    number: u64,
}

impl Held {
    fn new(shared: &Arc<Shared>) -> Self {
        let number = lock(&shared.state).number;
        Self { shared: Arc::clone(shared), number }
    }

    fn is_silent(&self) -> bool {
        lock(&self.shared.state).is_silent
    }

    /// Waits until the connection ends; returns how.
    async fn ends(&self) -> &'static str {
        loop {
            // Subscribes before reading, so that a later change is noticed.
            let changed = self.shared.changed.notified();
            let state = *lock(&self.shared.state);
            if state.number != self.number {
                return state.last_end;
            }
            changed.await;
        }
    }

    /// The result of a request over the connection, or how the connection ended before.
    async fn while_it_lasts<T>(&self, coming: impl Future<Output = T>) -> Result<T, &'static str> {
        let came = tokio::select! {
            biased;
            end = self.ends() => return Err(end),
            came = coming => came,
        };
        // Over a silent connection, nothing arrives.
        if self.is_silent() { Err(self.ends().await) } else { Ok(came) }
    }
}

fn interrupted(kind: &'static str) -> TransportError {
    TransportError::with_source(TransportErrorKind::Interrupted, kind)
}
