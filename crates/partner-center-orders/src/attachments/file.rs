use std::fmt;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use bytes::Bytes;
use futures_core::Stream;
use futures_util::StreamExt;
use futures_util::stream::BoxStream;
use partner_center_orders_api as api;
use tokio::sync::oneshot;

/// Files are read in pieces of this many bytes.
const PIECE: u64 = 256 << 10;

/// A file to upload.
pub struct AttachmentFile {
    pub(super) file_name: String,
    media_type: String,
    content: Content,
}

enum Content {
    Bytes(Bytes),
    Path(PathBuf),
    Stream(BoxStream<'static, std::io::Result<Bytes>>),
}

impl AttachmentFile {
    /// A file with this name and content.
    pub fn from_bytes(file_name: impl Into<String>, content: impl Into<Bytes>) -> Self {
        Self::new(file_name.into(), Content::Bytes(content.into()))
    }

    /// A file on disk, with its own name. It is read into memory when the upload begins, up to the
    /// [limit for bodies](crate::PartnerCenterBuilder::body_limit) and within the call's deadline.
    pub fn from_path(path: impl Into<PathBuf>) -> Self {
        let path = path.into();
        let name = path.file_name().map_or_else(|| "file".to_owned(), |name| name.to_string_lossy().into_owned());
        Self::new(name, Content::Path(path))
    }

    /// A file with this name and streamed content. An upload with such a file is never repeated.
    pub fn from_stream(
        file_name: impl Into<String>,
        content: impl Stream<Item = std::io::Result<Bytes>> + Send + 'static,
    ) -> Self {
        Self::new(file_name.into(), Content::Stream(content.boxed()))
    }

    /// Sets the media type, such as `application/pdf`; otherwise `application/octet-stream`.
    #[must_use]
    pub fn media_type(mut self, media_type: impl Into<String>) -> Self {
        self.media_type = media_type.into();
        self
    }

    /// Converts it for the generated client. A path is read here, up to `limit` bytes.
    pub(super) async fn open(self, limit: usize) -> std::io::Result<api::AttachmentFile> {
        let Self { file_name, media_type, content } = self;
        let file = match content {
            Content::Bytes(bytes) => api::AttachmentFile::from_bytes(file_name, bytes),
            Content::Path(path) => api::AttachmentFile::from_bytes(file_name, read(path, limit).await?),
            Content::Stream(stream) => api::AttachmentFile::from_stream(file_name, stream),
        };
        Ok(file.content_type(media_type))
    }

    fn new(file_name: String, content: Content) -> Self {
        Self { file_name, media_type: "application/octet-stream".to_owned(), content }
    }
}

/// Reads a file, until the receiver of its content is dropped.
async fn read(path: PathBuf, limit: usize) -> io::Result<Vec<u8>> {
    let (sender, content) = oneshot::channel();
    let inspected = path.clone();
    let metadata = tokio::task::spawn_blocking(move || std::fs::metadata(inspected)).await;
    let is_regular = metadata.map_err(io::Error::other)??.is_file();
    let read = move || {
        if let Some(content) = read_while(&path, limit, || !sender.is_closed()).transpose() {
            drop(sender.send(content));
        }
    };
    if is_regular {
        tokio::task::spawn_blocking(read);
    } else {
        // A pipe without a writer blocks its reader for ever, and a runtime waits for its own threads when it is shut down.
        std::thread::Builder::new().name("attachment".to_owned()).spawn(read)?;
    }
    content.await.map_err(io::Error::other)?
}

/// Reads a file piece by piece, as long as it is wanted.
fn read_while(path: &Path, limit: usize, is_wanted: impl Fn() -> bool) -> io::Result<Option<Vec<u8>>> {
    let mut file = File::open(path)?;
    let mut content = Vec::new();
    while is_wanted() {
        if file.by_ref().take(PIECE).read_to_end(&mut content)? == 0 {
            return Ok(Some(content));
        }
        if content.len() > limit {
            return Err(io::Error::other(format!("the file is longer than {limit} bytes; upload it as a stream")));
        }
    }
    Ok(None)
}

impl fmt::Debug for AttachmentFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AttachmentFile")
            .field("file_name", &self.file_name)
            .field("media_type", &self.media_type)
            .finish_non_exhaustive()
    }
}
