//! The way from generated calls into the transport.

use reqwest::Method;
use reqwest::header::{CONTENT_LENGTH, HeaderValue};

use super::{OperationInfo, RawResponse, SharedTransport, TransportError, TransportErrorKind};

const NOT_PLAIN: &str = "the base address holds a query, a fragment or credentials";

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
    /// Exchanges a request for a response. One that could have a body and has none says that its length is 0, as the
    /// documented checkout does.
    ///
    /// # Errors
    /// When no response came, or the client's base address holds a query, a fragment or credentials.
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
        // The rest of the address would become part of a query or a host name, and credentials would go along with every call.
        let is_plain = !self.baseurl().contains(['?', '#', '@']);
        let exchange = is_plain.then(|| self.inner().send(request, *info));
        async move {
            match exchange {
                Some(exchange) => exchange.await,
                None => Err(TransportError::with_source(TransportErrorKind::Request, NOT_PLAIN)),
            }
        }
    }
}
