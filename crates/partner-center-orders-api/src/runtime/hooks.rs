//! The traits through which generated calls reach the transport.

use reqwest::Method;
use reqwest::header::{CONTENT_LENGTH, HeaderValue};

use super::{OperationInfo, RawResponse, SharedTransport, TransportError, TransportErrorKind};

const NOT_PLAIN: &str = "the base address contains a query, a fragment or credentials";

/// The parts of a generated client.
pub trait ClientInfo<Inner> {
    /// The version of the contract that the client was generated from.
    fn api_version() -> &'static str;

    /// The address that every path is appended to.
    fn baseurl(&self) -> &str;

    /// The client that builds requests.
    fn client(&self) -> &reqwest::Client;

    /// The client's inner value.
    fn inner(&self) -> &Inner;
}

/// Sends the requests that generated calls have built.
pub trait ClientHooks<Inner>: ClientInfo<Inner> {
    /// Sends a request and returns the response. A request that could have a body and has none gets `Content-Length: 0`, as
    /// the documented checkout has it.
    ///
    /// # Errors
    /// When no response came, or the client's base address contains a query, a fragment or credentials.
    fn exec(
        &self,
        request: reqwest::Request,
        info: &OperationInfo,
    ) -> impl Future<Output = Result<RawResponse, TransportError>> + Send;
}

impl<Client: ClientInfo<SharedTransport> + Sync> ClientHooks<SharedTransport> for Client {
    fn exec(
        &self,
        mut request: reqwest::Request,
        info: &OperationInfo,
    ) -> impl Future<Output = Result<RawResponse, TransportError>> + Send {
        if request.body().is_none() && matches!(*request.method(), Method::POST | Method::PUT | Method::PATCH) {
            request.headers_mut().entry(CONTENT_LENGTH).or_insert(HeaderValue::from_static("0"));
        }
        // The rest of the address would become part of a query or a host name, and credentials would be sent with every call.
        let is_plain = !self.baseurl().contains(['?', '#', '@']);
        let response = is_plain.then(|| self.inner().send(request, *info));
        async move {
            match response {
                Some(response) => response.await,
                None => Err(TransportError::with_source(TransportErrorKind::Request, NOT_PLAIN)),
            }
        }
    }
}
