use http::Method;
use http::header::{ACCEPT, CONTENT_TYPE, HeaderValue};
use partner_center_orders_api::Operation;
use partner_center_orders_api::runtime::{BodyKind, ResponseValue, encode_path};
use partner_center_orders_api::types::{AttachmentMetadata, OrderAttachment, OrderAttachmentCollection};
use uuid::Uuid;

use super::ListAttachments;
use super::file::AttachmentFile;
use super::multipart::Multipart;
use crate::call::{Id, Session, sealed};
use crate::link::answered;
use crate::list::{Collection, read_all};
use crate::resume::{Resumable, Step, found_nothing, step};
use crate::{Error, ErrorKind, Response};

/// What is uploaded: what it is about, and the files.
///
/// ```
/// use partner_center_orders::types::AttachmentMetadata;
/// use partner_center_orders::wire::NumberOrText;
/// use partner_center_orders::{AttachmentFile, Upload};
///
/// # fn example() -> Result<Upload, partner_center_orders::types::error::ConversionError> {
/// let metadata: AttachmentMetadata =
///     AttachmentMetadata::builder().customer_price(NumberOrText::from("1894.50")).currency("EUR").try_into()?;
/// let upload = Upload::new(metadata)
///     .purchase_order(AttachmentFile::from_path("purchase-order.pdf").media_type("application/pdf"))
///     .tender_file(AttachmentFile::from_bytes("tender.txt", "Tender 118"));
/// # Ok(upload) }
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
}

impl UploadAttachments {
    pub(super) fn new(customer: Uuid, order_id: String, upload: Upload) -> Self {
        Self { customer, order_id, upload }
    }
}

impl Resumable for UploadAttachments {}

impl sealed::Request for UploadAttachments {
    type Answer = Vec<OrderAttachment>;

    async fn run(self, session: Session) -> Result<Response<Vec<OrderAttachment>>, Error> {
        let Self { customer, order_id, upload } = self;
        if upload.purchase_orders.is_empty() {
            return Err(Error::own(ErrorKind::InvalidRequest, "an upload needs a purchase order"));
        }
        if let Step::Look { ago, .. } = step(&session) {
            let there = read_all(ListAttachments::new(customer, order_id.clone()), &session, Id::Own).await?;
            let is_there = |name: &String| there.iter().any(|file| file.file_name.as_ref() == Some(name));
            if upload.file_names().iter().all(is_there) {
                return Ok(there);
            }
            let what = "the order has no files of these names";
            return Err(found_nothing(&session, Operation::UploadOrderAttachments, ago, what));
        }
        let request = request(&session, customer, &order_id, upload).await?;
        let begun = session.begin(Id::Calls, Operation::UploadOrderAttachments);
        let answer = async {
            let response = begun.raw(request, BodyKind::Json).await?;
            // The REST reference has no body here, the SDK reads a collection.
            if response.status().is_success() && response.content_length() == Some(0) {
                return Ok(ResponseValue::empty(response).map(|()| Vec::new()));
            }
            let files = answered::<OrderAttachmentCollection>(response).await?;
            Ok(files.map(|files| files.take_apart().0))
        };
        match answer.await {
            Ok(answer) => Ok(begun.response(answer)),
            Err(error) => Err(begun.error(error)),
        }
    }
}

async fn request(session: &Session, customer: Uuid, order_id: &str, upload: Upload) -> Result<reqwest::Request, Error> {
    let invalid = |problem: String| Error::own(ErrorKind::InvalidRequest, problem);
    // A write that is sent again under its id has the same bytes.
    let mut body = Multipart::new(session.request_id().simple().to_string());
    body.json("metadata", serde_json::to_vec(&upload.metadata).map_err(|error| invalid(error.to_string()))?);
    let files = upload
        .purchase_orders
        .into_iter()
        .map(|file| ("POFiles", file))
        .chain(upload.tender_files.into_iter().map(|file| ("TenderFiles", file)));
    for (part, file) in files {
        let name = file.file_name.clone();
        body.file(part, file).await.map_err(|error| invalid(format!("{name} can't be read: {error}")))?;
    }
    let order_id = encode_path(order_id).map_err(|error| invalid(error.to_string()))?;
    let base = session.shared().base_url();
    let url = format!("{base}/customers/{customer}/orders/{order_id}/attachment");
    let url = url.parse().map_err(|error| invalid(format!("{error}")))?;
    let mut request = reqwest::Request::new(Method::POST, url);
    let content_type = HeaderValue::try_from(body.content_type()).map_err(|error| invalid(error.to_string()))?;
    request.headers_mut().insert(CONTENT_TYPE, content_type);
    request.headers_mut().insert(ACCEPT, HeaderValue::from_static("application/json"));
    *request.body_mut() = Some(body.into_body());
    Ok(request)
}
