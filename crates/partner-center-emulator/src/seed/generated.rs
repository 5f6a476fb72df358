//! Customers and orders generated from the seed.

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use crate::catalog::{CatalogItem, ItemKind};
use crate::random::Random;
use crate::settings::Settings;
use crate::state::orders::{Attributes, Link, Links, Order, OrderLine, catalog_links, etag};
use crate::state::{Customer, State};
use crate::wire::dates;

const COUNTRIES: [(&str, &str, &str); 4] =
    [("US", "USD", "$"), ("PT", "EUR", "€"), ("GB", "GBP", "£"), ("JP", "JPY", "¥")];
const NAMES: [&str; 6] = ["Accounting", "Front desk", "Warehouse", "Sales", "Workshop", "Library"];

/// Generated orders were placed in the three years before this second, 2024-01-01, regardless of the clock, so that a seed
/// always results in the same data.
const LATEST: i64 = 1_704_067_200;

/// Adds customers with orders of all kinds.
pub(crate) fn generated(state: &mut State, customers: usize, orders_each: usize, settings: &Settings) {
    let Some(latest) = DateTime::from_timestamp(LATEST, 0) else { return };
    for _ in 0..customers {
        let (country, code, symbol) = *state.random.pick(&COUNTRIES);
        let customer = Customer {
            country: country.to_owned(),
            currency_code: code.to_owned(),
            currency_symbol: symbol.to_owned(),
            ..Customer::new(state.random.uuid())
        };
        state.add_customer(customer.clone());
        let items: Vec<CatalogItem> = state.catalog.plain_items();
        for _ in 0..orders_each {
            let item = state.random.pick(&items).clone();
            let order = order(&mut state.random, &customer, &item, latest);
            state.add_order(customer.id, order, settings, latest);
        }
    }
}

fn order(random: &mut Random, customer: &Customer, item: &CatalogItem, latest: DateTime<Utc>) -> Order {
    let age = TimeDelta::milliseconds(i64::try_from(random.below(3 * 365 * 86_400_000)).unwrap_or(0));
    let placed = latest - age;
    let legacy = item.kind.is_legacy();
    let guid = random.uuid();
    let (id, alternate_id) = match item.kind {
        _ if legacy => (guid.to_string(), guid.to_string()),
        kind if kind.is_new_commerce() => {
            let id = random.twelve_hex();
            (id.clone(), id)
        }
        _ => (random.modern_id(), random.twelve_hex()),
    };
    let subscription = item.kind.has_subscription().then(|| subscription_id(random.uuid(), legacy));
    let mut line_links = catalog_links(item, &customer.country);
    if let Some(subscription) = &subscription {
        let uri = format!("/customers/{}/subscriptions/{subscription}", customer.id);
        line_links.insert("subscription".into(), Link::get(uri));
    }
    let line = OrderLine {
        line_item_number: 0,
        offer_id: item.id.clone(),
        subscription_id: subscription,
        term_duration: term(item.kind),
        transaction_type: (!legacy).then(|| "New".to_owned()),
        friendly_name: Some(format!("{} for {}", item.title, random.pick(&NAMES))),
        quantity: 1 + i32::try_from(random.below(40)).unwrap_or(0),
        links: Some(line_links),
        ..OrderLine::default()
    };
    let path = format!("/customers/{}/orders/{id}", customer.id);
    let mut links = Links::from([("self".to_owned(), Link::get(&path))]);
    if !legacy {
        links.insert("provisioningStatus".into(), Link::get(format!("{path}/provisioningstatus")));
    }
    if item.kind.is_new_commerce() {
        links.insert("patchOperation".into(), Link::patch(&path));
    }
    Order {
        reference_customer_id: customer.id.to_string(),
        billing_cycle: Some(item.kind.default_billing_cycle().to_owned()),
        currency_code: Some(customer.currency_code.clone()),
        currency_symbol: (!legacy).then(|| customer.currency_symbol.clone()),
        line_items: vec![line],
        creation_date: if legacy { dates::legacy(placed) } else { dates::modern(placed) },
        status: Some("completed".to_owned()),
        transaction_type: (!legacy).then(|| "UserPurchase".to_owned()),
        record_type: None,
        total_price: None,
        client: item.kind.is_new_commerce().then(serde_json::Map::new),
        links: Some(links),
        attributes: Some(Attributes { etag: legacy.then(|| etag(&id, 1)), object_type: Some("Order".to_owned()) }),
        extra: serde_json::Map::new(),
        alternate_id: Some(alternate_id),
        id,
    }
}

fn subscription_id(id: Uuid, legacy: bool) -> String {
    if legacy { id.to_string().to_uppercase() } else { id.to_string() }
}

fn term(kind: ItemKind) -> Option<String> {
    match kind {
        ItemKind::Licence | ItemKind::AzurePlan => None,
        ItemKind::Software => Some(String::new()),
        ItemKind::Saas => Some("P1M".to_owned()),
        ItemKind::Azure | ItemKind::Reservation | ItemKind::NewCommerce => Some("P1Y".to_owned()),
    }
}
