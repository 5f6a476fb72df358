//! Responses before they are decoded.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::{Bytes, BytesMut};
use http::{Extensions, HeaderMap, StatusCode};

use super::{ByteStream, TransportError, TransportErrorKind};

/// The maximum length of a body that is read into memory, unless another limit is set.
pub(super) const BODY_LIMIT: usize = 256 << 20;

/// The response of a [`Transport`](super::Transport): status and headers, and a body that was read whole or is still arriving.
///
/// A transport that needs no network creates one from an [`http::Response`]:
///
/// ```
/// use partner_center_orders_api::runtime::RawResponse;
///
/// let response = RawResponse::from(http::Response::new(r#"{"id":"1"}"#.into()));
/// assert_eq!(response.body().map(|body| body.len()), Some(10));
/// ```
pub struct RawResponse {
    pub(super) head: Head,
    body: Body,
}

/// A response without its body.
pub(super) struct Head {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) extensions: Extensions,
}

enum Body {
    Whole(Bytes),
    /// Its status, headers and extensions were moved out.
    Arriving(reqwest::Response),
}

impl RawResponse {
    /// The limit for the body of an error response, or of any other response that isn't a success: 1 MiB.
    pub const ERROR_BODY_LIMIT: usize = 1 << 20;

    /// Reads the body now, so that a broken connection is a failed attempt and not a malformed value.
    ///
    /// Of anything but a success, only the first [`ERROR_BODY_LIMIT`](Self::ERROR_BODY_LIMIT) bytes are read, which isn't an
    /// error: the status is what counts.
    ///
    /// # Errors
    /// When the connection breaks, or the body is longer than `limit` bytes, counted after decompression. The error has
    /// status and headers.
    #[expect(clippy::manual_async_fn, reason = "an `async fn` would hold the response twice")]
    pub fn read_whole(
        mut response: reqwest::Response,
        limit: usize,
    ) -> impl Future<Output = Result<Self, TransportError>> + Send {
        async move {
            let status = response.status();
            let read = read(&mut response, status, limit).await;
            let head = Head::take(&mut response);
            match read {
                Ok(body) => Ok(Self { head, body: Body::Whole(body) }),
                Err(error) => Err(error.with_head(head.status, head.headers)),
            }
        }
    }

    /// The HTTP status.
    pub fn status(&self) -> StatusCode {
        self.head.status
    }

    /// The headers.
    pub fn headers(&self) -> &HeaderMap {
        &self.head.headers
    }

    /// The extensions that transports attached to the response.
    pub fn extensions(&self) -> &Extensions {
        &self.head.extensions
    }

    /// The extensions, to attach something to the response.
    pub fn extensions_mut(&mut self) -> &mut Extensions {
        &mut self.head.extensions
    }

    /// The body, unless it is still arriving.
    pub fn body(&self) -> Option<&Bytes> {
        match &self.body {
            Body::Whole(body) => Some(body),
            Body::Arriving(_) => None,
        }
    }

    /// Returns head and whole body, once it has arrived.
    pub(super) fn into_parts(self) -> Parts {
        let Self { head, body } = self;
        match body {
            Body::Whole(body) => Parts::There(Some((head, body))),
            Body::Arriving(mut response) => Parts::Arriving(Box::pin(async move {
                match read(&mut response, head.status, BODY_LIMIT).await {
                    Ok(body) => Ok((head, body)),
                    Err(error) => Err(error.with_head(head.status, head.headers)),
                }
            })),
        }
    }

    /// Returns the head, and the body as it arrives.
    pub(super) fn into_stream(self) -> (Head, ByteStream) {
        let stream = match self.body {
            Body::Whole(body) => ByteStream::whole(body),
            Body::Arriving(response) => ByteStream::arriving(response),
        };
        (self.head, stream)
    }
}

type Whole = Result<(Head, Bytes), TransportError>;

/// The parts of a response, which usually have arrived already.
pub(super) enum Parts {
    There(Option<(Head, Bytes)>),
    /// Boxed, as it is rare and large.
    Arriving(Pin<Box<dyn Future<Output = Whole> + Send>>),
}

impl Future for Parts {
    type Output = Whole;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        match &mut *self {
            // Like any future, it is not polled again once it is ready.
            Self::There(parts) => parts.take().map_or(Poll::Pending, |parts| Poll::Ready(Ok(parts))),
            Self::Arriving(arriving) => arriving.as_mut().poll(context),
        }
    }
}

impl From<http::Response<Bytes>> for RawResponse {
    fn from(response: http::Response<Bytes>) -> Self {
        let (parts, body) = response.into_parts();
        let head = Head { status: parts.status, headers: parts.headers, extensions: parts.extensions };
        Self { head, body: Body::Whole(body) }
    }
}

impl From<reqwest::Response> for RawResponse {
    /// Leaves the body to be read later.
    fn from(mut response: reqwest::Response) -> Self {
        Self { head: Head::take(&mut response), body: Body::Arriving(response) }
    }
}

impl Head {
    fn take(response: &mut reqwest::Response) -> Self {
        Self {
            status: response.status(),
            headers: std::mem::take(response.headers_mut()),
            extensions: std::mem::take(response.extensions_mut()),
        }
    }
}

async fn read(response: &mut reqwest::Response, status: StatusCode, limit: usize) -> Result<Bytes, TransportError> {
    // A longer body is cut off, or an error.
    let cuts = !status.is_success() && limit > RawResponse::ERROR_BODY_LIMIT;
    let limit = if cuts { RawResponse::ERROR_BODY_LIMIT } else { limit };
    let announced = response.content_length().and_then(|length| usize::try_from(length).ok());
    if !cuts && announced.is_some_and(|length| length > limit) {
        return Err(TransportError::new(TransportErrorKind::ResponseTooLarge));
    }
    let announced = announced.map(|length| length.min(limit));
    let mut body = Bytes::new();
    let mut joined = BytesMut::new();
    while let Some(mut chunk) = response.chunk().await? {
        let rest = limit - body.len().max(joined.len());
        let is_cut = chunk.len() > rest;
        if is_cut && !cuts {
            return Err(TransportError::new(TransportErrorKind::ResponseTooLarge));
        }
        chunk.truncate(rest);
        if joined.is_empty() && body.is_empty() {
            // Most bodies are one chunk, which then is not copied.
            body = chunk;
        } else {
            if joined.is_empty() {
                joined.reserve(announced.unwrap_or_default().max(body.len() + chunk.len()));
                joined.extend_from_slice(&body);
            }
            joined.extend_from_slice(&chunk);
        }
        if is_cut {
            break;
        }
    }
    Ok(if joined.is_empty() { body } else { joined.freeze() })
}

/// Shows the status. Headers and body are omitted: not all of them are meant for logs.
impl fmt::Debug for RawResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RawResponse").field("status", &self.head.status).finish_non_exhaustive()
    }
}
