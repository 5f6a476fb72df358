//! The body of an upload: parts named as the SDK names them.

use bytes::Bytes;
use futures_util::StreamExt;
use futures_util::stream;

use super::file::{AttachmentFile, Content};

/// A body in pieces, in order.
pub(super) struct Multipart {
    boundary: String,
    pieces: Vec<Piece>,
}

enum Piece {
    Bytes(Bytes),
    Stream(super::file::ContentStream),
}

impl Multipart {
    pub(super) fn new(boundary: String) -> Self {
        Self { boundary, pieces: Vec::new() }
    }

    /// What the request says of the body.
    pub(super) fn content_type(&self) -> String {
        format!("multipart/form-data; boundary={}", self.boundary)
    }

    /// A part that is JSON.
    pub(super) fn json(&mut self, name: &str, json: Vec<u8>) {
        self.begin(&format!("name=\"{name}\""), "application/json");
        self.push(json);
        self.push("\r\n");
    }

    /// A part that is a file. A path is read here.
    pub(super) async fn file(&mut self, name: &str, file: AttachmentFile) -> std::io::Result<()> {
        let AttachmentFile { file_name, media_type, content } = file;
        let disposition = format!("name=\"{name}\"; filename=\"{}\"", escaped(&file_name));
        self.begin(&disposition, &media_type.replace(['\r', '\n'], " "));
        match content {
            Content::Bytes(bytes) => self.push(bytes),
            Content::Path(path) => {
                let read = tokio::task::spawn_blocking(move || std::fs::read(path)).await;
                self.push(read.map_err(std::io::Error::other)??);
            }
            Content::Stream(stream) => self.pieces.push(Piece::Stream(stream)),
        }
        self.push("\r\n");
        Ok(())
    }

    /// The body. One that is all in memory can be sent again, one with a stream cannot.
    pub(super) fn into_body(mut self) -> reqwest::Body {
        self.push(format!("--{}--\r\n", self.boundary));
        if self.pieces.iter().all(|piece| matches!(piece, Piece::Bytes(_))) {
            let whole: Vec<u8> = self
                .pieces
                .iter()
                .flat_map(|piece| match piece {
                    Piece::Bytes(bytes) => bytes.as_ref(),
                    Piece::Stream(_) => &[],
                })
                .copied()
                .collect();
            return whole.into();
        }
        let pieces = stream::iter(self.pieces).flat_map(|piece| match piece {
            Piece::Bytes(bytes) => stream::once(std::future::ready(Ok(bytes))).boxed(),
            Piece::Stream(stream) => stream,
        });
        reqwest::Body::wrap_stream(pieces)
    }

    fn begin(&mut self, disposition: &str, media_type: &str) {
        let boundary = &self.boundary;
        let head = format!(
            "--{boundary}\r\nContent-Disposition: form-data; {disposition}\r\nContent-Type: {media_type}\r\n\r\n"
        );
        self.push(head);
    }

    fn push(&mut self, bytes: impl Into<Bytes>) {
        self.pieces.push(Piece::Bytes(bytes.into()));
    }
}

/// A file's name as it can stand in quotes (the HTML standard's escapes).
fn escaped(name: &str) -> String {
    name.replace('"', "%22").replace('\r', "%0D").replace('\n', "%0A")
}
