//! Bodies that are read as they arrive.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_core::Stream;

use super::TransportError;

/// The bytes of a body as they arrive.
pub struct ByteStream(Source);

enum Source {
    Whole(Option<Bytes>),
    Arriving(Pin<Box<dyn Stream<Item = reqwest::Result<Bytes>> + Send>>),
}

impl ByteStream {
    pub(super) fn whole(body: Bytes) -> Self {
        Self(Source::Whole(Some(body)))
    }

    pub(super) fn arriving(response: reqwest::Response) -> Self {
        Self(Source::Arriving(Box::pin(response.bytes_stream())))
    }
}

impl Stream for ByteStream {
    type Item = Result<Bytes, TransportError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        match &mut self.0 {
            Source::Whole(body) => Poll::Ready(body.take().map(Ok)),
            Source::Arriving(stream) => {
                stream.as_mut().poll_next(context).map(|chunk| chunk.map(|chunk| chunk.map_err(TransportError::from)))
            }
        }
    }
}

impl fmt::Debug for ByteStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ByteStream")
    }
}
