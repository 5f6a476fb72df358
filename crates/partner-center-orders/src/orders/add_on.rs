use partner_center_orders_api::types::{Order, OrderLineItemPatch, OrderPatch};
use uuid::Uuid;

use super::UpdateOrder;
use super::evidence::Evidence;
use crate::call::{Call, Session, sealed};
use crate::resume::Resumable;
use crate::{Error, ErrorKind, Response};

/// Buys add-ons: see [`Orders::add_on`](super::Orders::add_on).
#[derive(Clone, Debug)]
pub struct BuyAddOns {
    customer: Uuid,
    order_id: String,
    add_ons: Vec<AddOn>,
    /// Boxed, as most calls have none.
    evidence: Option<Box<Evidence>>,
}

/// An add-on to a subscription.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct AddOn {
    /// The add-on's offer.
    pub offer_id: String,
    /// The id of the subscription that it adds to.
    pub parent_subscription_id: String,
    /// The number of licences.
    pub quantity: i32,
    /// The partner's name for it.
    pub friendly_name: Option<String>,
    /// The partner id (MPN id) of the reseller on record.
    pub partner_id_on_record: Option<String>,
}

impl AddOn {
    /// An add-on of this offer to this subscription.
    pub fn new(offer_id: impl Into<String>, parent_subscription_id: impl Into<String>, quantity: i32) -> Self {
        Self {
            offer_id: offer_id.into(),
            parent_subscription_id: parent_subscription_id.into(),
            quantity,
            friendly_name: None,
            partner_id_on_record: None,
        }
    }

    /// The partner's name for it.
    #[must_use]
    pub fn friendly_name(mut self, name: impl Into<String>) -> Self {
        self.friendly_name = Some(name.into());
        self
    }

    /// The partner id (MPN id) of the reseller on record.
    #[must_use]
    pub fn partner_id_on_record(mut self, id: impl Into<String>) -> Self {
        self.partner_id_on_record = Some(id.into());
        self
    }

    fn into_line(self, number: i32) -> OrderLineItemPatch {
        let mut line = OrderLineItemPatch::new(number, self.offer_id)
            .parent_subscription_id(self.parent_subscription_id)
            .quantity(self.quantity);
        line.friendly_name = self.friendly_name;
        line.partner_id_on_record = self.partner_id_on_record;
        line
    }
}

impl BuyAddOns {
    pub(super) fn new(customer: Uuid, order_id: String, add_ons: Vec<AddOn>) -> Self {
        Self { customer, order_id, add_ons, evidence: None }
    }

    fn evidence(&mut self) -> &mut Evidence {
        self.evidence.get_or_insert_default()
    }
}

impl Call<BuyAddOns> {
    /// Declares that the friendly name of one of the add-ons is unique to this write: no other line of the order has or will
    /// have it. By this name a [resumed](Call::resume) call recognises what it bought. Letter case counts.
    ///
    /// ```
    /// use partner_center_orders::AddOn;
    /// # use partner_center_orders::{Error, PartnerCenter, PendingWrite};
    /// # async fn example(partner: PartnerCenter, customer_id: uuid::Uuid, pending_write: PendingWrite) -> Result<(), Error> {
    /// let add_on = AddOn::new("A2088E0D-…", "2828BE95-46BA-4F91-B2FD-0BEF192ECF60", 2).friendly_name("PO-2026-00418");
    /// let orders = partner.customer(customer_id).orders();
    /// let call = orders.add_on("eeba9d00-7b46-443a-917e-22887a8fc993", [add_on]).unique_name("PO-2026-00418");
    /// let order = call.resume(pending_write).await?;
    /// # Ok(()) }
    /// ```
    ///
    /// The call fails as [invalid](crate::ErrorKind::InvalidRequest) if no add-on has the name.
    pub fn unique_name(self, friendly_name: impl Into<String>) -> Self {
        self.with(|request| request.evidence().unique_name = Some(friendly_name.into()))
    }

    /// Excludes lines of the order, by number, when a [resumed](Call::resume) call looks for its own: those that the order
    /// had before.
    pub fn exclude_lines(self, line_item_numbers: impl IntoIterator<Item = i32>) -> Self {
        self.with(|request| request.evidence().not_lines.extend(line_item_numbers))
    }
}

impl Resumable for BuyAddOns {}

impl sealed::Request for BuyAddOns {
    type Output = Order;

    fn name(&self) -> Option<&'static str> {
        Some("add_on")
    }

    async fn run(self, session: Session) -> Result<Response<Order>, Error> {
        if self.add_ons.is_empty() {
            return Err(Error::own(ErrorKind::InvalidRequest, "there is no add-on to buy"));
        }
        // Only the new lines are sent, numbered from 0; the response numbers them after the existing lines (documented).
        let lines = (0..).zip(self.add_ons).map(|(number, add_on)| add_on.into_line(number));
        let patch = OrderPatch::new()
            .id(self.order_id.clone())
            .reference_customer_id(self.customer.to_string())
            .line_items(lines);
        let mut update = UpdateOrder::new(self.customer, self.order_id, patch);
        update.evidence = self.evidence;
        sealed::Request::run(update, session).await
    }
}
