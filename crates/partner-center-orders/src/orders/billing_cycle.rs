use partner_center_orders_api::enums::BillingCycle;
use partner_center_orders_api::types::{Order, OrderPatch};
use uuid::Uuid;

use super::update::{change, read};
use crate::call::{Session, sealed};
use crate::resume::Resumable;
use crate::{Error, Response};

/// Changes an order's billing cycle: see [`Orders::change_billing_cycle`](super::Orders::change_billing_cycle).
#[derive(Clone, Debug)]
pub struct ChangeBillingCycle {
    customer: Uuid,
    order_id: String,
    cycle: BillingCycle,
}

impl ChangeBillingCycle {
    pub(super) fn new(customer: Uuid, order_id: String, cycle: BillingCycle) -> Self {
        Self { customer, order_id, cycle }
    }
}

impl Resumable for ChangeBillingCycle {}

impl sealed::Request for ChangeBillingCycle {
    type Output = Order;

    fn name(&self) -> Option<&'static str> {
        Some("change_billing_cycle")
    }

    async fn run(self, session: Session) -> Result<Response<Order>, Error> {
        let order = read(&session, self.customer, &self.order_id).await?;
        if session.resumes().is_some() && order.billing_cycle.as_ref() == Some(&self.cycle) {
            return Ok(order);
        }
        let mut patch = OrderPatch::from(order.into_inner());
        patch.billing_cycle = Some(self.cycle);
        // Only `cancelled` can be written (documented), and `none`, which old orders have, is rejected.
        patch.status = None;
        change(session, self.customer, self.order_id, patch).await
    }
}
