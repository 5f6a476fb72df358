//! Writes that the service may be processing, whether or not a caller still waits for them.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use http::Method;
use partner_center_orders::{BoxFuture, SendRequest, TransportError};
use tokio::time::Instant;

/// The service, with a count of the writes that it is processing.
#[derive(Clone, Debug)]
pub(super) struct Service {
    send: Arc<dyn SendRequest>,
    writes: Arc<Mutex<Writes>>,
    /// The longest time that it processes one.
    longest: Duration,
}

#[derive(Debug, Default)]
struct Writes {
    in_flight: usize,
    /// Until when the service may be processing a write whose caller is gone.
    perhaps_until: Option<Instant>,
}

impl Service {
    pub(super) fn new(send: impl SendRequest + 'static, longest: Duration) -> Self {
        Self { send: Arc::new(send), writes: Arc::default(), longest }
    }

    /// Returns when no write can be in flight.
    pub(super) async fn rests(&self) {
        loop {
            let is_at_rest = {
                let writes = self.writes();
                writes.in_flight == 0 && writes.perhaps_until.is_none_or(|until| until <= Instant::now())
            };
            if is_at_rest {
                return;
            }
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    }

    fn writes(&self) -> MutexGuard<'_, Writes> {
        self.writes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl SendRequest for Service {
    fn send(&self, request: reqwest::Request) -> BoxFuture<'_, Result<reqwest::Response, TransportError>> {
        if request.method() == Method::GET {
            return self.send.send(request);
        }
        Box::pin(async move {
            let mut write = Write::begin(self);
            let response = self.send.send(request).await;
            write.has_response = true;
            response
        })
    }
}

/// A write, until its response has arrived or its caller is gone.
struct Write<'a> {
    service: &'a Service,
    has_response: bool,
}

impl<'a> Write<'a> {
    fn begin(service: &'a Service) -> Self {
        service.writes().in_flight += 1;
        Self { service, has_response: false }
    }
}

impl Drop for Write<'_> {
    fn drop(&mut self) {
        let mut writes = self.service.writes();
        writes.in_flight -= 1;
        if !self.has_response {
            writes.perhaps_until = writes.perhaps_until.max(Some(Instant::now() + self.service.longest));
        }
    }
}
