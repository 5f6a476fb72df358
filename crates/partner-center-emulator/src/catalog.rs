//! The catalog.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The kind of a catalog item, by which orders differ: in the format of their ids, in links, in cancellation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum ItemKind {
    /// A legacy licence offer; its id is a GUID.
    Licence,
    /// Legacy Azure billed by usage; its id begins with `MS-AZR-`.
    Azure,
    /// A reserved instance.
    Reservation,
    /// Perpetual software.
    Software,
    /// Software as a service of another publisher.
    Saas,
    /// A new-commerce licence.
    NewCommerce,
    /// An Azure plan.
    AzurePlan,
}

impl ItemKind {
    /// Whether its orders are legacy ones: GUIDs, `ETag`s, Pacific dates.
    pub(crate) fn is_legacy(self) -> bool {
        matches!(self, Self::Licence | Self::Azure)
    }

    /// Whether its orders have ids of 12 hexadecimal digits.
    pub(crate) fn is_new_commerce(self) -> bool {
        matches!(self, Self::NewCommerce | Self::AzurePlan)
    }

    /// Whether a line of it becomes a subscription.
    pub(crate) fn has_subscription(self) -> bool {
        !matches!(self, Self::Reservation | Self::Software)
    }

    pub(crate) fn default_billing_cycle(self) -> &'static str {
        match self {
            Self::Reservation | Self::Software => "one_time",
            _ => "monthly",
        }
    }
}

/// An item of the emulator's catalog.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct CatalogItem {
    /// The `catalogItemId` or `offerId`.
    pub id: String,
    /// Its title, which is also the default of the friendly name.
    pub title: String,
    /// Its kind.
    pub kind: ItemKind,
    /// The list price of one unit, in hundredths of the currency.
    #[serde(default = "CatalogItem::default_price")]
    pub price: u64,
    /// The largest quantity of a line.
    #[serde(default = "CatalogItem::default_maximum")]
    pub maximum: i32,
    /// Whether its attestation must be accepted (10012 in carts, 900203 in orders).
    #[serde(default)]
    pub needs_attestation: bool,
    /// The error of every cart line with this item, such as 10003.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line_error: Option<u32>,
    /// The error of placing any order with this item, such as 800013.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order_error: Option<u32>,
}

impl CatalogItem {
    /// Returns an item without peculiarities.
    pub fn new(id: impl Into<String>, title: impl Into<String>, kind: ItemKind) -> Self {
        Self {
            id: id.into(),
            title: title.into(),
            kind,
            price: Self::default_price(),
            maximum: Self::default_maximum(),
            needs_attestation: false,
            line_error: None,
            order_error: None,
        }
    }

    pub(crate) fn default_price() -> u64 {
        1250
    }

    fn default_maximum() -> i32 {
        10_000
    }

    /// Returns product, SKU and, if the id has one, availability.
    pub(crate) fn parts(&self) -> Parts {
        let mut parts = self.id.split(':');
        match (parts.next(), parts.next(), parts.next()) {
            (Some(product), Some(sku), Some(availability)) => {
                Parts { product: product.into(), sku: sku.into(), availability: Some(availability.into()) }
            }
            _ => Parts { product: legacy_product(&self.id), sku: self.id.clone(), availability: None },
        }
    }
}

/// The ids in links to an item.
pub(crate) struct Parts {
    pub(crate) product: String,
    pub(crate) sku: String,
    /// Legacy offers have none.
    pub(crate) availability: Option<String>,
}

/// Returns the SKU in provisioning statuses: the GUID itself for a legacy offer, one derived from the id for others.
pub(crate) fn service_sku(offer: &str) -> String {
    if Uuid::try_parse(offer).is_ok() { offer.to_uppercase() } else { legacy_product(offer) }
}

/// Returns the GUID of the product of a legacy offer.
fn legacy_product(offer: &str) -> String {
    let digest = ring::digest::digest(&ring::digest::SHA256, offer.as_bytes());
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest.as_ref()[..16]);
    uuid::Builder::from_random_bytes(bytes).into_uuid().to_string().to_uppercase()
}

/// The known items.
#[derive(Clone, Debug)]
pub(crate) struct Catalog {
    items: HashMap<String, CatalogItem>,
    /// The ids of the items that were added to the built-in ones.
    added: Vec<String>,
}

impl Catalog {
    pub(crate) fn built_in() -> Self {
        let items = built_in_items().into_iter().map(|item| (item.id.to_ascii_uppercase(), item)).collect();
        Self { items, added: Vec::new() }
    }

    pub(crate) fn add(&mut self, item: CatalogItem) {
        let key = item.id.to_ascii_uppercase();
        if !self.added.contains(&key) {
            self.added.push(key.clone());
        }
        self.items.insert(key, item);
    }

    /// The items that were added to the built-in ones.
    pub(crate) fn added_items(&self) -> Vec<CatalogItem> {
        self.added.iter().filter_map(|key| self.items.get(key)).cloned().collect()
    }

    pub(crate) fn find(&self, id: &str) -> Option<&CatalogItem> {
        self.items.get(&id.to_ascii_uppercase())
    }

    /// Returns the item with this id; an unknown one is derived from the id's format. `None` if the format is not an item's.
    pub(crate) fn find_or_derive(&self, id: &str) -> Option<CatalogItem> {
        self.find(id).cloned().or_else(|| {
            let kind = kind_by_format(id)?;
            Some(CatalogItem::new(id, format!("Catalog item {id}"), kind))
        })
    }

