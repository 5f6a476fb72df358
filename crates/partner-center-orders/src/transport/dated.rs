use std::sync::Arc;

use partner_center_orders_api::runtime::TransportError;
use tokio::time::Instant;

use crate::BoxFuture;
use crate::clock::Clock;
use crate::send::SendRequest;
use crate::service_time::ServiceTime;

/// Sends requests and keeps the dates of their responses: for authentication, which doesn't pass through the layers.
#[derive(Debug)]
pub(crate) struct Dated {
    pub(crate) send: Arc<dyn SendRequest>,
    pub(crate) service_time: ServiceTime,
    pub(crate) clock: Arc<dyn Clock>,
}

impl SendRequest for Dated {
    fn send(&self, request: reqwest::Request) -> BoxFuture<'_, Result<reqwest::Response, TransportError>> {
        Box::pin(async move {
            let requested_at = Instant::now();
            let response = self.send.send(request).await?;
            self.service_time.note(response.headers(), requested_at, &*self.clock);
            Ok(response)
        })
    }
}
