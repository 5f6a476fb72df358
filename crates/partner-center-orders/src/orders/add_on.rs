use partner_center_orders_api::types::{Order, OrderLineItemPatch, OrderPatch};
use uuid::Uuid;

use super::update::change;
use crate::call::{Session, sealed};
use crate::resume::Resumable;
use crate::types::error::ConversionError;
use crate::{Error, ErrorKind, Response};

/// Buys add-ons: see [`Orders::add_on`](super::Orders::add_on).
#[derive(Clone, Debug)]
pub struct BuyAddOns {
    customer: Uuid,
    order_id: String,
    add_ons: Vec<AddOn>,
}

/// Something to buy in addition to a subscription.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct AddOn {
    /// The add-on's offer.
    pub offer_id: String,
    /// The subscription that it adds to.
    pub parent_subscription_id: String,
    /// How many.
    pub quantity: i32,
    /// What the partner calls it.
    pub friendly_name: Option<String>,
    /// The partner id (MPN id) of the reseller on record.
    pub partner_id_on_record: Option<String>,
}

impl AddOn {
    /// So many of that offer, added to that subscription.
    pub fn new(offer_id: impl Into<String>, parent_subscription_id: impl Into<String>, quantity: i32) -> Self {
        Self {
            offer_id: offer_id.into(),
            parent_subscription_id: parent_subscription_id.into(),
            quantity,
            friendly_name: None,
            partner_id_on_record: None,
        }
    }

    /// What the partner calls it.
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

    fn into_line(self, number: i32) -> Result<OrderLineItemPatch, ConversionError> {
        let mut line = OrderLineItemPatch::builder()
            .line_item_number(number)
            .offer_id(self.offer_id)
            .parent_subscription_id(self.parent_subscription_id)
            .quantity(self.quantity);
        if let Some(name) = self.friendly_name {
            line = line.friendly_name(name);
        }
        if let Some(id) = self.partner_id_on_record {
            line = line.partner_id_on_record(id);
        }
        line.try_into()
    }
}

impl BuyAddOns {
    pub(super) fn new(customer: Uuid, order_id: String, add_ons: Vec<AddOn>) -> Self {
        Self { customer, order_id, add_ons }
    }
}

impl Resumable for BuyAddOns {}

impl sealed::Request for BuyAddOns {
    type Answer = Order;

    async fn run(self, session: Session) -> Result<Response<Order>, Error> {
        let invalid = |error: ConversionError| Error::own(ErrorKind::InvalidRequest, error.to_string());
        if self.add_ons.is_empty() {
            return Err(Error::own(ErrorKind::InvalidRequest, "there is no add-on to buy"));
        }
        // Only the new lines are sent, numbered from 0; the answer numbers them after the lines that were there (documented).
        let lines: Vec<_> = (0..)
            .zip(self.add_ons)
            .map(|(number, add_on)| add_on.into_line(number))
            .collect::<Result<_, _>>()
            .map_err(invalid)?;
        let patch = OrderPatch::builder()
            .id(self.order_id.clone())
            .reference_customer_id(self.customer.to_string())
            .line_items(lines)
            .try_into()
            .map_err(invalid)?;
        change(session, self.customer, self.order_id, patch).await
    }
}
