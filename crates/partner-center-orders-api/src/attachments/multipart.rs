//! A body of `multipart/form-data` whose bytes depend on its parts and boundary only.

use std::collections::VecDeque;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::{Bytes, BytesMut};
use futures_core::Stream;
use reqwest::Body;
use uuid::Uuid;

/// The content of a streamed file.
pub(super) type PieceStream =
    Pin<Box<dyn Stream<Item = Result<Bytes, Box<dyn std::error::Error + Send + Sync>>> + Send>>;

/// The body, as a sequence of pieces.
pub(super) struct Multipart {
    boundary: String,
    pieces: VecDeque<Piece>,
}

enum Piece {
    Bytes(Bytes),
    Stream(PieceStream),
}

impl Multipart {
    pub(super) fn new(boundary: Uuid) -> Self {
        Self { boundary: boundary.simple().to_string(), pieces: VecDeque::new() }
    }

    /// The value of the header `Content-Type`.
    pub(super) fn content_type(&self) -> String {
        format!("multipart/form-data; boundary={}", self.boundary)
    }

    /// Begins a part; its content follows. File name and media type must not contain a line break.
    pub(super) fn begin(&mut self, name: &str, file_name: Option<&str>, media_type: &str) {
        let separator = if self.pieces.is_empty() { "" } else { "\r\n" };
        let file_name = file_name.map(|name| format!("; filename=\"{}\"", escaped(name))).unwrap_or_default();
        self.bytes(format!(
            "{separator}--{}\r\nContent-Disposition: form-data; name=\"{name}\"{file_name}\r\nContent-Type: {media_type}\r\n\r\n",
            self.boundary
        ));
    }

    pub(super) fn bytes(&mut self, bytes: impl Into<Bytes>) {
        self.pieces.push_back(Piece::Bytes(bytes.into()));
    }

    pub(super) fn stream(&mut self, stream: PieceStream) {
        self.pieces.push_back(Piece::Stream(stream));
    }

    /// Returns the body. One that is wholly in memory can be sent again, one with a stream can't.
    pub(super) fn into_body(mut self) -> Body {
        self.bytes(format!("\r\n--{}--\r\n", self.boundary));
        let mut whole = BytesMut::new();
        for piece in &self.pieces {
            match piece {
                Piece::Bytes(bytes) => whole.extend_from_slice(bytes),
                Piece::Stream(_) => return Body::wrap_stream(self),
            }
        }
        whole.freeze().into()
    }
}

impl Stream for Multipart {
    type Item = Result<Bytes, Box<dyn std::error::Error + Send + Sync>>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            match self.pieces.front_mut() {
                None => return Poll::Ready(None),
                Some(Piece::Stream(stream)) => match stream.as_mut().poll_next(context) {
                    Poll::Ready(None) => {}
                    other => return other,
                },
                Some(Piece::Bytes(bytes)) => {
                    let bytes = std::mem::take(bytes);
                    self.pieces.pop_front();
                    return Poll::Ready(Some(Ok(bytes)));
                }
            }
            self.pieces.pop_front();
        }
    }
}

/// Escapes a file's name for a quoted string, as the HTML standard does.
fn escaped(name: &str) -> String {
    name.replace('"', "%22")
}
