use partner_center_orders_api::enums::OrderStatus;
use partner_center_orders_api::types::{Order, OrderLineItemPatch, OrderPatch};
use uuid::Uuid;

use super::update::{change, read};
use crate::call::{Call, Session, sealed};
use crate::resume::Resumable;
use crate::{Error, ErrorKind, Response};

/// Cancels an order: see [`Orders::cancel`](super::Orders::cancel).
#[derive(Clone, Debug)]
pub struct CancelOrder {
    customer: Uuid,
    order_id: String,
    lines: Vec<i32>,
}

impl CancelOrder {
    pub(super) fn new(customer: Uuid, order_id: String) -> Self {
        Self { customer, order_id, lines: Vec::new() }
    }
}

impl Call<CancelOrder> {
    /// Cancels only these lines, by number. Documented for software in production.
    ///
    /// The order is read first, as the service requires the lines' offers too.
    pub fn lines(self, numbers: impl IntoIterator<Item = i32>) -> Self {
        self.with(|request| request.lines = numbers.into_iter().collect())
    }
}

impl Resumable for CancelOrder {}

impl sealed::Request for CancelOrder {
    type Output = Order;

    fn name(&self) -> Option<&'static str> {
        Some("cancel_order")
    }

    async fn run(self, session: Session) -> Result<Response<Order>, Error> {
        let mut patch = OrderPatch::new().id(self.order_id.clone()).status(OrderStatus::Cancelled);
        if !self.lines.is_empty() {
            let order = read(&session, self.customer, &self.order_id).await?;
            patch = patch.line_items(named_lines(&order, &self.lines)?);
        }
        change(session, self.customer, self.order_id, patch).await
    }
}

fn named_lines(order: &Order, numbers: &[i32]) -> Result<Vec<OrderLineItemPatch>, Error> {
    let invalid = |message: String| Error::own(ErrorKind::InvalidRequest, message);
    numbers
        .iter()
        .map(|number| {
            let line = order
                .line_items
                .iter()
                .find(|line| line.line_item_number == *number)
                .ok_or_else(|| invalid(format!("the order has no line {number}")))?;
            Ok(OrderLineItemPatch::new(*number, line.offer_id.clone()))
        })
        .collect()
}
