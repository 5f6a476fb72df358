use partner_center_orders_api::enums::{BillingCycle, BillingCycleFilter};
use partner_center_orders_api::runtime::ByteStream;
use partner_center_orders_api::types::{Link, Order, OrderCollection};
use partner_center_orders_api::{Client, Operation};
use uuid::Uuid;

use crate::call::Call;
use crate::list::{ApiResult, ListRequest, list_is_request};

/// Reads a customer's orders: see [`Orders::list`](super::Orders::list).
#[derive(Clone, Debug)]
pub struct ListOrders {
    customer: Uuid,
    filter: OrderFilter,
    start: Option<Link>,
}

/// The query of a list.
#[derive(Clone, Debug, Default)]
struct OrderFilter {
    include_price: Option<bool>,
    include_system_purchases: Option<bool>,
    billing_type: Option<BillingCycleFilter>,
    indirect_reseller_id: Option<String>,
}

/// Sets the query of an order list, whole or streamed: the two have builders of the same shape.
macro_rules! filtered {
    ($call:expr, $filter:expr) => {{
        let (mut call, filter) = ($call, $filter);
        if let Some(include) = filter.include_price {
            call = call.include_price(include);
        }
        if let Some(include) = filter.include_system_purchases {
            call = call.include_system_purchases(include);
        }
        if let Some(cycle) = filter.billing_type {
            call = call.billing_type(cycle);
        }
        if let Some(reseller) = filter.indirect_reseller_id {
            call = call.indirect_reseller_id(reseller);
        }
        call
    }};
}

impl ListOrders {
    pub(super) fn new(customer: Uuid) -> Self {
        Self { customer, filter: OrderFilter::default(), start: None }
    }
}

impl Call<ListOrders> {
    /// Requests `total_price` and the lines' `pricing`. Callers without access to prices get 403 with 800043.
    pub fn include_price(self) -> Self {
        self.with(|request| request.filter.include_price = Some(true))
    }

    /// Only orders with this billing cycle.
    ///
    /// Sources disagree on the spelling. For [`BillingCycle::OneTime`], the documentation's `onetime` is sent.
    pub fn billing_cycle(self, cycle: BillingCycle) -> Self {
        let filter = match cycle {
            BillingCycle::OneTime => BillingCycleFilter::Onetime,
            other => BillingCycleFilter::from(other.as_str()),
        };
        self.with(|request| request.filter.billing_type = Some(filter))
    }

    /// Includes orders that the service placed itself. Known from the REST reference only.
    pub fn include_system_purchases(self) -> Self {
        self.with(|request| request.filter.include_system_purchases = Some(true))
    }

    /// Only orders of this indirect reseller. Known from the REST reference only.
    pub fn indirect_reseller(self, reseller_id: impl Into<String>) -> Self {
        self.with(|request| request.filter.indirect_reseller_id = Some(reseller_id.into()))
    }
}

impl ListRequest for ListOrders {
    type Collection = OrderCollection;
    type Item = Order;
    const OPERATION: Operation = Operation::ListOrders;

    fn start(&mut self) -> &mut Option<Link> {
        &mut self.start
    }

    async fn whole(self, client: Client) -> ApiResult<OrderCollection> {
        filtered!(client.list_orders(self.customer), self.filter).send().await
    }

    async fn streamed(self, client: Client) -> ApiResult<ByteStream> {
        filtered!(client.list_orders(self.customer), self.filter).stream().await
    }
}

list_is_request!(ListOrders);
