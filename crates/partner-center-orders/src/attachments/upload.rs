use partner_center_orders_api::types::{AttachmentMetadata, OrderAttachment};
use partner_center_orders_api::{self as api, Operation};
use uuid::Uuid;

use super::ListAttachments;
use super::file::AttachmentFile;
use crate::call::{Call, Id, Session, sealed};
use crate::list::{Collection, read_all};
use crate::resume::{Resumable, Step, found_candidates, found_nothing, may_resend, step};
use crate::{Candidate, Error, ErrorKind, Response};

/// The files of an upload, and their metadata.
///
/// ```
/// use partner_center_orders::types::AttachmentMetadata;
/// use partner_center_orders::{AttachmentFile, Upload};
///
/// let upload = Upload::new(AttachmentMetadata::new("1894.50", "EUR"))
///     .purchase_order(AttachmentFile::from_path("purchase-order.pdf").media_type("application/pdf"))
///     .tender_file(AttachmentFile::from_bytes("tender.txt", "Tender 118"));
/// ```
#[derive(Debug)]
#[must_use = "an upload is sent by `Attachments::upload`"]
pub struct Upload {
    metadata: AttachmentMetadata,
    purchase_orders: Vec<AttachmentFile>,
    tender_files: Vec<AttachmentFile>,
}

impl Upload {
    /// An upload without files yet; at least one purchase order is needed.
    pub fn new(metadata: AttachmentMetadata) -> Self {
        Self { metadata, purchase_orders: Vec::new(), tender_files: Vec::new() }
    }

    /// Adds a file of the purchase order.
    pub fn purchase_order(mut self, file: AttachmentFile) -> Self {
        self.purchase_orders.push(file);
        self
    }

    /// Adds a file of the tender that the purchase is part of.
    pub fn tender_file(mut self, file: AttachmentFile) -> Self {
        self.tender_files.push(file);
        self
    }

    fn file_names(&self) -> Vec<String> {
        self.purchase_orders.iter().chain(&self.tender_files).map(|file| file.file_name.clone()).collect()
    }
}

/// Uploads files: see [`Attachments::upload`](super::Attachments::upload).
#[derive(Debug)]
pub struct UploadAttachments {
    customer: Uuid,
    order_id: String,
    upload: Upload,
    has_unique_names: bool,
}

impl UploadAttachments {
    pub(super) fn new(customer: Uuid, order_id: String, upload: Upload) -> Self {
        Self { customer, order_id, upload, has_unique_names: false }
    }
}

impl Call<UploadAttachments> {
    /// Declares that the names of the files are unique to this upload: no other file of the order has or will have one of them.
    /// By these names a [resumed](Call::resume) call recognises its upload.
    ///
    /// ```
    /// # use partner_center_orders::{Error, PartnerCenter, PendingWrite, Upload};
    /// # async fn example(partner: PartnerCenter, customer_id: uuid::Uuid, upload: Upload, pending_write: PendingWrite) -> Result<(), Error> {
    /// let attachments = partner.customer(customer_id).orders().attachments("eeba9d00-7b46-443a-917e-22887a8fc993");
    /// let files = attachments.upload(upload).unique_file_names().resume(pending_write).await?;
    /// # Ok(()) }
    /// ```
    pub fn unique_file_names(self) -> Self {
        self.with(|request| request.has_unique_names = true)
    }
}

impl Resumable for UploadAttachments {}

impl sealed::Request for UploadAttachments {
    type Output = Vec<OrderAttachment>;

    async fn run(self, session: Session) -> Result<Response<Vec<OrderAttachment>>, Error> {
        let Self { customer, order_id, upload, has_unique_names } = self;
        if upload.purchase_orders.is_empty() {
            return Err(Error::own(ErrorKind::InvalidRequest, "an upload needs a purchase order"));
        }
        if let Step::Look = step(&session).await {
            let existing = read_all(ListAttachments::new(customer, order_id.clone()), &session, Id::Own).await?;
            let names = upload.file_names();
            let is_one = |file: &&OrderAttachment| file.file_name.as_ref().is_some_and(|name| names.contains(name));
            let found: Vec<_> = existing.iter().filter(is_one).cloned().collect();
            let are_all = names.iter().all(|name| found.iter().any(|file| file.file_name.as_ref() == Some(name)));
            // A file without a name may be one of them.
            let is_unclear = existing.iter().any(|file| file.file_name.is_none());
            if are_all && has_unique_names {
                return Ok(existing);
            }
            let found = if found.is_empty() && !is_unclear {
                let message = "the order has no files of these names";
                found_nothing(&session, Operation::UploadOrderAttachments, message)
            } else {
                let candidate = Candidate {
                    order_id: order_id.clone(),
                    creation_date: None,
                    line_items: Vec::new(),
                    attachments: found,
                };
                found_candidates(&session, Operation::UploadOrderAttachments, vec![candidate])
            };
            if !may_resend(&session) {
                return Err(found);
            }
        }
        let Upload { metadata, purchase_orders, tender_files } = upload;
        let files =
            async { Ok::<_, Error>((opened(purchase_orders, &session).await?, opened(tender_files, &session).await?)) };
        let (purchase_orders, tender_files) = session.in_time(files).await.unwrap_or_else(|| {
            let message = "the files could not be read in time; nothing was sent";
            Err(Error::own(ErrorKind::Timeout, message)
                .during(&session.begin(Id::Calls, Operation::UploadOrderAttachments)))
        })?;
        // The same id gives the same bytes, in case that the upload is sent again.
        let boundary = session.request_id();
        session
            .call(Operation::UploadOrderAttachments, |client| async move {
                let mut call = client.upload_order_attachments(customer, order_id, metadata).boundary(boundary);
                for file in purchase_orders {
                    call = call.purchase_order(file);
                }
                for file in tender_files {
                    call = call.tender(file);
                }
                // The REST reference has no body here, the SDK reads a collection.
                let files = call.send().await?;
                Ok(files.map(|files| files.map(|files| files.take_apart().0).unwrap_or_default()))
            })
            .await
    }
}

async fn opened(files: Vec<AttachmentFile>, session: &Session) -> Result<Vec<api::AttachmentFile>, Error> {
    let limit = session.shared().limits.body;
    let mut opened = Vec::with_capacity(files.len());
    for file in files {
        let name = file.file_name.clone();
        let unreadable = |error| Error::own(ErrorKind::InvalidRequest, format!("{name} can't be read: {error}"));
        opened.push(file.open(limit).await.map_err(unreadable)?);
    }
    Ok(opened)
}
