//! The transport without policies: one attempt per call.

use std::time::Duration;

use reqwest::header::{HeaderName, HeaderValue};

use super::{
    BodyKind, CallOptions, OperationInfo, RawResponse, Transport, TransportError, TransportErrorKind, TransportFuture,
};

/// Sends each request once with a [`reqwest::Client`]: no token, no retries, no rate limit. For tests, and for programs with
/// policies of their own.
///
/// ```
/// use partner_center_orders_api::Client;
/// use partner_center_orders_api::runtime::{HttpTransport, SharedTransport};
///
/// let http = HttpTransport::http_client().build()?;
/// let client = Client::new("http://127.0.0.1:8080/v1", SharedTransport::new(HttpTransport::new(http)));
/// # Ok::<(), reqwest::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct HttpTransport {
    client: reqwest::Client,
    body_limit: usize,
}

impl HttpTransport {
    /// The default limit for bodies that are read whole: 256 MiB.
    pub const BODY_LIMIT: usize = super::raw_response::BODY_LIMIT;

    /// The silence of a connection over HTTP/2 after which a ping is sent, also while no request is in flight.
    const PING_AFTER: Duration = Duration::from_secs(15);

    /// The time limit for the response to a ping.
    const PING_TIMEOUT: Duration = Duration::from_secs(10);

    /// The silence of a connection over HTTP/2 of [`http_client`](Self::http_client) after which it is closed, and its requests
    /// fail: 25 seconds. A peer that is alive responds to pings, however long a request takes.
    pub const SILENCE_LIMIT: Duration = Duration::from_secs(25);

    /// Sends with this client, which should follow no redirects and repeat no request: see [`http_client`](Self::http_client).
    pub fn new(client: reqwest::Client) -> Self {
        Self { client, body_limit: Self::BODY_LIMIT }
    }

    /// Rejects bodies of more than `limit` bytes, unless they are streamed.
    #[must_use]
    pub fn with_body_limit(mut self, limit: usize) -> Self {
        self.body_limit = limit;
        self
    }

    /// Returns the builder of a client that suits this transport: it does nothing on its own.
    ///
    /// It follows no redirects, which would send a token elsewhere, and it repeats no request: that depends on the operation.
    /// Connections over HTTP/2 that died silently are found by pings: see [`SILENCE_LIMIT`](Self::SILENCE_LIMIT).
    ///
    /// With the feature `rustls`, TLS is configured by `TlsSettings`, which includes the crypto provider, and the builder's own
    /// TLS settings (certificates, versions, `http1_only`) have no effect. Building fails if the program installed a crypto
    /// provider that supports no version of TLS.
    pub fn http_client() -> reqwest::ClientBuilder {
        let http =
            reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).retry(reqwest::retry::never());
        let http = http
            .http2_keep_alive_interval(Self::PING_AFTER)
            .http2_keep_alive_timeout(Self::PING_TIMEOUT)
            .http2_keep_alive_while_idle(true);
        #[cfg(feature = "rustls")]
        let http = with_tls(http);
        http
    }
}

#[cfg(feature = "rustls")]
fn with_tls(http: reqwest::ClientBuilder) -> reqwest::ClientBuilder {
    match super::TlsSettings::new().client_config() {
        Ok(config) => http.tls_backend_preconfigured(config),
        // A value that isn't a TLS backend makes `build` return an error.
        Err(error) => http.tls_backend_preconfigured(error),
    }
}

impl Transport for HttpTransport {
    fn send<'a>(
        &'a self,
        mut request: reqwest::Request,
        operation: OperationInfo,
        call: &'a CallOptions,
    ) -> TransportFuture<'a> {
        Box::pin(async move {
            let attempt = async {
                apply(call, &mut request)?;
                let response = self.client.execute(request).await?;
                if operation.body == BodyKind::Stream && response.status().is_success() {
                    Ok(RawResponse::from(response))
                } else {
                    RawResponse::read_whole(response, self.body_limit).await
                }
            };
            attempt.await.map_err(|error: TransportError| error.during(operation.operation))
        })
    }
}

/// Applies the options of a call to its request.
fn apply(call: &CallOptions, request: &mut reqwest::Request) -> Result<(), TransportError> {
    let text = |value: &str| {
        HeaderValue::from_str(value).map_err(|error| TransportError::with_source(TransportErrorKind::Request, error))
    };
    if let Some(id) = call.request_id {
        request.headers_mut().insert(HeaderName::from_static("ms-requestid"), text(&id.to_string())?);
    }
    if let Some(id) = call.correlation_id {
        request.headers_mut().insert(HeaderName::from_static("ms-correlationid"), text(&id.to_string())?);
    }
    if let Some(locale) = &call.locale {
        request.headers_mut().insert(HeaderName::from_static("x-locale"), text(locale)?);
    }
    if call.deadline.is_some() {
        *request.timeout_mut() = call.deadline;
    }
    Ok(())
}
