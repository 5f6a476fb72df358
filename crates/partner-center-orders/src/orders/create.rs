use partner_center_orders_api::Operation;
use partner_center_orders_api::types::{NewOrder, Order};
use uuid::Uuid;

use super::ListOrders;
use crate::call::{Call, Id, Session, sealed};
use crate::list::read_all;
use crate::resume::{Resumable, Step, came_of, found_nothing, step};
use crate::{Error, Response};

/// Places an order: see [`Orders::create`](super::Orders::create).
#[derive(Clone, Debug)]
pub struct CreateOrder {
    customer: Uuid,
    order: NewOrder,
    customer_user: Option<String>,
}

impl CreateOrder {
    pub(super) fn new(customer: Uuid, order: NewOrder) -> Self {
        Self { customer, order, customer_user: None }
    }
}

impl Call<CreateOrder> {
    /// The user of the customer to license, by principal name (`x-ms-customeruser-upn`; known from the SDK only).
    pub fn customer_user(self, principal_name: impl Into<String>) -> Self {
        self.with(|request| request.customer_user = Some(principal_name.into()))
    }
}

impl Resumable for CreateOrder {}

impl sealed::Request for CreateOrder {
    type Answer = Order;

    async fn run(self, session: Session) -> Result<Response<Order>, Error> {
        if let Step::Look { first_sent_at, ago } = step(&session) {
            let list = ListOrders::new(self.customer);
            let orders = read_all(list, &session, Id::Own).await?;
            let mut found = None;
            let answer = orders.map(|orders| {
                found = orders.into_iter().find(|order| came_of(order, &self.order, first_sent_at));
            });
            if let Some(order) = found {
                return Ok(answer.map(|()| order));
            }
            return Err(found_nothing(&session, Operation::CreateOrder, ago, "no such order is listed"));
        }
        session
            .exchange(Operation::CreateOrder, |client| async move {
                let mut call = client.create_order().customer_id(self.customer).body(self.order);
                if let Some(principal_name) = self.customer_user {
                    call = call.x_ms_customeruser_upn(principal_name);
                }
                call.send().await
            })
            .await
    }
}
