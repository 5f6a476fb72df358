//! Reading orders.

use http::StatusCode;

use super::{Call, Collection, Shop, billing_cycle};
use crate::refusal::Refusal;
use crate::state::orders::{self, Order, OrderLine, OrderRecord, Pricing};
use crate::wire::answer::Answer;
use crate::wire::members::query_flag;

pub(super) fn list(shop: &Shop<'_>, call: &Call<'_>) -> Result<Answer, Refusal> {
    let with_prices = wants_prices(call)?;
    let with_system = query_flag("include_system_purchases", call.query.get("include_system_purchases"))?;
    let cycle = match call.query.get("billingType") {
        None => None,
        Some(text) => Some(billing_cycle::read(text).ok_or_else(|| Refusal::enum_not_parsable("billingType"))?),
    };
    let reseller = call.query.get("indirect_reseller_id");
    let is_wanted = |record: &&OrderRecord| {
        let order = &record.order;
        record.listed_from <= call.now
            && (with_system || !is_system_purchase(order))
            && cycle.is_none_or(|cycle| order.billing_cycle.as_deref().and_then(billing_cycle::read) == Some(cycle))
            && reseller.is_none_or(|reseller| is_sold_through(order, reseller))
    };
    let orders = shop.customer.orders.iter().filter(is_wanted).map(|record| shown(shop, record, with_prices)).collect();
    let collection = Collection::new(orders).with_self(format!("/customers/{}/orders", shop.customer.id));
    Ok(Answer::json(StatusCode::OK, &collection))
}

pub(super) fn get(shop: &Shop<'_>, call: &Call<'_>) -> Result<Answer, Refusal> {
    let with_prices = wants_prices(call)?;
    let record = shop.customer.orders.get(call.parameter(1)).ok_or_else(Refusal::order_not_found)?;
    Ok(Answer::json(StatusCode::OK, &shown(shop, record, with_prices)))
}

fn wants_prices(call: &Call<'_>) -> Result<bool, Refusal> {
    let wanted = query_flag("include_price", call.query.get("include_price"))?;
    if wanted && !call.settings.pricing_access {
        return Err(Refusal::forbidden(800_043, "The caller may not see prices."));
    }
    Ok(wanted)
}

fn shown(shop: &Shop<'_>, record: &OrderRecord, with_prices: bool) -> Order {
    let price_of = |line: &OrderLine| -> Pricing { orders::pricing(shop.catalog.find(&line.offer_id), line.quantity) };
    record.shown(with_prices.then_some(&price_of as _))
}

fn is_system_purchase(order: &Order) -> bool {
    matches!(order.transaction_type.as_deref(), Some("SystemPurchase" | "SystemBilling"))
}

fn is_sold_through(order: &Order, reseller: &str) -> bool {
    order.line_items.iter().any(|line| {
        line.partner_id_on_record.as_deref() == Some(reseller)
            || line.additional_partner_ids_on_record.iter().flatten().any(|id| id == reseller)
    })
}
