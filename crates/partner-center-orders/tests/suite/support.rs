//! A fake service in memory, a clock and a random source that tests own.

#![allow(dead_code, reason = "each test uses what it needs")]

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use http::{HeaderMap, Method, StatusCode};
use partner_center_orders::{
    BoxFuture, Clock, PartnerCenter, PartnerCenterBuilder, RandomSource, SendRequest, StaticToken, TransportError, Url,
    Uuid,
};
use tokio::time::Instant;

pub const CUSTOMER: Uuid = Uuid::from_u128(0xb0d7_0a69_4c42_4b27_b17b_91a8_35d8_686a);
pub const BASE_URL: &str = "https://partner.example/v1";
pub const AUTHORITY: &str = "https://login.example";

/// A small complete order as JSON.
pub fn order_json(id: &str) -> String {
    format!(
        r#"{{"id":"{id}","referenceCustomerId":"{CUSTOMER}","billingCycle":"one_time","currencyCode":"USD","lineItems":[{{"lineItemNumber":0,"offerId":"DZH318Z0BQ3Q:001X:DZH318Z08R4Q","quantity":1}}],"creationDate":"2026-01-01T12:00:00.1234567Z","status":"completed","attributes":{{"objectType":"Order"}}}}"#
    )
}

/// A fault as JSON, as the service writes it: with a number.
pub fn fault_json(code: i64) -> String {
    format!(r#"{{"code":{code},"description":"What the service says.","data":[],"source":"PartnerFD"}}"#)
}

/// A request that the service received.
#[derive(Clone, Debug)]
pub struct RecordedRequest {
    pub method: Method,
    pub url: Url,
    pub headers: HeaderMap,
    pub body: String,
    pub at: Duration,
}

impl RecordedRequest {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// A field of the form in the body.
    pub fn field(&self, name: &str) -> Option<String> {
        url::form_urlencoded::parse(self.body.as_bytes())
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.into_owned())
    }

    /// Path and query below the base URL.
    pub fn path(&self) -> String {
        let path = self.url.path().strip_prefix("/v1").unwrap_or(self.url.path());
        self.url.query().map_or_else(|| path.to_owned(), |query| format!("{path}?{query}"))
    }
}

/// A response of the fake service.
pub enum FakeResponse {
    Response(StatusCode, HeaderMap, reqwest::Body),
    Failure(TransportError),
    /// No response at all.
    Never,
}

impl FakeResponse {
    pub fn json(status: u16, body: impl Into<String>) -> Self {
        let headers = HeaderMap::from_iter([(http::header::CONTENT_TYPE, "application/json".parse().unwrap())]);
        Self::Response(StatusCode::from_u16(status).unwrap(), headers, body.into().into())
    }

    pub fn with(mut self, name: &'static str, value: &str) -> Self {
        if let Self::Response(_, headers, _) = &mut self {
            headers.insert(name, value.parse().unwrap());
        }
        self
    }

    /// The same response with a body that arrives after that time.
    pub fn slow(self, time: Duration) -> Self {
        let Self::Response(status, headers, body) = self else { return self };
        let body = bytes::Bytes::copy_from_slice(body.as_bytes().unwrap_or_default());
        let late = async move {
            tokio::time::sleep(time).await;
            Ok::<_, std::io::Error>(body)
        };
        Self::Response(status, headers, reqwest::Body::wrap_stream(futures_util::stream::once(late)))
    }
}

type Respond = Box<dyn FnMut(&RecordedRequest) -> FakeResponse + Send>;

/// A service in memory that responds as a test defines, and records the requests.
#[derive(Clone)]
pub struct FakeService {
    inner: Arc<Mutex<Inner>>,
}

struct Inner {
    begun_at: Instant,
    seen: Vec<RecordedRequest>,
    respond: Respond,
}

impl std::fmt::Debug for FakeService {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("FakeService")
    }
}

impl FakeService {
    pub fn new(respond: impl FnMut(&RecordedRequest) -> FakeResponse + Send + 'static) -> Self {
        let inner = Inner { begun_at: Instant::now(), seen: Vec::new(), respond: Box::new(respond) };
        Self { inner: Arc::new(Mutex::new(inner)) }
    }

    /// A service that gives the responses one after another; a further request fails the test.
    pub fn script(responses: impl IntoIterator<Item = FakeResponse>) -> Self {
        let mut responses: VecDeque<_> = responses.into_iter().collect();
        Self::new(move |seen| {
            responses.pop_front().unwrap_or_else(|| panic!("not expected: {} {}", seen.method, seen.url))
        })
    }

    /// Clears the recorded requests.
    pub fn clear(&self) {
        self.inner.lock().unwrap().seen.clear();
    }

    pub fn seen(&self) -> Vec<RecordedRequest> {
        self.inner.lock().unwrap().seen.clone()
    }
}

impl SendRequest for FakeService {
    fn send(&self, request: reqwest::Request) -> BoxFuture<'_, Result<reqwest::Response, TransportError>> {
        let response = {
            let mut inner = self.inner.lock().unwrap();
            let body = request.body().and_then(reqwest::Body::as_bytes).unwrap_or_default();
            let seen = RecordedRequest {
                method: request.method().clone(),
                url: request.url().clone(),
                headers: request.headers().clone(),
                body: String::from_utf8_lossy(body).into_owned(),
                at: inner.begun_at.elapsed(),
            };
            inner.seen.push(seen.clone());
            (inner.respond)(&seen)
        };
        Box::pin(async move {
            match response {
                FakeResponse::Response(status, headers, body) => {
                    let mut response = http::Response::builder().status(status).body(body).unwrap();
                    *response.headers_mut() = headers;
                    Ok(response.into())
                }
                FakeResponse::Failure(error) => Err(error),
                FakeResponse::Never => std::future::pending().await,
            }
        })
    }
}

/// A clock that follows tokio's paused time.
#[derive(Debug)]
pub struct TestClock {
    begun_at: Instant,
}

/// 2026-01-01T00:00:00Z.
pub const NEW_YEAR: Duration = Duration::from_secs(1_767_225_600);

impl TestClock {
    pub fn new() -> Self {
        Self { begun_at: Instant::now() }
    }
}

impl Clock for TestClock {
    fn now(&self) -> SystemTime {
        UNIX_EPOCH + NEW_YEAR + self.begun_at.elapsed()
    }
}

/// Numbers that are the same in every run, and evenly distributed (`SplitMix64`).
#[derive(Debug, Default)]
pub struct TestRandomSource(AtomicU64);

impl RandomSource for TestRandomSource {
    fn next_u64(&self) -> u64 {
        let mut z = self.0.fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::Relaxed).wrapping_add(0x9e37_79b9_7f4a_7c15);
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}

/// The settings of a client of the fake service, without a credential.
pub fn settings(service: &FakeService) -> PartnerCenterBuilder {
    PartnerCenter::builder()
        .base_url(BASE_URL)
        .authority(AUTHORITY)
        .send_with(service.clone())
        .clock(TestClock::new())
        .random_source(TestRandomSource::default())
}

/// A client of the fake service with a fixed token.
pub fn client(service: &FakeService) -> PartnerCenter {
    settings(service).credential(StaticToken::new("token-1")).build().unwrap()
}
