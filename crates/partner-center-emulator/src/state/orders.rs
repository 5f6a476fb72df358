//! Orders: records, and their form on the wire.

use std::collections::BTreeMap;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::prices::{Pricing, total};
use crate::catalog::{CatalogItem, ItemKind};

/// A link of a resource.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Link {
    pub(crate) uri: String,
    pub(crate) method: String,
    #[serde(default)]
    pub(crate) headers: Vec<Value>,
}

impl Link {
    pub(crate) fn get(uri: impl Into<String>) -> Self {
        Self { uri: uri.into(), method: "GET".into(), headers: Vec::new() }
    }

    pub(crate) fn patch(uri: impl Into<String>) -> Self {
        Self { method: "PATCH".into(), ..Self::get(uri) }
    }
}

pub(crate) type Links = BTreeMap<String, Link>;

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Attributes {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) etag: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) object_type: Option<String>,
}

impl Attributes {
    pub(crate) fn of(object_type: &str) -> Self {
        Self { etag: None, object_type: Some(object_type.to_owned()) }
    }
}

/// An order as the service writes it. Members without a field are kept in `extra`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Order {
    pub(crate) id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) alternate_id: Option<String>,
    #[serde(default)]
    pub(crate) reference_customer_id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) billing_cycle: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) currency_code: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) currency_symbol: Option<String>,
    pub(crate) line_items: Vec<OrderLine>,
    pub(crate) creation_date: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) status: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) transaction_type: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) record_type: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) total_price: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) client: Option<Map<String, Value>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) links: Option<Links>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) attributes: Option<Attributes>,
    #[serde(flatten)]
    pub(crate) extra: Map<String, Value>,
}

impl Order {
    /// The members of requests that the emulator knows. It keeps all others in `extra`.
    pub(crate) const MEMBERS: &[&str] = &[
        "id",
        "alternateId",
        "referenceCustomerId",
        "billingCycle",
        "currencyCode",
        "currencySymbol",
        "lineItems",
        "creationDate",
        "status",
        "transactionType",
        "recordType",
        "totalPrice",
        "client",
        "partnerOnRecordAttestationAccepted",
        "links",
        "attributes",
    ];

    /// Adds the prices of all lines that have none.
    pub(crate) fn add_prices(&mut self, price_of: &PriceOf<'_>) {
        for line in self.line_items.iter_mut().filter(|line| line.pricing.is_none()) {
            line.pricing = Some(price_of(line));
        }
    }

    /// Adds the sum of its lines' prices, unless it has one.
    pub(crate) fn add_total(&mut self) {
        self.total_price.get_or_insert_with(|| total(self.line_items.iter().map(|line| line.pricing.as_ref())));
    }

    /// Whether it is a legacy order: only those have an `ETag`.
    pub(crate) fn is_legacy(&self) -> bool {
        self.attributes.as_ref().is_some_and(|attributes| attributes.etag.is_some())
    }
}

/// Returns the prices of an order's line.
pub(crate) type PriceOf<'a> = dyn Fn(&OrderLine) -> Pricing + 'a;

/// A line of an order as the service writes it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct OrderLine {
    pub(crate) line_item_number: i32,
    pub(crate) offer_id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) subscription_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) term_duration: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) transaction_type: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) friendly_name: Option<String>,
    pub(crate) quantity: i32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) custom_term_end_date: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) promotion_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) partner_id_on_record: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) additional_partner_ids_on_record: Option<Vec<String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) provisioning_context: Option<Map<String, Value>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) pricing: Option<Pricing>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) renews_to: Option<Map<String, Value>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) attestation_accepted: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) links: Option<Links>,
    #[serde(flatten)]
    pub(crate) extra: Map<String, Value>,
}

impl OrderLine {
    /// The members of requests that the emulator knows. It keeps all others in `extra`.
    pub(crate) const MEMBERS: &[&str] = &[
        "lineItemNumber",
        "offerId",
        "subscriptionId",
        "parentSubscriptionId",
        "termDuration",
        "transactionType",
        "friendlyName",
        "quantity",
        "customTermEndDate",
        "promotionId",
        "partnerIdOnRecord",
        "additionalPartnerIdsOnRecord",
        "provisioningContext",
        "pricing",
        "renewsTo",
        "attestationAccepted",
        "links",
        "attributes",
    ];
}

