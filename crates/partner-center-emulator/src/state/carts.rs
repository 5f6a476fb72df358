//! Carts: records, and their form on the wire.

use std::borrow::Cow;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::orders::{Attributes, Link, Links, Order};
use super::prices::Pricing;
use crate::catalog::CatalogItem;
use crate::wire::dates;

/// A line of a cart as the service writes it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CartLine {
    pub(crate) id: i32,
    pub(crate) catalog_item_id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) friendly_name: Option<String>,
    pub(crate) quantity: i32,
    pub(crate) currency_code: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) billing_cycle: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) term_duration: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) promotion_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) participants: Option<Vec<Participant>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) provisioning_context: Option<Map<String, Value>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) renews_to: Option<Map<String, Value>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) custom_term_end_date: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) attestation_accepted: Option<bool>,
    pub(crate) order_group: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) addon_items: Option<Vec<CartLine>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) error: Option<LineError>,
    /// The prices, which are shown to those who may see them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) pricing: Option<Pricing>,
    #[serde(flatten)]
    pub(crate) extra: Map<String, Value>,
}

impl CartLine {
    /// The members of requests that the emulator knows. It keeps all others in `extra`.
    pub(crate) const MEMBERS: &[&str] = &[
        "id",
        "catalogItemId",
        "friendlyName",
        "quantity",
        "currencyCode",
        "billingCycle",
        "termDuration",
        "promotionId",
        "participants",
        "provisioningContext",
        "renewsTo",
        "customTermEndDate",
        "attestationAccepted",
        "orderGroup",
        "addonItems",
        "error",
        "pricing",
        "links",
        "attributes",
    ];

    fn without_prices(&self) -> Self {
        let add_ons = self.addon_items.as_ref().map(|lines| lines.iter().map(Self::without_prices).collect());
        Self { pricing: None, addon_items: add_ons, ..self.clone() }
    }
}

/// A participating reseller.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Participant {
    pub(crate) key: String,
    pub(crate) value: String,
    #[serde(flatten)]
    pub(crate) extra: Map<String, Value>,
}

/// The error of a line.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct LineError {
    /// The code: a number or a name.
    pub(crate) error_code: Value,
    pub(crate) error_description: String,
}

/// A cart and what the emulator keeps in addition.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CartRecord {
    pub(crate) id: Uuid,
    pub(crate) created: DateTime<Utc>,
    pub(crate) modified: DateTime<Utc>,
    pub(crate) expires: DateTime<Utc>,
    /// The object id of the caller that changed it last.
    pub(crate) modified_by: String,
    pub(crate) lines: Vec<CartLine>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) attestation: Option<bool>,
    /// The orders that checkouts placed, by order group, as they were returned.
    #[serde(default)]
    pub(crate) placed: Vec<(String, Order)>,
    /// Whether every order group was ordered.
    #[serde(default)]
    pub(crate) ordered: bool,
    /// The members that the emulator doesn't know.
    #[serde(default)]
    pub(crate) extra: Map<String, Value>,
}

/// A cart as the service writes it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Cart<'a> {
    id: Uuid,
    creation_timestamp: String,
    last_modified_timestamp: String,
    expiration_timestamp: String,
    last_modified_user: &'a str,
    status: &'static str,
    line_items: Cow<'a, [CartLine]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    partner_on_record_attestation_accepted: Option<bool>,
    links: Links,
    attributes: Attributes,
    #[serde(flatten)]
    extra: &'a Map<String, Value>,
}

impl CartRecord {
    /// The members of requests that the emulator knows. It keeps all others in `extra`.
    pub(crate) const MEMBERS: &[&str] = &[
        "id",
        "creationTimestamp",
        "lastModifiedTimestamp",
        "expirationTimestamp",
        "lastModifiedUser",
        "status",
        "lineItems",
        "partnerOnRecordAttestationAccepted",
        "links",
        "attributes",
    ];

    /// Returns the cart for a response, with prices or without.
    pub(crate) fn shown(&self, customer: Uuid, with_prices: bool) -> Cart<'_> {
        Cart {
            id: self.id,
            creation_timestamp: dates::modern(self.created),
            last_modified_timestamp: dates::modern(self.modified),
            expiration_timestamp: dates::modern(self.expires),
            last_modified_user: &self.modified_by,
            status: if self.ordered { "Ordered" } else { "Active" },
            line_items: if with_prices {
                Cow::Borrowed(&self.lines)
            } else {
                self.lines.iter().map(CartLine::without_prices).collect()
            },
            partner_on_record_attestation_accepted: self.attestation,
            links: Links::from([("self".to_owned(), Link::get(format!("/customers/{customer}/carts/{}", self.id)))]),
            attributes: Attributes::of("Cart"),
            extra: &self.extra,
        }
    }

    /// Returns the order groups, in the order of their lines.
    pub(crate) fn groups(&self) -> Vec<&str> {
        let mut groups: Vec<&str> = Vec::new();
        for line in &self.lines {
            if !groups.contains(&line.order_group.as_str()) {
                groups.push(&line.order_group);
            }
        }
        groups
    }
}

/// Returns the order group of a line: legacy items go together, modern and new-commerce ones by billing cycle.
pub(crate) fn order_group(item: &CatalogItem, cycle: &str, known: &mut Vec<(bool, String)>) -> String {
    if item.kind.is_legacy() {
        return format!("OMS-{}", position(known, true, cycle));
    }
    let system = if item.kind.is_new_commerce() { "new commerce" } else { "modern" };
    position(known, false, &format!("{system} {cycle}")).to_string()
}

/// Returns the position of a group among those of its system. A new group is added.
fn position(known: &mut Vec<(bool, String)>, legacy: bool, name: &str) -> usize {
    let group = (legacy, name.to_owned());
    if !known.contains(&group) {
        known.push(group.clone());
    }
    known.iter().filter(|(is_legacy, _)| *is_legacy == legacy).position(|other| *other == group).unwrap_or(0)
}
