//! The multipart upload, which progenitor can't generate; it goes through the same seam as every other call.

mod multipart;

use std::fmt;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_core::Stream;
use reqwest::header::{CONTENT_TYPE, HeaderValue};
use uuid::Uuid;

use self::multipart::{Multipart, PieceStream};
use crate::runtime::form::OptionalBody;
use crate::runtime::{Error, Escaped, HttpTransport, Request, ResponseValue};
use crate::types::{AttachmentMetadata, Fault, OrderAttachmentCollection};
use crate::{Client, Operation};

/// The part names that the SDK sends; documents spell them in several ways, and the service accepts any letter case.
const METADATA: &str = "metadata";
const PURCHASE_ORDER: &str = "POFiles";
const TENDER: &str = "TenderFiles";

/// One file of an upload.
pub struct AttachmentFile {
    name: String,
    content_type: String,
    content: Content,
}

enum Content {
    Bytes(Bytes),
    Stream(PieceStream),
}

/// A stream whose pieces become bytes and whose errors lose their type.
struct Plain<S>(Pin<Box<S>>);

impl<S, B, E> Stream for Plain<S>
where
    S: Stream<Item = Result<B, E>>,
    Bytes: From<B>,
    E: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    type Item = Result<Bytes, Box<dyn std::error::Error + Send + Sync>>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.as_mut().poll_next(context).map(|piece| piece.map(|piece| piece.map(Bytes::from).map_err(Into::into)))
    }
}

impl AttachmentFile {
    /// Creates a file with this name and these bytes. An upload of such files can be repeated.
    pub fn from_bytes(name: impl Into<String>, bytes: impl Into<Bytes>) -> Self {
        Self::new(name.into(), Content::Bytes(bytes.into()))
    }

    /// Reads the file at this path, which keeps its name. An upload of such files can be repeated.
    ///
    /// It is held in memory, up to [`HttpTransport::BODY_LIMIT`]; for a larger one use [`from_stream`](Self::from_stream). Reading has no
    /// time limit: a pipe without a writer blocks forever.
    ///
    /// # Errors
    /// When the file can't be read or is too large, or the path has no file name.
    pub async fn from_path(path: impl AsRef<Path>) -> io::Result<Self> {
        let path = path.as_ref();
        let name = path.file_name().ok_or_else(|| {
            let problem = format!("the path {} has no file name", Escaped(path.display()));
            io::Error::new(io::ErrorKind::InvalidInput, problem)
        })?;
        let name = name.to_string_lossy().into_owned();
        let path = path.to_owned();
        let content = tokio::task::spawn_blocking(move || read(&path, HttpTransport::BODY_LIMIT)).await;
        Ok(Self::from_bytes(name, content.map_err(io::Error::other)??))
    }

    /// Creates a file with this name whose bytes are sent as they arrive. An upload of such a file has one attempt, because
    /// what a stream has returned can't be sent again.
    pub fn from_stream<S, B, E>(name: impl Into<String>, stream: S) -> Self
    where
        S: Stream<Item = Result<B, E>> + Send + 'static,
        Bytes: From<B>,
        E: Into<Box<dyn std::error::Error + Send + Sync>>,
        B: 'static,
    {
        Self::new(name.into(), Content::Stream(Box::pin(Plain(Box::pin(stream)))))
    }

    /// Sets the media type, such as `application/pdf`; by default `application/octet-stream`.
    #[must_use]
    pub fn content_type(mut self, media_type: impl Into<String>) -> Self {
        self.content_type = media_type.into();
        self
    }

    fn new(name: String, content: Content) -> Self {
        Self { name, content_type: "application/octet-stream".to_owned(), content }
    }

    fn write(self, part: &str, body: &mut Multipart) -> Result<(), Error<Fault>> {
        let Self { name, content_type, content } = self;
        let is_media_type = !content_type.contains(char::is_control)
            && HeaderValue::from_str(&content_type).is_ok()
            && content_type.split_once('/').is_some_and(|(kind, rest)| !kind.is_empty() && !rest.is_empty());
        if !is_media_type {
            let problem =
                format!("invalid media type `{}`: expected one such as application/pdf", Escaped(&content_type));
            return Err(Error::InvalidRequest(problem));
        }
        if name.contains(char::is_control) {
            let problem =
                format!("the file name `{}` contains a line break or another control character", Escaped(&name));
            return Err(Error::InvalidRequest(problem));
        }
        body.begin(part, Some(&name), &content_type);
        match content {
            Content::Bytes(bytes) => body.bytes(bytes),
            Content::Stream(stream) => body.stream(stream),
        }
        Ok(())
    }
}

