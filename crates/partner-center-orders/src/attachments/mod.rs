//! An order's attachments.

mod download;
mod file;
mod list;
mod upload;

pub use self::download::{Download, DownloadAttachment};
pub use self::file::AttachmentFile;
pub use self::list::ListAttachments;
pub use self::upload::{Upload, UploadAttachments};
use crate::call::Call;
use crate::customer::Customer;

/// The attachments of one order: purchase-order and tender files.
#[derive(Clone, Debug)]
pub struct Attachments {
    customer: Customer,
    order_id: String,
}

impl Attachments {
    pub(crate) fn new(customer: Customer, order_id: String) -> Self {
        Self { customer, order_id }
    }

    /// Lists the files, without their content.
    pub fn list(&self) -> Call<ListAttachments> {
        self.customer.call(|customer| ListAttachments::new(customer, self.order_id.clone()))
    }

    /// Uploads the files that an order with the status `pending_po_upload` requires. Documented for the role Admin agent.
    ///
    /// The response names the files, as the SDK reads it; it is empty if the service only confirms the upload, as in the REST
    /// reference.
    pub fn upload(&self, upload: Upload) -> Call<UploadAttachments> {
        self.customer.call(|customer| UploadAttachments::new(customer, self.order_id.clone(), upload))
    }

    /// Downloads a file as a stream.
    ///
    /// ```
    /// # use partner_center_orders::{Error, PartnerCenter};
    /// # async fn example(partner: PartnerCenter, customer_id: uuid::Uuid) -> Result<(), Error> {
    /// let attachments = partner.customer(customer_id).orders().attachments("5cf72f146967");
    /// let content = attachments.download("1f5a…").await?.into_inner().bytes().await?;
    /// # Ok(()) }
    /// ```
    pub fn download(&self, attachment_id: impl Into<String>) -> Call<DownloadAttachment> {
        self.customer.call(|customer| DownloadAttachment::new(customer, self.order_id.clone(), attachment_id.into()))
    }
}
