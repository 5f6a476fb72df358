use std::fmt;
use std::path::PathBuf;

use bytes::Bytes;
use futures_core::Stream;
use futures_util::StreamExt;
use futures_util::stream::BoxStream;
use partner_center_orders_api as api;

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
    /// A file of that name with this content.
    pub fn from_bytes(file_name: impl Into<String>, content: impl Into<Bytes>) -> Self {
        Self::new(file_name.into(), Content::Bytes(content.into()))
    }

    /// A file on disk, under its own name. It is read when the upload begins.
    pub fn from_path(path: impl Into<PathBuf>) -> Self {
        let path = path.into();
        let name = path.file_name().map_or_else(|| "file".to_owned(), |name| name.to_string_lossy().into_owned());
        Self::new(name, Content::Path(path))
    }

    /// A file of that name whose content comes as it is asked for. An upload with such a file is never repeated.
    pub fn from_stream(
        file_name: impl Into<String>,
        content: impl Stream<Item = std::io::Result<Bytes>> + Send + 'static,
    ) -> Self {
        Self::new(file_name.into(), Content::Stream(content.boxed()))
    }

    /// The kind of file, such as `application/pdf`; otherwise `application/octet-stream`.
    #[must_use]
    pub fn media_type(mut self, media_type: impl Into<String>) -> Self {
        self.media_type = media_type.into();
        self
    }

    /// The file as the generated client takes it. A path is read here.
    pub(super) async fn open(self) -> std::io::Result<api::AttachmentFile> {
        let Self { file_name, media_type, content } = self;
        let file = match content {
            Content::Bytes(bytes) => api::AttachmentFile::from_bytes(file_name, bytes),
            Content::Path(path) => {
                let read = tokio::task::spawn_blocking(move || std::fs::read(path)).await;
                api::AttachmentFile::from_bytes(file_name, read.map_err(std::io::Error::other)??)
            }
            Content::Stream(stream) => api::AttachmentFile::from_stream(file_name, stream),
        };
        Ok(file.content_type(media_type))
    }

    fn new(file_name: String, content: Content) -> Self {
        Self { file_name, media_type: "application/octet-stream".to_owned(), content }
    }
}

impl fmt::Debug for AttachmentFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AttachmentFile")
            .field("file_name", &self.file_name)
            .field("media_type", &self.media_type)
            .finish_non_exhaustive()
    }
}