/// An order and what the emulator keeps in addition.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct OrderRecord {
    /// The order with prices, which reads leave out unless requested.
    pub(crate) order: Order,
    pub(crate) placed_at: DateTime<Utc>,
    /// The time from which lists show it.
    pub(crate) listed_from: DateTime<Utc>,
    /// When provisioning will be done; `None` if it is done, or never will be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) provisioned_at: Option<DateTime<Utc>>,
    /// The ids of the lines' subscriptions once they are provisioned.
    #[serde(default)]
    pub(crate) coming_subscriptions: Vec<Option<String>>,
    /// The parents of the lines that are add-ons.
    #[serde(default)]
    pub(crate) parents: Vec<Option<String>>,
    /// The user that the licences are for, from `x-ms-customeruser-upn`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) licensed_user: Option<String>,
    /// The version in the `ETag`.
    #[serde(default = "first_version")]
    pub(crate) version: u64,
    #[serde(default)]
    pub(crate) attachments: Vec<Attachment>,
}

pub(crate) fn first_version() -> u64 {
    1
}

/// A file that was uploaded for an order.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Attachment {
    pub(crate) id: String,
    pub(crate) file_name: String,
    pub(crate) kind: AttachmentKind,
    #[serde(with = "crate::wire::base64_bytes")]
    pub(crate) content: Bytes,
}

/// The kind of an attachment. The aliases are those of scenarios that were saved before the service's own were known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum AttachmentKind {
    #[serde(rename = "POAttachment", alias = "PurchaseOrder")]
    PurchaseOrder,
    #[serde(rename = "TenderAttachment", alias = "Tender")]
    Tender,
}

impl OrderRecord {
    /// Returns the record of a seeded order.
    pub(crate) fn seeded(order: Order, now: DateTime<Utc>) -> Self {
        let placed_at = crate::wire::dates::read(&order.creation_date).unwrap_or(now);
        let version =
            order.attributes.as_ref().and_then(|attributes| attributes.etag.as_deref()).and_then(etag_version);
        Self {
            placed_at,
            listed_from: placed_at,
            provisioned_at: None,
            coming_subscriptions: Vec::new(),
            parents: Vec::new(),
            licensed_user: None,
            version: version.unwrap_or(1),
            attachments: Vec::new(),
            order,
        }
    }

    /// Returns the order for a response, with prices or without.
    pub(crate) fn shown(&self, prices: Option<&PriceOf<'_>>) -> Order {
        let mut order = self.order.clone();
        if let Some(price_of) = prices {
            order.add_prices(price_of);
            order.add_total();
        } else {
            order.total_price = None;
            order.line_items.iter_mut().for_each(|line| line.pricing = None);
        }
        order
    }

    /// Returns the order for responses to writes: legacy ones without status, currency and second id (documented samples).
    pub(crate) fn shown_after_writing(&self) -> Order {
        let mut order = self.shown(None);
        if self.is_legacy() {
            order.status = None;
            order.currency_code = None;
            order.alternate_id = None;
        }
        order
    }

    pub(crate) fn is_legacy(&self) -> bool {
        self.order.is_legacy()
    }

    pub(crate) fn bump_version(&mut self) {
        self.version += 1;
        let etag = etag(&self.order.id, self.version);
        if let Some(current) = self.order.attributes.as_mut().and_then(|attributes| attributes.etag.as_mut()) {
            *current = etag;
        }
    }
}

/// Returns the `ETag` of a legacy resource: base64 of its id and version (decoded from samples).
pub(crate) fn etag(id: &str, version: u64) -> String {
    use base64::Engine as _;
    let text = format!(r#"{{"id":"{}","version":{version}}}"#, id.to_lowercase());
    base64::engine::general_purpose::STANDARD.encode(text)
}

fn etag_version(etag: &str) -> Option<u64> {
    use base64::Engine as _;
    let json = base64::engine::general_purpose::STANDARD.decode(etag).ok()?;
    serde_json::from_slice::<Value>(&json).ok()?.get("version")?.as_u64()
}

/// Returns the links of lines with this item, before there is a subscription.
pub(crate) fn catalog_links(item: &CatalogItem, country: &str) -> Links {
    let parts = item.parts();
    let product = format!("/products/{}", parts.product);
    let sku = format!("{product}/skus/{}", parts.sku);
    let mut links = Links::new();
    match (item.kind, parts.availability) {
        (ItemKind::Licence | ItemKind::Azure, _) => drop(links.insert("sku".into(), Link::get(sku))),
        (_, availability) => {
            links.insert("product".into(), Link::get(format!("{product}?country={country}")));
            links.insert("sku".into(), Link::get(format!("{sku}?country={country}")));
            if let Some(availability) = availability {
                let uri = format!("{sku}/availabilities/{availability}?country={country}");
                links.insert("availability".into(), Link::get(uri));
            }
        }
    }
    links
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_etag_is_base64_of_id_and_version() {
        let etag = etag("EEBA9D00-7B46-443A-917E-22887A8FC993", 1);
        assert_eq!(etag, "eyJpZCI6ImVlYmE5ZDAwLTdiNDYtNDQzYS05MTdlLTIyODg3YThmYzk5MyIsInZlcnNpb24iOjF9");
        assert_eq!(etag_version(&etag), Some(1));
    }
}
