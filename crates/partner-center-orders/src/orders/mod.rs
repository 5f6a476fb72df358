//! A customer's orders.

mod activation_links;
mod add_on;
mod billing_cycle;
mod cancel;
mod create;
mod evidence;
mod get;
mod list;
mod provisioning;
mod subscriptions;
mod update;
mod wait;

use partner_center_orders_api::enums::BillingCycle;
use partner_center_orders_api::types::{NewOrder, OrderPatch};

pub use self::activation_links::{ListLineActivationLinks, ListOrderActivationLinks};
pub use self::add_on::{AddOn, BuyAddOns};
pub use self::billing_cycle::ChangeBillingCycle;
pub use self::cancel::CancelOrder;
pub use self::create::CreateOrder;
pub use self::get::GetOrder;
pub use self::list::ListOrders;
pub use self::provisioning::GetProvisioningStatus;
pub use self::subscriptions::ListOrderSubscriptions;
pub use self::update::UpdateOrder;
pub(crate) use self::update::quoted;
pub use self::wait::{Provisioning, WaitUntilProvisioned};
use crate::attachments::Attachments;
use crate::call::Call;
use crate::customer::Customer;

/// The orders of one customer.
///
/// An order id is text: three forms are in use, and none has parts with a meaning.
#[derive(Clone, Debug)]
pub struct Orders {
    customer: Customer,
}

impl Customer {
    /// The customer's orders.
    pub fn orders(&self) -> Orders {
        Orders { customer: self.clone() }
    }
}

impl Orders {
    /// Reads one order.
    pub fn get(&self, order_id: impl Into<String>) -> Call<GetOrder> {
        self.customer.call(|customer| GetOrder::new(customer, order_id.into()))
    }

    /// Reads all orders. A new one can take up to 15 minutes to show up (documented).
    pub fn list(&self) -> Call<ListOrders> {
        self.customer.call(ListOrders::new)
    }

    /// Places an order. New-commerce products are bought with a [cart](Customer::carts), add-ons with
    /// [`add_on`](Self::add_on).
    pub fn create(&self, order: NewOrder) -> Call<CreateOrder> {
        self.customer.call(|customer| CreateOrder::new(customer, order))
    }

    /// Changes an order. The service has four changes, which have methods of their own: [`add_on`](Self::add_on),
    /// [`change_billing_cycle`](Self::change_billing_cycle) and [`cancel`](Self::cancel) in production and in a sandbox.
    pub fn update(&self, order_id: impl Into<String>, patch: OrderPatch) -> Call<UpdateOrder> {
        self.customer.call(|customer| UpdateOrder::new(customer, order_id.into(), patch))
    }

    /// Buys add-ons to a subscription of the order. The response holds all lines; the new ones have other numbers than sent.
    ///
    /// ```
    /// use partner_center_orders::AddOn;
    /// # use partner_center_orders::{Error, PartnerCenter};
    /// # async fn example(partner: PartnerCenter, customer_id: uuid::Uuid) -> Result<(), Error> {
    /// let orders = partner.customer(customer_id).orders();
    /// let add_on = AddOn::new("A2088E0D-…", "2828BE95-46BA-4F91-B2FD-0BEF192ECF60", 2);
    /// let order = orders.add_on("eeba9d00-7b46-443a-917e-22887a8fc993", [add_on]).await?;
    /// # Ok(()) }
    /// ```
    pub fn add_on(&self, order_id: impl Into<String>, add_ons: impl IntoIterator<Item = AddOn>) -> Call<BuyAddOns> {
        self.customer.call(|customer| BuyAddOns::new(customer, order_id.into(), add_ons.into_iter().collect()))
    }

    /// Changes the billing cycle of a legacy licence order: reads the order, and writes its lines back with the new cycle.
    pub fn change_billing_cycle(&self, order_id: impl Into<String>, cycle: BillingCycle) -> Call<ChangeBillingCycle> {
        self.customer.call(|customer| ChangeBillingCycle::new(customer, order_id.into(), cycle))
    }

    /// Cancels an order: in production software only, within its cancellation window; in a sandbox reservations, software and
    /// marketplace subscriptions, up to 60 days old (documented).
    ///
    /// A cancelled line has the quantity 0. The order's status is `cancelled` only if all its lines are; a sandbox may return
    /// `completed` all the same (documented sample). New-commerce and marketplace subscriptions in production are
    /// cancelled by [`Subscriptions::cancel`](crate::Subscriptions::cancel): see
    /// [`Error::is_cancelled_by_subscription`](crate::Error::is_cancelled_by_subscription).
    pub fn cancel(&self, order_id: impl Into<String>) -> Call<CancelOrder> {
        self.customer.call(|customer| CancelOrder::new(customer, order_id.into()))
    }

    /// Reads the provisioning status of the order's lines. Documented for an app with a user whose role is Admin agent.
    pub fn provisioning_status(&self, order_id: impl Into<String>) -> Call<GetProvisioningStatus> {
        self.customer.call(|customer| GetProvisioningStatus::new(customer, order_id.into()))
    }

    /// Waits until all lines are provisioned.
    ///
    /// ```
    /// # use partner_center_orders::{Error, PartnerCenter};
    /// # async fn example(partner: PartnerCenter, customer_id: uuid::Uuid) -> Result<(), Error> {
    /// let orders = partner.customer(customer_id).orders();
    /// let provisioning = orders
    ///     .wait_until_provisioned("5cf72f146967")
    ///     .on_progress(|lines| println!("{} lines", lines.len()))
    ///     .await?;
    /// if !provisioning.is_complete() {
    ///     println!("still pending: {:?}", provisioning.pending().collect::<Vec<_>>());
    /// }
    /// # Ok(()) }
    /// ```
    pub fn wait_until_provisioned(&self, order_id: impl Into<String>) -> Call<WaitUntilProvisioned> {
        self.customer.call(|customer| WaitUntilProvisioned::new(customer, order_id.into()))
    }

    /// Reads the activation links of what the order bought from other publishers.
    pub fn activation_links(&self, order_id: impl Into<String>) -> Call<ListOrderActivationLinks> {
        self.customer.call(|customer| ListOrderActivationLinks::new(customer, order_id.into()))
    }

    /// Reads the activation links of one line, if it is from another publisher.
    pub fn line_activation_links(
        &self,
        order_id: impl Into<String>,
        line_item_number: i32,
    ) -> Call<ListLineActivationLinks> {
        self.customer.call(|customer| ListLineActivationLinks::new(customer, order_id.into(), line_item_number))
    }

    /// Reads the subscriptions of the order's lines, add-ons included.
    pub fn subscriptions(&self, order_id: impl Into<String>) -> Call<ListOrderSubscriptions> {
        self.customer.call(|customer| ListOrderSubscriptions::new(customer, order_id.into()))
    }

    /// The order's attachments: purchase-order and tender files.
    pub fn attachments(&self, order_id: impl Into<String>) -> Attachments {
        Attachments::new(self.customer.clone(), order_id.into())
    }
}
