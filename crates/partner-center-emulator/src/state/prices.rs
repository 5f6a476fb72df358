//! The prices of lines.

use serde::{Deserialize, Serialize};

use crate::catalog::{CatalogItem, ItemKind};
use crate::wire::dates;

/// The prices of a line.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Pricing {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) list_price: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) discounted_price: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) prorated_price: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) price: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) extended_price: Option<f64>,
}

/// Returns the prices of a line by the catalog, without discount.
///
/// The price of one unit is that of a billing cycle, the extended price that of the line and the whole term (samples of
/// 2023). The catalog's price of a licence with a term is that of a month; other items have no term to extend the price to.
pub(crate) fn pricing(item: Option<&CatalogItem>, quantity: i32, term: Option<&str>, cycle: Option<&str>) -> Pricing {
    #[expect(clippy::cast_precision_loss, reason = "prices are far below 2^53 hundredths")]
    let price = item.map_or(CatalogItem::default_price(), |item| item.price) as f64;
    let is_monthly = item.is_some_and(|item| matches!(item.kind, ItemKind::NewCommerce | ItemKind::Saas));
    let term = term.filter(|_| is_monthly).and_then(dates::months).unwrap_or(1);
    let billed = cycle.and_then(billed_months).unwrap_or(term).min(term);
    let unit = Some(price * f64::from(billed) / 100.0);
    Pricing {
        list_price: unit,
        discounted_price: unit,
        prorated_price: unit,
        price: unit,
        extended_price: Some(price * f64::from(term) * f64::from(quantity) / 100.0),
    }
}

/// Returns the length of a billing cycle in months, if it has one.
pub(crate) fn billed_months(cycle: &str) -> Option<u32> {
    match cycle {
        "monthly" => Some(1),
        "annual" => Some(12),
        "biennial" => Some(24),
        "triennial" => Some(36),
        _ => None,
    }
}

/// Returns the sum of extended prices, exact to the hundredth.
pub(crate) fn total<'a>(lines: impl Iterator<Item = Option<&'a Pricing>>) -> f64 {
    let hundredths: f64 =
        lines.filter_map(|pricing| pricing?.extended_price).map(|price| (price * 100.0).round()).sum();
    hundredths / 100.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mail() -> CatalogItem {
        CatalogItem { price: 429, ..CatalogItem::new("x", "x", ItemKind::NewCommerce) }
    }

    fn unit_and_extended(quantity: i32, term: Option<&str>, cycle: &str) -> (Option<f64>, Option<f64>) {
        let pricing = pricing(Some(&mail()), quantity, term, Some(cycle));
        (pricing.price, pricing.extended_price)
    }

    #[test]
    fn prices_are_exact_to_the_hundredth() {
        assert_eq!(unit_and_extended(25, None, "monthly"), (Some(4.29), Some(107.25)));
    }

    #[test]
    fn the_unit_is_a_billing_cycle_and_the_extended_price_the_whole_term() {
        assert_eq!(unit_and_extended(1, Some("P1Y"), "monthly"), (Some(4.29), Some(51.48)));
        assert_eq!(unit_and_extended(1, Some("P1Y"), "annual"), (Some(51.48), Some(51.48)));
        assert_eq!(unit_and_extended(1, Some("P1M"), "monthly"), (Some(4.29), Some(4.29)));
        assert_eq!(unit_and_extended(1, Some("P1Y"), "one_time"), (Some(51.48), Some(51.48)));
    }
}
