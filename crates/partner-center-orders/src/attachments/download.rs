use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures_core::Stream;
use futures_util::StreamExt;
use partner_center_orders_api::Operation;
use partner_center_orders_api::runtime::{ByteStream, Error as ApiError, TransportError, TransportErrorKind};
use uuid::Uuid;

use crate::call::{Id, Session, sealed};
use crate::transport::{CallState, Limits};
use crate::{Error, Response};

/// Downloads a file: see [`Attachments::download`](super::Attachments::download).
#[derive(Clone, Debug)]
pub struct DownloadAttachment {
    customer: Uuid,
    order_id: String,
    attachment_id: String,
}

impl DownloadAttachment {
    pub(super) fn new(customer: Uuid, order_id: String, attachment_id: String) -> Self {
        Self { customer, order_id, attachment_id }
    }
}

impl sealed::Request for DownloadAttachment {
    type Output = Download;

    async fn run(self, session: Session) -> Result<Response<Download>, Error> {
        let state = session.begin(Id::Calls, Operation::DownloadOrderAttachment);
        let Limits { time: timeout, body: limit } = session.shared().limits;
        let response = state
            .call(|client| async move {
                client.download_order_attachment(self.customer, self.order_id, self.attachment_id).send().await
            })
            .await?;
        Ok(response.map(|bytes| Download { bytes, timeout, limit, state }))
    }
}

/// A file's content as a stream, which is not retried once it began.
pub struct Download {
    bytes: ByteStream,
    /// The time within which each chunk must arrive.
    timeout: Duration,
    limit: usize,
    state: Arc<CallState>,
}

impl Download {
    /// Returns the next chunk; `None` at the end.
    ///
    /// # Errors
    ///
    /// When the connection breaks, or no chunk arrives for as long as one attempt may take.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, Error> {
        match tokio::time::timeout(self.timeout, self.bytes.next()).await {
            Ok(None) => Ok(None),
            Ok(Some(Ok(chunk))) => Ok(Some(chunk)),
            Ok(Some(Err(error))) => Err(self.error(error)),
            Err(_) => Err(self.error(TransportError::new(TransportErrorKind::Timeout))),
        }
    }

    /// Reads the whole content into memory, up to
    /// [`PartnerCenterBuilder::body_limit`](crate::PartnerCenterBuilder::body_limit); longer files are read by
    /// [`chunk`](Self::chunk).
    ///
    /// # Errors
    ///
    /// As for [`chunk`](Self::chunk), and when the content is longer than the limit.
    pub async fn bytes(mut self) -> Result<Bytes, Error> {
        let mut content = BytesMut::new();
        while let Some(chunk) = self.chunk().await? {
            if content.len().saturating_add(chunk.len()) > self.limit {
                return Err(self.error(TransportError::new(TransportErrorKind::ResponseTooLarge)));
            }
            content.extend_from_slice(&chunk);
        }
        Ok(content.freeze())
    }

    fn error(&self, error: TransportError) -> Error {
        Error::of_call(ApiError::Transport(error), &self.state)
    }
}

/// Without the time limit of [`Download::chunk`].
impl Stream for Download {
    type Item = Result<Bytes, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let next = Pin::new(&mut self.bytes).poll_next(context);
        next.map(|chunk| chunk.map(|chunk| chunk.map_err(|error| self.error(error))))
    }
}

impl fmt::Debug for Download {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Download")
    }
}
