use partner_center_orders_api::types::{OrderAttachment, OrderLineItem};
use partner_center_orders_api::wire::Timestamp;

/// An order that may be the effect of a write, though nothing ties it to that write.
///
/// ```
/// # use partner_center_orders::{Call, Error, PendingWrite, requests::CreateOrder};
/// # async fn example(call: Call<CreateOrder>, pending_write: PendingWrite) -> Result<(), Error> {
/// if let Err(error) = call.resume(pending_write).await {
///     for candidate in error.candidates() {
///         println!("is it order {}, created {:?}?", candidate.order_id, candidate.creation_date);
///     }
/// }
/// # Ok(()) }
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Candidate {
    /// The order.
    pub order_id: String,
    /// When the order was created.
    pub creation_date: Option<Timestamp>,
    /// The order's lines that match those of the write.
    pub line_items: Vec<OrderLineItem>,
    /// The order's files that have the names of those of the write.
    pub attachments: Vec<OrderAttachment>,
}