/// Reads a file of at most `limit` bytes.
fn read(path: &Path, limit: usize) -> io::Result<Vec<u8>> {
    let file = File::open(path)?;
    let limit = limit as u64;
    let mut content = Vec::new();
    // Only a regular file reports its length.
    if file.metadata()?.len() <= limit {
        file.take(limit + 1).read_to_end(&mut content)?;
        if content.len() as u64 <= limit {
            return Ok(content);
        }
    }
    Err(io::Error::new(io::ErrorKind::FileTooLarge, format!("it has more than {limit} bytes; upload it as a stream")))
}

/// Shows the name and the media type, never the content.
impl fmt::Debug for AttachmentFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AttachmentFile")
            .field("name", &self.name)
            .field("content_type", &self.content_type)
            .finish_non_exhaustive()
    }
}

impl Client {
    /// Uploads the files that an order with the status `pending_po_upload` requires.
    ///
    /// Sends a `POST` request to `/customers/{customer_id}/orders/{order_id}/attachment` (documented; the path has the
    /// singular). Limits of size and type are not documented.
    ///
    /// ```
    /// use partner_center_orders_api::types::AttachmentMetadata;
    /// use partner_center_orders_api::{AttachmentFile, Client};
    ///
    /// # async fn upload(client: Client, customer_id: uuid::Uuid) -> Result<(), Box<dyn std::error::Error>> {
    /// client
    ///     .upload_order_attachments(customer_id, "54be297b70ad", AttachmentMetadata::new("156.87", "CAD"))
    ///     .purchase_order(AttachmentFile::from_bytes("order.pdf", "%PDF-1.7 …").content_type("application/pdf"))
    ///     .send()
    ///     .await?;
    /// # Ok(()) }
    /// ```
    pub fn upload_order_attachments(
        &self,
        customer_id: Uuid,
        order_id: impl Into<String>,
        metadata: AttachmentMetadata,
    ) -> UploadOrderAttachments<'_> {
        UploadOrderAttachments {
            client: self,
            customer_id,
            order_id: order_id.into(),
            metadata,
            purchase_orders: Vec::new(),
            tenders: Vec::new(),
            boundary: None,
        }
    }
}

/// Builder for [`Client::upload_order_attachments`].
#[derive(Debug)]
pub struct UploadOrderAttachments<'a> {
    client: &'a Client,
    customer_id: Uuid,
    order_id: String,
    metadata: AttachmentMetadata,
    purchase_orders: Vec<AttachmentFile>,
    tenders: Vec<AttachmentFile>,
    boundary: Option<Uuid>,
}

impl UploadOrderAttachments<'_> {
    /// Adds a file of the purchase order; there must be at least one.
    #[must_use]
    pub fn purchase_order(mut self, file: AttachmentFile) -> Self {
        self.purchase_orders.push(file);
        self
    }

    /// Adds a file of the tender that the purchase is part of.
    #[must_use]
    pub fn tender(mut self, file: AttachmentFile) -> Self {
        self.tenders.push(file);
        self
    }

    /// Sets the boundary between the parts; by default a random one. It must not occur in the files. The same boundary gives
    /// the same bytes, which an upload that is sent again under its request id should have.
    #[must_use]
    pub fn boundary(mut self, boundary: Uuid) -> Self {
        self.boundary = Some(boundary);
        self
    }

    /// Sends the files.
    ///
    /// The REST reference documents a success without a body, the SDK reads a collection: both are accepted.
    ///
    /// # Errors
    /// When a part is missing or wrong, no response came, or the service responded with an error.
    pub async fn send(self) -> Result<ResponseValue<Option<OrderAttachmentCollection>>, Error<Fault>> {
        let Self { client, customer_id, order_id, metadata, purchase_orders, tenders, boundary } = self;
        if purchase_orders.is_empty() {
            return Err(Error::InvalidRequest("an upload needs at least one purchase order file".to_owned()));
        }
        let metadata = serde_json::to_string(&metadata)
            .map_err(|error| Error::InvalidRequest(format!("the metadata can't be written: {error}")))?;
        let mut body = Multipart::new(boundary.unwrap_or_else(Uuid::new_v4));
        body.begin(METADATA, None, "application/json");
        body.bytes(metadata);
        for (part, files) in [(PURCHASE_ORDER, purchase_orders), (TENDER, tenders)] {
            for file in files {
                file.write(part, &mut body)?;
            }
        }
        let mut request = Request::new(client, Operation::UploadOrderAttachments);
        request.segment(&customer_id);
        request.segment(&order_id);
        request.header(CONTENT_TYPE, Some(&body.content_type()));
        request.body(body.into_body());
        request.send_as::<OptionalBody<OrderAttachmentCollection>, Fault>().await
    }
}
