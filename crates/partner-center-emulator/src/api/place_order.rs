//! Placing an order, from a request or from a cart.

use serde_json::{Map, Value, json};

use super::call::{Call, CustomerContext};
use super::lines::{Parent, Purchase};
use crate::catalog::{CatalogItem, ItemKind};
use crate::clock::delta;
use crate::random::Random;
use crate::state::orders::{Attributes, Link, Links, Order, OrderLine, OrderRecord, catalog_links, etag};
use crate::state::provisioning::{self, LineProvisioning};
use crate::wire::dates;

/// An order to be placed; its lines are of one generation.
pub(super) struct NewOrder {
    pub(super) purchases: Vec<Purchase>,
    pub(super) billing_cycle: String,
    pub(super) licensed_user: Option<String>,
    /// Whether it comes from a cart, where Azure has a date format of its own.
    pub(super) from_cart: bool,
    /// The members that the emulator doesn't know.
    pub(super) extra: Map<String, Value>,
}

/// The three generations of orders: each has ids, dates and members of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Generation {
    Legacy,
    Modern,
    NewCommerce,
}

impl Generation {
    pub(super) fn of(kind: ItemKind) -> Self {
        match kind {
            _ if kind.is_legacy() => Self::Legacy,
            _ if kind.is_new_commerce() => Self::NewCommerce,
            _ => Self::Modern,
        }
    }
}

/// Places an order and returns its record.
pub(super) fn place<'a>(
    context: &'a mut CustomerContext<'_>,
    call: &Call<'_>,
    new_order: &NewOrder,
) -> &'a OrderRecord {
    let kind = new_order.purchases.first().map_or(ItemKind::NewCommerce, |purchase| purchase.item.kind);
    let generation = Generation::of(kind);
    let provisioned_at = call.now + delta(call.settings.provisioning_time);
    let subscriptions: Vec<_> = new_order
        .purchases
        .iter()
        .map(|purchase| purchase.item.kind.has_subscription().then(|| subscription_id(context.random, generation)))
        .collect();
    let parent_of = |purchase: &Purchase| match &purchase.parent {
        Parent::None => None,
        Parent::Subscription(id) => Some(id.clone()),
        Parent::Line(index) => subscriptions.get(*index).cloned().flatten(),
    };
    let mut record = OrderRecord {
        placed_at: call.now,
        listed_from: call.now + delta(call.settings.list_lag),
        provisioned_at: Some(provisioned_at),
        parents: new_order.purchases.iter().map(parent_of).collect(),
        order: order(context, call, new_order, generation),
        coming_subscriptions: Vec::new(),
        licensed_user: new_order.licensed_user.clone(),
        version: 1,
        attachments: Vec::new(),
    };
    if generation == Generation::Legacy {
        // Legacy lines have their subscriptions from the start.
        for (index, (purchase, id)) in new_order.purchases.iter().zip(&subscriptions).enumerate() {
            if let Some(id) = id {
                provision_line(context, call, &mut record, index, &purchase.item, id);
            }
        }
    } else {
        record.coming_subscriptions = subscriptions;
    }
    context.due.add(provisioned_at, context.customer.id, &record.order.id);
    context.effects.count("ordersPlaced");
    context.customer.orders.put(record)
}

/// Adds the subscription of a line immediately; its provisioning continues.
pub(super) fn provision_line(
    context: &mut CustomerContext<'_>,
    call: &Call<'_>,
    record: &mut OrderRecord,
    index: usize,
    item: &CatalogItem,
    id: &str,
) {
    let line_provisioning = LineProvisioning {
        index,
        id,
        item,
        country: &context.customer.country,
        at: call.now,
        provisioned_at: call.now + delta(call.settings.provisioning_time),
        settings: call.settings,
    };
    provisioning::provision_line(record, &mut context.customer.subscriptions, &line_provisioning, context.random);
}

