//! A customer's orders.

mod get;
mod list;

pub use self::get::GetOrder;
pub use self::list::ListOrders;
use crate::call::Call;
use crate::customer::Customer;

/// The orders of one customer.
#[derive(Clone, Debug)]
pub struct Orders {
    customer: Customer,
}

impl Orders {
    pub(crate) fn new(customer: Customer) -> Self {
        Self { customer }
    }

    /// Reads one order.
    ///
    /// An order id is text: three shapes are in use, and none may be taken apart.
    pub fn get(&self, order_id: impl Into<String>) -> Call<GetOrder> {
        self.customer.call(|customer| GetOrder::new(customer, order_id.into()))
    }

    /// Reads all orders. A new one can take up to 15 minutes to show up (documented).
    pub fn list(&self) -> Call<ListOrders> {
        self.customer.call(ListOrders::new)
    }
}
