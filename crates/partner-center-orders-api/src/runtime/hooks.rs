//! The way from generated calls into the transport.

use super::{OperationInfo, Transport, TransportError};

/// What a generated client tells about itself.
pub trait ClientInfo<Inner> {
    /// The version of the contract that the client was generated from.
    fn api_version() -> &'static str;

    /// The address before every path.
    fn baseurl(&self) -> &str;

    /// The client that builds requests.
    fn client(&self) -> &reqwest::Client;

    /// What the client was made with beside its address.
    fn inner(&self) -> &Inner;
}

/// Sends what generated calls have built.
pub trait ClientHooks<Inner>: ClientInfo<Inner> {
    /// Exchanges a request for a response.
    ///
    /// # Errors
    /// When no response came.
    fn exec(
        &self,
        request: reqwest::Request,
        info: &OperationInfo,
    ) -> impl Future<Output = Result<reqwest::Response, TransportError>> + Send;
}

impl<Client: ClientInfo<Transport> + Sync> ClientHooks<Transport> for Client {
    async fn exec(&self, request: reqwest::Request, info: &OperationInfo) -> Result<reqwest::Response, TransportError> {
        self.inner().exchange(request, *info).await
    }
}
