use std::fmt;
use std::time::Duration;

use partner_center_orders_api::runtime::TransportError;

use crate::BoxFuture;

/// Sends one request and answers with its response, once and without any policy.
///
/// [`reqwest::Client`] is the way over the network. Another implementation may hand requests to a service in memory, or
/// count them.
pub trait SendRequest: fmt::Debug + Send + Sync {
    /// Sends the request. The body of the response may still be on its way.
    fn send(&self, request: reqwest::Request) -> BoxFuture<'_, Result<reqwest::Response, TransportError>>;

    /// Is told that a request, sent so long ago, was given up for want of time, in case its connection is to be given up
    /// too.
    fn gave_up(&self, after: Duration) {
        let _ = after;
    }
}

impl SendRequest for reqwest::Client {
    fn send(&self, request: reqwest::Request) -> BoxFuture<'_, Result<reqwest::Response, TransportError>> {
        Box::pin(async move { self.execute(request).await.map_err(TransportError::from) })
    }
}
