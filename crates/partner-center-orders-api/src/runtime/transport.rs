//! The generated client's inner value: who sends, and how this one call wants to be sent.

use std::fmt::Debug;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use uuid::Uuid;

use super::{OperationInfo, RawResponse, TransportError};

/// What an [`Transport`] answers with.
pub type TransportFuture<'a> = Pin<Box<dyn Future<Output = Result<RawResponse, TransportError>> + Send + 'a>>;

/// Sends requests: once, or by a policy of its own.
///
/// For [`BodyKind::Json`](super::BodyKind::Json) it reads the whole body, so that one that breaks off is a failed attempt:
/// see [`RawResponse::read_whole`].
pub trait Transport: Debug + Send + Sync {
    /// Exchanges a request for a response.
    fn send<'a>(
        &'a self,
        request: reqwest::Request,
        operation: OperationInfo,
        call: &'a CallOptions,
    ) -> TransportFuture<'a>;
}

/// How one call wants to be sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct CallOptions {
    /// `MS-RequestId`, the service's idempotency key: the same for every attempt of one call. Whoever sends makes one if
    /// there is none.
    pub request_id: Option<Uuid>,
    /// `MS-CorrelationId`, which ties the calls of one piece of work together.
    pub correlation_id: Option<Uuid>,
    /// `X-Locale`, a language tag such as `en-US`.
    pub locale: Option<String>,
    /// The time that the whole call may take, waits and repeats included.
    pub deadline: Option<Duration>,
}

impl CallOptions {
    /// No wishes.
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

    /// Bounds the time that the whole call may take.
    #[must_use]
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = Some(deadline);
        self
    }
}

/// Who sends, shared by many clients, with the options of this one's calls. Cheap to clone.
#[derive(Clone, Debug)]
pub struct SharedTransport {
    transport: Arc<dyn Transport>,
    call: CallOptions,
}

impl SharedTransport {
    /// Sends through that exchange.
    pub fn new(transport: impl Transport + 'static) -> Self {
        Self::shared(Arc::new(transport))
    }

    /// Sends through an exchange that others send through too.
    pub fn shared(transport: Arc<dyn Transport>) -> Self {
        Self { transport, call: CallOptions::default() }
    }

    /// The same exchange with other options.
    #[must_use]
    pub fn with_call(&self, call: CallOptions) -> Self {
        Self { transport: Arc::clone(&self.transport), call }
    }

    /// The options of the calls.
    pub fn call(&self) -> &CallOptions {
        &self.call
    }

    /// Exchanges a request for a response.
    ///
    /// # Errors
    /// When no response came.
    pub fn send(&self, request: reqwest::Request, operation: OperationInfo) -> TransportFuture<'_> {
        self.transport.send(request, operation, &self.call)
    }
}
