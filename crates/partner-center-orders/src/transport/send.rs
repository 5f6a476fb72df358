use std::fmt;

use partner_center_orders_api::runtime::TransportError;

use crate::BoxFuture;

/// Sends one request and answers with its response, once and without any policy.
///
/// [`reqwest::Client`] is the way over the network. Another implementation may hand requests to a service in memory, or
/// count them.
pub trait SendRequest: fmt::Debug + Send + Sync {
    /// Sends the request. The body of the response may still be on its way.
    fn send(&self, request: reqwest::Request) -> BoxFuture<'_, Result<reqwest::Response, TransportError>>;
}

impl SendRequest for reqwest::Client {
    fn send(&self, request: reqwest::Request) -> BoxFuture<'_, Result<reqwest::Response, TransportError>> {
        Box::pin(async move { self.execute(request).await.map_err(TransportError::from) })
    }
}
