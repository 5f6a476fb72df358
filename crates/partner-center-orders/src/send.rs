use std::fmt;
use std::time::Duration;

use partner_center_orders_api::runtime::TransportError;

use crate::BoxFuture;

/// Sends one request, once and without any policy.
///
/// [`reqwest::Client`] sends over the network. Another implementation may pass requests to a service in memory, or count
/// them.
pub trait SendRequest: fmt::Debug + Send + Sync {
    /// Sends the request. The body of the response may not have arrived yet.
    fn send(&self, request: reqwest::Request) -> BoxFuture<'_, Result<reqwest::Response, TransportError>>;

    /// Called when a request that was sent that long ago timed out, in case its connection is to be replaced.
    fn gave_up(&self, after: Duration) {
        let _ = after;
    }
}

impl SendRequest for reqwest::Client {
    fn send(&self, request: reqwest::Request) -> BoxFuture<'_, Result<reqwest::Response, TransportError>> {
        Box::pin(async move { self.execute(request).await.map_err(TransportError::from) })
    }
}
