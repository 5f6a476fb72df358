//! Provisioning of orders as the clock advances.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::customer::Customer;
use super::orders::{Link, OrderRecord};
use super::records::Subscriptions;
use super::subscriptions::{Origin, SubscriptionRecord};
use crate::catalog::{Catalog, CatalogItem, ItemKind};
use crate::random::Random;
use crate::settings::Settings;

/// What happens later, by its time.
#[derive(Debug, Default)]
pub(crate) struct Due {
    /// The orders that are being provisioned.
    orders: Times,
    /// The subscriptions whose change is accepted.
    changes: Times,
}

/// Ids of a customer and of its order or subscription.
type Times = BTreeMap<DateTime<Utc>, Vec<(Uuid, String)>>;

impl Due {
    pub(crate) fn add(&mut self, at: DateTime<Utc>, customer: Uuid, order: &str) {
        self.orders.entry(at).or_default().push((customer, order.to_owned()));
    }

    pub(crate) fn add_change(&mut self, at: DateTime<Utc>, customer: Uuid, subscription: &str) {
        self.changes.entry(at).or_default().push((customer, subscription.to_owned()));
    }

    pub(crate) fn add_all_of(&mut self, customer: &Customer) {
        for record in customer.orders.iter() {
            if let Some(at) = record.provisioned_at {
                self.add(at, customer.id, &record.order.id);
            }
        }
        for record in customer.subscriptions.iter() {
            if let Some(pending) = &record.pending {
                self.add_change(pending.at, customer.id, &record.subscription.id);
            }
        }
    }

    /// Removes and returns the orders that are due, the earliest first.
    pub(super) fn take(&mut self, now: DateTime<Utc>) -> Vec<(DateTime<Utc>, Uuid, String)> {
        take(&mut self.orders, now)
    }

    /// Removes and returns the subscriptions whose change is due, the earliest first.
    pub(super) fn take_changes(&mut self, now: DateTime<Utc>) -> Vec<(DateTime<Utc>, Uuid, String)> {
        take(&mut self.changes, now)
    }

    /// Removes and returns the subscriptions of a customer whose change is accepted.
    pub(crate) fn take_changes_of(&mut self, customer: Uuid) -> Vec<String> {
        let ids = self.changes.values_mut().flat_map(|ids| ids.extract_if(.., |(owner, _)| *owner == customer));
        ids.map(|(_, id)| id).collect()
    }
}

fn take(times: &mut Times, now: DateTime<Utc>) -> Vec<(DateTime<Utc>, Uuid, String)> {
    let mut taken = Vec::new();
    while let Some(entry) = times.first_entry() {
        if *entry.key() > now {
            break;
        }
        let (at, ids) = entry.remove_entry();
        taken.extend(ids.into_iter().map(|(customer, id)| (at, customer, id)));
    }
    taken
}

/// The parameters of provisioning a line.
pub(crate) struct LineProvisioning<'a> {
    pub(crate) index: usize,
    pub(crate) id: &'a str,
    pub(crate) item: &'a CatalogItem,
    pub(crate) country: &'a str,
    pub(crate) at: DateTime<Utc>,
    pub(crate) provisioned_at: DateTime<Utc>,
    pub(crate) settings: &'a Settings,
}

/// Adds the subscription of an order's line.
pub(crate) fn provision_line(
    record: &mut OrderRecord,
    subscriptions: &mut Subscriptions,
    line_provisioning: &LineProvisioning<'_>,
    random: &mut Random,
) {
    let customer = record.order.reference_customer_id.clone();
    let order_path = format!("/customers/{customer}/orders/{}", record.order.id);
    let Some(line) = record.order.line_items.get_mut(line_provisioning.index) else { return };
    if line.quantity == 0 {
        // The line was cancelled before it was provisioned.
        return;
    }
    line.subscription_id = Some(line_provisioning.id.to_owned());
    let links = line.links.get_or_insert_default();
    links.insert(
        "subscription".into(),
        Link::get(format!("/customers/{customer}/subscriptions/{}", line_provisioning.id)),
    );
    if line_provisioning.item.kind == ItemKind::Licence {
        // A documented sample has this address without the customer.
        let uri = format!("/subscriptions/{}/provisioningstatus", line_provisioning.id);
        links.insert("provisioningStatus".into(), Link::get(uri));
    }
    if line_provisioning.item.kind == ItemKind::Saas {
        let uri = format!("{order_path}/lineitems/{}/activationlinks", line.line_item_number);
        links.insert("activationLinks".into(), Link::get(uri));
    }
    let line = line.clone();
    let origin = Origin {
        order: &record.order,
        line: &line,
        item: line_provisioning.item,
        parent: record.parents.get(line_provisioning.index).and_then(Option::as_deref),
        country: line_provisioning.country,
        at: line_provisioning.at,
        settings: line_provisioning.settings,
    };
    let mut subscription = SubscriptionRecord::new(line_provisioning.id, &origin);
    subscription.provisioned_at = line_provisioning.provisioned_at;
    if line_provisioning.item.kind == ItemKind::Saas {
        subscription.activation_token = Some(random.opaque::<24>());
    }
    subscriptions.put(subscription);
}

/// Adds the subscriptions that the lines of a seeded order name.
pub(crate) fn seed_subscriptions(
    customer: &mut Customer,
    record: &OrderRecord,
    catalog: &Catalog,
    random: &mut Random,
    settings: &Settings,
) {
    for line in &record.order.line_items {
        let Some(item) = catalog.find_or_derive(&line.offer_id) else { continue };
        let key = line
            .links
            .as_ref()
            .and_then(|links| links.get("subscription"))
            .and_then(|link| link.uri.strip_prefix("/subscriptions?key="));
        // Lines of 2015 name their subscription by a key only.
        let id = match (&line.subscription_id, key) {
            (Some(id), _) => id.clone(),
            (None, Some(_)) => random.uuid().to_string().to_uppercase(),
            (None, None) => continue,
        };
        let parent = line.extra.get("parentSubscriptionId").and_then(serde_json::Value::as_str);
        let origin = Origin {
            order: &record.order,
            line,
            item: &item,
            parent,
            country: &customer.country,
            at: record.placed_at,
            settings,
        };
        let mut subscription = SubscriptionRecord::new(&id, &origin);
        subscription.subscription.set_status("active");
        subscription.key = key.map(str::to_owned);
        if item.kind == ItemKind::Saas {
            subscription.activation_token = Some(random.opaque::<24>());
        }
        customer.subscriptions.put(subscription);
    }
}
