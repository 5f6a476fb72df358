//! The generated client's inner value: the transport, and the options of its calls.

use std::fmt::Debug;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use uuid::Uuid;

use super::{OperationInfo, RawResponse, TransportError};

/// The future that a [`Transport`] returns.
pub type TransportFuture<'a> = Pin<Box<dyn Future<Output = Result<RawResponse, TransportError>> + Send + 'a>>;

/// Sends requests: once, or as often as its policy demands.
///
/// For [`BodyKind::Json`](super::BodyKind::Json) it reads the whole body, so that one that breaks off is a failed attempt:
/// see [`RawResponse::read_whole`].
pub trait Transport: Debug + Send + Sync {
    /// Sends a request and returns the response.
    fn send<'a>(
        &'a self,
        request: reqwest::Request,
        operation: OperationInfo,
        call: &'a CallOptions,
    ) -> TransportFuture<'a>;
}

/// The options of a call.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct CallOptions {
    /// `MS-RequestId`, the service's idempotency key: the same for every attempt of one call. If absent, the transport
    /// generates one.
    pub request_id: Option<Uuid>,
    /// `MS-CorrelationId`, which the calls of one unit of work share.
    pub correlation_id: Option<Uuid>,
    /// `X-Locale`, a language tag such as `en-US`.
    pub locale: Option<String>,
    /// The time that the whole call may take, retries and the delays between them included.
    pub deadline: Option<Duration>,
}

impl CallOptions {
    /// Sets no option.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets `MS-RequestId`.
    #[must_use]
    pub fn request_id(mut self, id: Uuid) -> Self {
        self.request_id = Some(id);
        self
    }

    /// Sets `MS-CorrelationId`.
    #[must_use]
    pub fn correlation_id(mut self, id: Uuid) -> Self {
        self.correlation_id = Some(id);
        self
    }

    /// Sets `X-Locale`.
    #[must_use]
    pub fn locale(mut self, locale: impl Into<String>) -> Self {
        self.locale = Some(locale.into());
        self
    }

    /// Sets the time that the whole call may take.
    #[must_use]
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = Some(deadline);
        self
    }
}

/// A transport that clients share, with the options of this client's calls. Cheap to clone.
#[derive(Clone, Debug)]
pub struct SharedTransport {
    transport: Arc<dyn Transport>,
    call: CallOptions,
}

impl SharedTransport {
    /// Sends through this transport.
    pub fn new(transport: impl Transport + 'static) -> Self {
        Self::shared(Arc::new(transport))
    }

    /// Sends through a transport that other clients use, too.
    pub fn shared(transport: Arc<dyn Transport>) -> Self {
        Self { transport, call: CallOptions::default() }
    }

    /// Returns the same transport with other options.
    #[must_use]
    pub fn with_call(&self, call: CallOptions) -> Self {
        Self { transport: Arc::clone(&self.transport), call }
    }

    /// The options of the calls.
    pub fn call(&self) -> &CallOptions {
        &self.call
    }

    /// Sends a request and returns the response.
    ///
    /// # Errors
    /// When no response came.
    pub fn send(&self, request: reqwest::Request, operation: OperationInfo) -> TransportFuture<'_> {
        self.transport.send(request, operation, &self.call)
    }
}
