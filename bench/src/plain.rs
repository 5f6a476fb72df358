//! Orders as one would write them by hand for speed: borrowed text, and nothing that is unknown.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct OrderCollection<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    total_count: Option<i32>,
    #[serde(borrow)]
    items: Vec<Order<'a>>,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    links: Option<OrderLinks<'a>>,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    attributes: Option<Attributes<'a>>,
}

#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Order<'a> {
    #[serde(borrow)]
    id: &'a str,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    alternate_id: Option<&'a str>,
    #[serde(borrow)]
    reference_customer_id: &'a str,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    billing_cycle: Option<&'a str>,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    currency_code: Option<&'a str>,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    currency_symbol: Option<&'a str>,
    #[serde(borrow)]
    line_items: Vec<LineItem<'a>>,
    #[serde(borrow)]
    creation_date: &'a str,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    status: Option<&'a str>,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    transaction_type: Option<&'a str>,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    record_type: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    total_price: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    partner_on_record_attestation_accepted: Option<bool>,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    client: Option<ClientContext<'a>>,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    links: Option<OrderLinks<'a>>,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    attributes: Option<Attributes<'a>>,
}

#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LineItem<'a> {
    line_item_number: i32,
    #[serde(borrow)]
    offer_id: &'a str,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    subscription_id: Option<&'a str>,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    parent_subscription_id: Option<&'a str>,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    friendly_name: Option<&'a str>,
    quantity: i32,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    term_duration: Option<&'a str>,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    custom_term_end_date: Option<&'a str>,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    promotion_id: Option<&'a str>,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    transaction_type: Option<&'a str>,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    partner_id_on_record: Option<&'a str>,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    additional_partner_ids_on_record: Option<Vec<&'a str>>,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    provisioning_context: Option<BTreeMap<&'a str, &'a str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pricing: Option<Pricing>,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    renews_to: Option<RenewsTo<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    attestation_accepted: Option<bool>,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    links: Option<LineLinks<'a>>,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    attributes: Option<Attributes<'a>>,
}

#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct OrderLinks<'a> {
    #[serde(rename = "self", borrow, skip_serializing_if = "Option::is_none")]
    itself: Option<Link<'a>>,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    provisioning_status: Option<Link<'a>>,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    patch_operation: Option<Link<'a>>,
}

#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LineLinks<'a> {
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    subscription: Option<Link<'a>>,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    product: Option<Link<'a>>,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    sku: Option<Link<'a>>,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    availability: Option<Link<'a>>,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    provisioning_status: Option<Link<'a>>,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    activation_links: Option<Link<'a>>,
}

#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Link<'a> {
    #[serde(borrow)]
    uri: &'a str,
    #[serde(borrow)]
    method: &'a str,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    headers: Option<Vec<LinkHeader<'a>>>,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    body: Option<&'a str>,
}

#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LinkHeader<'a> {
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    key: Option<&'a str>,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    value: Option<&'a str>,
}

#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Pricing {
    #[serde(skip_serializing_if = "Option::is_none")]
    list_price: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    discounted_price: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    prorated_price: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    price: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    extended_price: Option<f64>,
}

#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RenewsTo<'a> {
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    term_duration: Option<&'a str>,
}

#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ClientContext<'a> {
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    marketplace_country: Option<&'a str>,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    device_family: Option<&'a str>,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
}

#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Attributes<'a> {
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    etag: Option<&'a str>,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    object_type: Option<&'a str>,
}