pub(super) fn subscription_id(random: &mut Random, generation: Generation) -> String {
    let id = random.uuid().to_string();
    if generation == Generation::Legacy { id.to_uppercase() } else { id }
}

fn order(context: &mut CustomerContext<'_>, call: &Call<'_>, new_order: &NewOrder, generation: Generation) -> Order {
    let (id, alternate_id) = match generation {
        Generation::Legacy => {
            let id = context.random.uuid().to_string();
            (id.clone(), id)
        }
        Generation::Modern => (context.random.modern_id(), context.random.twelve_hex()),
        Generation::NewCommerce => {
            let id = context.random.twelve_hex();
            (id.clone(), id)
        }
    };
    let customer = &*context.customer;
    let legacy = generation == Generation::Legacy;
    let line_items = new_order
        .purchases
        .iter()
        .zip(0..)
        .map(|(purchase, number)| line(call, purchase, number, &customer.country, legacy && !new_order.from_cart))
        .collect();
    Order {
        alternate_id: Some(alternate_id),
        reference_customer_id: customer.id.to_string(),
        billing_cycle: Some(new_order.billing_cycle.clone()),
        currency_code: Some(customer.currency_code.clone()),
        currency_symbol: (!legacy).then(|| customer.currency_symbol.clone()),
        line_items,
        creation_date: match generation {
            Generation::Legacy if new_order.from_cart => dates::azure(call.now),
            Generation::Legacy => dates::legacy(call.now),
            Generation::Modern | Generation::NewCommerce => dates::modern(call.now),
        },
        status: Some("pending".to_owned()),
        transaction_type: (!legacy || new_order.from_cart).then(|| "UserPurchase".to_owned()),
        record_type: None,
        total_price: None,
        client: match generation {
            Generation::Legacy => None,
            Generation::Modern => Some(client(&customer.country)),
            Generation::NewCommerce => Some(Map::new()),
        },
        links: Some(links(context, &id, generation)),
        attributes: Some(Attributes { etag: legacy.then(|| etag(&id, 1)), object_type: Some("Order".to_owned()) }),
        extra: new_order.extra.clone(),
        id,
    }
}

/// Returns a line as it is before provisioning.
pub(super) fn line(call: &Call<'_>, purchase: &Purchase, number: i32, country: &str, plain: bool) -> OrderLine {
    OrderLine {
        line_item_number: number,
        offer_id: purchase.offer_id.clone(),
        subscription_id: None,
        term_duration: purchase.shown_term(call),
        // Legacy orders don't have it.
        transaction_type: (!plain).then(|| "New".to_owned()),
        friendly_name: Some(purchase.friendly_name.clone().unwrap_or_else(|| purchase.item.title.clone())),
        quantity: purchase.quantity,
        custom_term_end_date: purchase.custom_term_end_date.clone(),
        promotion_id: purchase.promotion_id.clone(),
        partner_id_on_record: purchase.partner.clone(),
        additional_partner_ids_on_record: purchase.further_partners.clone(),
        provisioning_context: purchase.context.clone(),
        pricing: None,
        renews_to: purchase.renews_to.clone(),
        attestation_accepted: purchase.attestation,
        links: Some(catalog_links(&purchase.item, country)),
        extra: purchase.extra.clone(),
    }
}

fn client(country: &str) -> Map<String, Value> {
    let client = json!({
        "marketplaceCountry": country,
        "deviceFamily": "UniversalStore-PartnerCenter",
        "name": "Partner Center Web",
    });
    match client {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

fn links(context: &CustomerContext<'_>, id: &str, generation: Generation) -> Links {
    let path = format!("/customers/{}/orders/{id}", context.customer.id);
    let mut links = Links::from([("self".to_owned(), Link::get(&path))]);
    if generation != Generation::Legacy {
        links.insert("provisioningStatus".into(), Link::get(format!("{path}/provisioningstatus")));
    }
    if generation == Generation::NewCommerce {
        links.insert("patchOperation".into(), Link::patch(&path));
    }
    links
}