    /// Returns the items without peculiarities, ordered by id.
    pub(crate) fn plain_items(&self) -> Vec<CatalogItem> {
        let is_plain =
            |item: &&CatalogItem| item.line_error.is_none() && item.order_error.is_none() && !item.needs_attestation;
        let mut items: Vec<_> = self.items.values().filter(is_plain).cloned().collect();
        items.sort_by(|left, right| left.id.cmp(&right.id));
        items
    }

    /// Returns the items of a product, ordered by id.
    pub(crate) fn of_product(&self, product: &str) -> Vec<CatalogItem> {
        let mut items: Vec<_> =
            self.items.values().filter(|item| item.parts().product.eq_ignore_ascii_case(product)).cloned().collect();
        items.sort_by(|left, right| left.id.cmp(&right.id));
        items
    }
}

/// Returns the kind of item that ids of this format have (recorded ids; any other id of three parts is new commerce).
pub(crate) fn kind_by_format(id: &str) -> Option<ItemKind> {
    if Uuid::try_parse(id).is_ok() && id.len() == 36 {
        return Some(ItemKind::Licence);
    }
    if id.len() > 7 && id.get(..7).is_some_and(|prefix| prefix.eq_ignore_ascii_case("MS-AZR-")) {
        return Some(ItemKind::Azure);
    }
    let parts: Vec<_> = id.split(':').collect();
    let is_part = |part: &&str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if parts.len() != 3 || !parts.iter().all(is_part) {
        return None;
    }
    let product = parts[0].to_ascii_uppercase();
    Some(match product.as_str() {
        "DZH318Z0BPS6" => ItemKind::AzurePlan,
        _ if product.starts_with("DG7GMGF0") => ItemKind::Software,
        _ if product.starts_with("DZH318Z0BQ") => ItemKind::Reservation,
        _ if product.starts_with("DZH318Z0") => ItemKind::Saas,
        _ => ItemKind::NewCommerce,
    })
}

fn built_in_items() -> Vec<CatalogItem> {
    use ItemKind::{Azure, AzurePlan, Licence, NewCommerce, Reservation, Saas, Software};
    let item = CatalogItem::new;
    vec![
        item("E59159FC-6F67-4599-B3CB-17FF4020F643", "Directory licences", Licence),
        item("6B1D5C70-43A9-4E0F-9C12-8A75E1D3F206", "Office licences", Licence),
        item("0D94E2A8-7C35-4B61-A8F4-5E2091B7C3D8", "Archive add-on", Licence),
        item("MS-AZR-0145P", "Azure", Azure),
        item("DZH318Z0BQ4Z:002L:DZH318Z0CMNP", "Reserved instance NC12, Australia East, one year", Reservation),
        item("DZH318Z0BQ4B:000Z:DZH318Z0DSPL", "Reserved instance D1, Asia Pacific East, one year", Reservation),
        item("DG7GMGF0DWT0:0001:DG7GMGF0DSQR", "Identity server, one user", Software),
        item("DG7GMGF0FKZV:0003:DG7GMGF0DWMS", "Database server, two cores", Software),
        item("DZH318Z0BXWC:0002:DZH318Z0BMRV", "Web firewall, medium plan", Saas),
        item("CFQ7TTC0LH16:0001:CFQ7TTC0K0QX", "Mail", NewCommerce),
        item("CFQ7TTC0LH18:0001:CFQ7TTC0K5NB", "Office suite", NewCommerce),
        item("DZH318Z0BPS6:0001:DZH318Z0BPS7", "Azure plan", AzurePlan),
        // Items that cause error responses.
        CatalogItem {
            needs_attestation: true,
            ..item("CFQ7TTC0ATTE:0001:CFQ7TTC0ATT1", "Suite for schools, to be attested", NewCommerce)
        },
        CatalogItem {
            line_error: Some(10002),
            ..item("CFQ7TTC0QUOT:0001:CFQ7TTC0QUO1", "Suite without quota", NewCommerce)
        },
        CatalogItem {
            line_error: Some(10003),
            ..item("DG7GMGF0STCK:0001:DG7GMGF0STC1", "Software out of stock", Software)
        },
        CatalogItem {
            order_error: Some(800_013),
            ..item("DZH318Z0BQFL:0001:DZH318Z0BFL1", "Reservation that no order gets", Reservation)
        },
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_follow_from_the_format_of_the_id() {
        let kind = |id| Catalog::built_in().find_or_derive(id).map(|item| item.kind);
        assert_eq!(kind("84A03D81-6B37-4D66-8D4A-FAEA24541538"), Some(ItemKind::Licence));
        assert_eq!(kind("MS-AZR-0146P"), Some(ItemKind::Azure));
        assert_eq!(kind("DZH318Z0BQ36:004G:DZH318Z08C0S"), Some(ItemKind::Reservation));
        assert_eq!(kind("DG7GMGF0DWTL:0001:DG7GMGF0DSJB"), Some(ItemKind::Software));
        assert_eq!(kind("DZH318Z0C964:0001:DZH318Z0BZDG"), Some(ItemKind::Saas));
        assert_eq!(kind("CFQ7TTC0LFLZ:0002:CFQ7TTC0K4TS"), Some(ItemKind::NewCommerce));
    }

    #[test]
    fn ids_of_unknown_format_are_not_items() {
        for id in ["", "a:b", "a:b:c:d", "a::c", "MS-AZR-", "nonsense", "../x:1:2"] {
            assert_eq!(Catalog::built_in().find_or_derive(id), None, "{id}");
        }
    }
}
