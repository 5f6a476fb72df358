//! What a generated call gives back.

use std::fmt;
use std::future::poll_fn;
use std::ops::Deref;
use std::pin::Pin;

use bytes::Bytes;
use http::Extensions;
use reqwest::StatusCode;
use reqwest::header::{ETAG, HeaderMap};

use super::decode::decode_boxed;
use super::raw_response::Head;
use super::{ByteStream, Error, InvalidResponse, Payload, RawResponse, TransportError};

/// A value with the status and the headers that it came with. It derefs to the value.
pub struct ResponseValue<T> {
    /// In a place of its own: orders are large, and handed on many times on their way to the caller.
    value: Box<T>,
    head: Head,
    raw: Option<Bytes>,
}

impl<T: Payload> ResponseValue<T> {
    /// Reads and decodes the body.
    ///
    /// # Errors
    /// When the body breaks off, or can't be read as `T`: then status, headers and body stand in the error.
    pub fn from_response<E>(response: RawResponse) -> impl Future<Output = Result<Self, Error<E>>> {
        let mut parts = response.into_parts();
        // No `async` block: it would hold the response twice.
        poll_fn(move |context| Pin::new(&mut parts).poll(context).map(Self::from_parts))
    }

    fn from_parts<E>(parts: Result<(Head, Bytes), TransportError>) -> Result<Self, Error<E>> {
        let (head, body) = parts.map_err(Error::Transport)?;
        match decode_boxed(&body) {
            Ok(value) => {
                let raw = (!head.status.is_success()).then_some(body);
                Ok(Self { value, head, raw })
            }
            Err(error) => {
                let Head { status, headers, .. } = head;
                Err(Error::InvalidResponse(Box::new(InvalidResponse::new(status, headers, body, error))))
            }
        }
    }
}

impl ResponseValue<ByteStream> {
    /// Leaves the body to the caller.
    pub fn stream(response: RawResponse) -> Self {
        let (head, value) = response.into_stream();
        Self { value: Box::new(value), head, raw: None }
    }
}

impl ResponseValue<()> {
    /// Has no body to read.
    pub fn empty(response: RawResponse) -> Self {
        Self { value: Box::new(()), head: response.head, raw: None }
    }
}

impl<T> ResponseValue<Option<T>> {
    /// A success that may come without a body, and did.
    pub(crate) fn without_body(status: StatusCode, headers: HeaderMap) -> Self {
        Self { value: Box::new(None), head: Head { status, headers, extensions: Extensions::new() }, raw: None }
    }
}

impl<T> ResponseValue<T> {
    /// The value alone.
    pub fn into_inner(self) -> T {
        *self.value
    }

    /// The value alone, where it lies: orders are large.
    ///
    /// ```
    /// use partner_center_orders_api::runtime::{Error, RawResponse, ResponseValue};
    /// use partner_center_orders_api::types::{Fault, Link};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Error<Fault>> {
    /// let response = RawResponse::from(http::Response::new(r#"{"uri":"/orders","method":"GET"}"#.into()));
    /// let link = ResponseValue::<Link>::from_response::<Fault>(response).await?.into_boxed();
    /// assert_eq!(link.uri, "/orders");
    /// # Ok(()) }
    /// ```
    pub fn into_boxed(self) -> Box<T> {
        self.value
    }

    /// The HTTP status.
    pub fn status(&self) -> StatusCode {
        self.head.status
    }

    /// The headers.
    pub fn headers(&self) -> &HeaderMap {
        &self.head.headers
    }

    /// `MS-RequestId`: the id of the request, sent back or made by the service.
    pub fn request_id(&self) -> Option<&str> {
        self.header("ms-requestid")
    }

    /// `MS-CorrelationId`: what ties the calls of one piece of work together.
    pub fn correlation_id(&self) -> Option<&str> {
        self.header("ms-correlationid")
    }

    /// The `ETag` header, quotes included. Orders carry theirs in `attributes.etag` too.
    pub fn etag(&self) -> Option<&str> {
        self.header(ETAG.as_str())
    }

    /// What the [`Transport`](super::Transport) attached to the response.
    pub fn extensions(&self) -> &Extensions {
        &self.head.extensions
    }

    /// The body as received, kept for refusals only.
    pub fn raw_body(&self) -> Option<&Bytes> {
        self.raw.as_ref()
    }

    /// The same response with another value.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> ResponseValue<U> {
        ResponseValue { value: Box::new(change(*self.value)), head: self.head, raw: self.raw }
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.head.headers.get(name)?.to_str().ok()
    }
}

impl<T> Deref for ResponseValue<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

/// Shows value and status. Headers are left out: they are many, and not all are meant for logs.
impl<T: fmt::Debug> fmt::Debug for ResponseValue<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseValue")
            .field("value", &self.value)
            .field("status", &self.head.status)
            .finish_non_exhaustive()
    }
}
