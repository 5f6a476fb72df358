//! A client whose responses come from memory, on a clock that never waits.

use std::fmt;
use std::future::Future;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use partner_center_orders::{
    BoxFuture, Clock, PartnerCenter, PartnerCenterBuilder, RandomSource, SendRequest, StaticToken, TransportError, Uuid,
};
use tokio::time::Instant;

pub(crate) const BASE_URL: &str = "https://partner.example/v1";
pub(crate) const CUSTOMER: Uuid = Uuid::from_u128(0xb0d7_0a69_4c42_4b27_b17b_91a8_35d8_686a);

/// A request, and when it was sent.
pub(crate) struct Seen {
    pub(crate) request: reqwest::Request,
    pub(crate) at: Instant,
}

type Respond = dyn Fn(usize) -> http::Response<Vec<u8>> + Send + Sync;

/// Responds to the first request, the second, and so on.
#[derive(Clone)]
pub(crate) struct Service {
    respond: Arc<Respond>,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Service {
    pub(crate) fn new(respond: impl Fn(usize) -> http::Response<Vec<u8>> + Send + Sync + 'static) -> Self {
        Self { respond: Arc::new(respond), seen: Arc::default() }
    }

    pub(crate) fn seen(&self) -> Vec<Seen> {
        std::mem::take(&mut self.seen.lock().expect("nothing panics while it is held"))
    }

    pub(crate) fn client(&self) -> PartnerCenterBuilder {
        PartnerCenter::builder()
            .base_url(BASE_URL)
            .authority("https://login.example")
            .credential(StaticToken::new("secret"))
            .send_with(self.clone())
            .clock(Fixed)
            .random_source(Fixed)
    }
}

impl fmt::Debug for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Service")
    }
}

impl SendRequest for Service {
    fn send(&self, request: reqwest::Request) -> BoxFuture<'_, Result<reqwest::Response, TransportError>> {
        let mut seen = self.seen.lock().expect("nothing panics while it is held");
        seen.push(Seen { request, at: Instant::now() });
        let response = (self.respond)(seen.len() - 1);
        Box::pin(async move { Ok(response.map(reqwest::Body::from).into()) })
    }
}

/// A clock and a random source that are the same in every run.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fixed;

/// 1994-11-06T08:49:37Z, which is HTTP's own example of a date.
pub(crate) const NOW: Duration = Duration::from_secs(784_111_777);

impl Clock for Fixed {
    fn now(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + NOW
    }
}

impl RandomSource for Fixed {
    fn next_u64(&self) -> u64 {
        0x9e37_79b9_7f4a_7c15
    }
}

/// Runs to the end; delays take no time.
pub(crate) fn run<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .expect("a runtime without a network needs nothing that could lack")
        .block_on(work)
}

pub(crate) fn response(status: u16, body: &str) -> http::Response<Vec<u8>> {
    let mut response = http::Response::new(body.as_bytes().to_vec());
    *response.status_mut() = http::StatusCode::from_u16(status).expect("a status");
    response.headers_mut().insert("content-type", http::HeaderValue::from_static("application/json"));
    response
}
