use partner_center_orders_api::types::OrderAttachment;

use crate::list::list_request;

list_request! {
    /// Lists the files of an order: see [`Attachments::list`](super::Attachments::list).
    ListAttachments { order_id: String },
    ListOrderAttachments: OrderAttachmentCollection as OrderAttachment,
    list_order_attachments
}
