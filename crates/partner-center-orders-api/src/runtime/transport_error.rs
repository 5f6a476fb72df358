//! Errors of transports.

use std::error::Error as StdError;
use std::fmt;
use std::time::Duration;

use reqwest::StatusCode;
use reqwest::header::HeaderMap;

use crate::Operation;

/// The kind of failure that left a call without a complete response.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TransportErrorKind {
    /// The credential returned no token; nothing was sent.
    Credential,
    /// The request could not be built or may not be sent; nothing was sent.
    Request,
    /// The connection failed; nothing was sent.
    Connect,
    /// The response did not arrive in time.
    Timeout,
    /// The connection broke after the request was sent: before the response, or in the middle of its body.
    Interrupted,
    /// The body is larger than the limit.
    ResponseTooLarge,
    /// The rate limit allows no request before the deadline; this attempt was not sent.
    Throttled,
    /// Anything else.
    Other,
}

impl TransportErrorKind {
    const fn words(self) -> &'static str {
        match self {
            Self::Credential => "no access token",
            Self::Request => "the request can't be sent",
            Self::Connect => "no connection to the service",
            Self::Timeout => "no response in time",
            Self::Interrupted => "the connection broke before the response was complete",
            Self::ResponseTooLarge => "the response is larger than the limit",
            Self::Throttled => "rate limited beyond the deadline",
            Self::Other => "the request failed",
        }
    }
}

/// The reason why no response came, or an incomplete one. It passes through the generated client unchanged.
///
/// It is as small as a pointer, so that results that contain it stay small, too.
pub struct TransportError(Box<Failure>);

struct Failure {
    kind: TransportErrorKind,
    maybe_sent: bool,
    operation: Option<Operation>,
    retry_after: Option<Duration>,
    head: Option<(StatusCode, HeaderMap)>,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

impl TransportError {
    /// Creates an error of this kind.
    ///
    /// ```
    /// use partner_center_orders_api::runtime::{TransportError, TransportErrorKind};
    ///
    /// let error = TransportError::new(TransportErrorKind::Interrupted);
    /// assert!(error.maybe_sent());
    /// assert!(!TransportError::new(TransportErrorKind::Connect).maybe_sent());
    /// ```
    pub fn new(kind: TransportErrorKind) -> Self {
        use TransportErrorKind::{Connect, Credential, Request, Throttled};
        let maybe_sent = !matches!(kind, Credential | Request | Connect | Throttled);
        Self(Box::new(Failure { kind, maybe_sent, operation: None, retry_after: None, head: None, source: None }))
    }

    /// Creates an error of this kind with its cause.
    pub fn with_source(kind: TransportErrorKind, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        let mut error = Self::new(kind);
        error.0.source = Some(source.into());
        error
    }

    /// Sets the operation.
    #[must_use]
    pub fn during(mut self, operation: Operation) -> Self {
        self.0.operation = Some(operation);
        self
    }

    /// Sets whether any attempt may have reached the service, if that doesn't follow from the kind.
    ///
    /// ```
    /// use partner_center_orders_api::runtime::{TransportError, TransportErrorKind};
    ///
    /// let error = TransportError::new(TransportErrorKind::Timeout).with_maybe_sent(false);
    /// assert!(!error.maybe_sent());
    /// ```
    #[must_use]
    pub fn with_maybe_sent(mut self, maybe_sent: bool) -> Self {
        self.0.maybe_sent = maybe_sent;
        self
    }

    /// Sets the delay that the service asked for.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use partner_center_orders_api::runtime::{TransportError, TransportErrorKind};
    ///
    /// let error = TransportError::new(TransportErrorKind::Throttled).with_retry_after(Duration::from_secs(7));
    /// assert_eq!(error.retry_after(), Some(Duration::from_secs(7)));
    /// assert!(error.to_string().contains("7 s"));
    /// ```
    #[must_use]
    pub fn with_retry_after(mut self, delay: Duration) -> Self {
        self.0.retry_after = Some(delay);
        self
    }

    /// Sets status and headers of a response whose body failed.
    ///
    /// ```
    /// use partner_center_orders_api::runtime::{TransportError, TransportErrorKind};
    /// use reqwest::StatusCode;
    /// use reqwest::header::{ETAG, HeaderMap, HeaderValue};
    ///
    /// let headers = HeaderMap::from_iter([(ETAG, HeaderValue::from_static("1"))]);
    /// let error = TransportError::new(TransportErrorKind::Interrupted).with_head(StatusCode::OK, headers);
    /// assert_eq!(error.status(), Some(StatusCode::OK));
    /// assert_eq!(error.headers().map(|headers| &headers[ETAG]), Some(&HeaderValue::from_static("1")));
    /// ```
    #[must_use]
    pub fn with_head(mut self, status: StatusCode, headers: HeaderMap) -> Self {
        self.0.head = Some((status, headers));
        self
    }

    /// The kind of failure.
    pub fn kind(&self) -> TransportErrorKind {
        self.0.kind
    }

    /// Whether the service may have seen the request and acted upon it.
    pub fn maybe_sent(&self) -> bool {
        self.0.maybe_sent
    }

    /// The operation, if it is known.
    pub fn operation(&self) -> Option<Operation> {
        self.0.operation
    }

    /// The delay that the service asked for, if the transport knows it.
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// The HTTP status, if it was the body that failed.
    pub fn status(&self) -> Option<StatusCode> {
        self.0.head.as_ref().map(|(status, _)| *status)
    }

    /// The headers, if it was the body that failed.
    pub fn headers(&self) -> Option<&HeaderMap> {
        self.0.head.as_ref().map(|(_, headers)| headers)
    }
}

/// Shows no headers: not all are meant for logs.
impl fmt::Debug for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TransportError")
            .field("kind", &self.0.kind)
            .field("maybe_sent", &self.0.maybe_sent)
            .field("operation", &self.0.operation)
            .field("retry_after", &self.0.retry_after)
            .field("status", &self.status())
            .field("source", &self.0.source)
            .finish_non_exhaustive()
    }
}

impl fmt::Display for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(operation) = self.0.operation {
            write!(f, "{operation}: ")?;
        }
        f.write_str(self.0.kind.words())?;
        if let Some(delay) = self.0.retry_after.filter(|delay| delay.as_secs() > 0) {
            write!(f, "; retry after {} s", delay.as_secs())?;
        }
        Ok(())
    }
}

impl StdError for TransportError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source.as_deref().map(|source| source as _)
    }
}

impl From<reqwest::Error> for TransportError {
    /// Classifies reqwest's errors. The URL is removed: a query may contain secrets.
    fn from(error: reqwest::Error) -> Self {
        let kind = if error.is_builder() {
            TransportErrorKind::Request
        } else if error.is_timeout() {
            TransportErrorKind::Timeout
        } else if error.is_connect() {
            TransportErrorKind::Connect
        } else if error.is_body() || error.is_decode() || error.is_request() {
            TransportErrorKind::Interrupted
        } else {
            TransportErrorKind::Other
        };
        Self::with_source(kind, error.without_url())
    }
}
