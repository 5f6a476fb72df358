use partner_center_orders_api::Operation;
use partner_center_orders_api::types::Order;
use uuid::Uuid;

use crate::call::{Call, Session, sealed};
use crate::{Error, Response};

/// Reads one order: see [`Orders::get`](super::Orders::get).
#[derive(Clone, Debug)]
pub struct GetOrder {
    customer: Uuid,
    order_id: String,
    include_price: Option<bool>,
}

impl GetOrder {
    pub(super) fn new(customer: Uuid, order_id: String) -> Self {
        Self { customer, order_id, include_price: None }
    }
}

impl Call<GetOrder> {
    /// Requests `total_price` and the lines' `pricing`. Callers without access to prices get 403 with 800043.
    pub fn include_price(self) -> Self {
        self.with(|request| request.include_price = Some(true))
    }
}

impl sealed::Request for GetOrder {
    type Output = Order;

    async fn run(self, session: Session) -> Result<Response<Order>, Error> {
        session
            .call(Operation::GetOrder, |client| async move {
                let mut call = client.get_order(self.customer, self.order_id);
                if let Some(include) = self.include_price {
                    call = call.include_price(include);
                }
                call.send().await
            })
            .await
    }
}
