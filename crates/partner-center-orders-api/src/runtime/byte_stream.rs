//! Bodies: read whole within a limit, or given on as they arrive.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::{Bytes, BytesMut};
use futures_core::Stream;
use reqwest::ResponseBuilderExt;

use super::{TransportError, TransportErrorKind};

/// The bytes of a body as they arrive.
pub struct ByteStream(Pin<Box<dyn Stream<Item = reqwest::Result<Bytes>> + Send>>);

impl ByteStream {
    pub(super) fn new(response: reqwest::Response) -> Self {
        Self(Box::pin(response.bytes_stream()))
    }
}

impl Stream for ByteStream {
    type Item = Result<Bytes, TransportError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.as_mut().poll_next(context).map(|chunk| chunk.map(|chunk| chunk.map_err(TransportError::from)))
    }
}

impl fmt::Debug for ByteStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ByteStream")
    }
}

/// Reads the body now, so that a broken connection is a failed attempt and not a damaged value, and gives back a response
/// that holds it. Status, headers, address and extensions stay what they were.
///
/// # Errors
/// When the connection breaks, or the body is longer than `limit` bytes, counted after decompression. The error holds status
/// and headers.
pub async fn buffer_body(mut response: reqwest::Response, limit: usize) -> Result<reqwest::Response, TransportError> {
    match read(&mut response, limit).await {
        Ok(body) => rebuild(response, body),
        Err(error) => Err(error.with_head(response.status(), std::mem::take(response.headers_mut()))),
    }
}

async fn read(response: &mut reqwest::Response, limit: usize) -> Result<Bytes, TransportError> {
    let announced = response.content_length().and_then(|length| usize::try_from(length).ok());
    if announced.is_some_and(|length| length > limit) {
        return Err(TransportError::new(TransportErrorKind::TooLarge));
    }
    let mut body = Bytes::new();
    let mut joined = BytesMut::new();
    while let Some(chunk) = response.chunk().await? {
        if body.len().max(joined.len()) + chunk.len() > limit {
            return Err(TransportError::new(TransportErrorKind::TooLarge));
        }
        if joined.is_empty() && body.is_empty() {
            // Most answers are one chunk, which then is not copied.
            body = chunk;
        } else {
            if joined.is_empty() {
                joined.reserve(announced.unwrap_or_default().max(body.len() + chunk.len()));
                joined.extend_from_slice(&body);
            }
            joined.extend_from_slice(&chunk);
        }
    }
    Ok(if joined.is_empty() { body } else { joined.freeze() })
}

fn rebuild(mut response: reqwest::Response, body: Bytes) -> Result<reqwest::Response, TransportError> {
    let url = response.url().clone();
    let mut rebuilt = http::Response::builder()
        .status(response.status())
        .version(response.version())
        .url(url)
        .body(body)
        .map_err(|error| TransportError::with_source(TransportErrorKind::Other, error))?;
    *rebuilt.headers_mut() = std::mem::take(response.headers_mut());
    rebuilt.extensions_mut().extend(std::mem::take(response.extensions_mut()));
    Ok(rebuilt.into())
}
