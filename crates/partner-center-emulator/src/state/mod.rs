//! The state of the emulator: customers and all of their data.

pub(crate) mod carts;
mod customer;
pub(crate) mod orders;
pub(crate) mod prices;
pub(crate) mod provisioning;
mod records;
pub(crate) mod subscriptions;

use std::collections::{BTreeMap, HashSet};

use chrono::{DateTime, Utc};
use uuid::Uuid;

pub(crate) use customer::Customer;
pub(crate) use records::Keyed;

use crate::catalog::Catalog;
use crate::random::Random;
use crate::settings::Settings;
use orders::{Order, OrderRecord};
use provisioning::{Due, LineProvisioning};
use subscriptions::SubscriptionRecord;

/// Everything that requests read and change. One lock guards it, so that each request sees it in a consistent state.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) customers: BTreeMap<Uuid, Customer>,
    /// The customers' ids in the order in which they were added.
    arrivals: Vec<Uuid>,
    pub(crate) catalog: Catalog,
    pub(crate) random: Random,
    pub(crate) due: Due,
    pub(crate) effects: Effects,
    /// The carts and orders that are being written.
    pub(crate) busy: HashSet<String>,
}

/// How often requests changed the state, by effect.
#[derive(Clone, Debug, Default)]
pub(crate) struct Effects(BTreeMap<&'static str, u64>);

impl Effects {
    pub(crate) fn count(&mut self, what: &'static str) {
        *self.0.entry(what).or_default() += 1;
    }

    pub(crate) fn counts(&self) -> &BTreeMap<&'static str, u64> {
        &self.0
    }
}

impl State {
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            customers: BTreeMap::new(),
            arrivals: Vec::new(),
            catalog: Catalog::built_in(),
            random: Random::stream(seed, "world"),
            due: Due::default(),
            effects: Effects::default(),
            busy: HashSet::new(),
        }
    }

    /// Adds a customer, unless there is one with its id.
    pub(crate) fn add_customer(&mut self, customer: Customer) {
        if !self.customers.contains_key(&customer.id) {
            self.put_customer(customer);
        }
    }

    /// Adds a customer, or replaces the one with its id.
    pub(crate) fn put_customer(&mut self, customer: Customer) {
        self.due.add_all_of(&customer);
        let id = customer.id;
        if self.customers.insert(id, customer).is_none() {
            self.arrivals.push(id);
        }
    }

    /// Removes all customers.
    pub(crate) fn clear(&mut self) {
        self.customers.clear();
        self.arrivals.clear();
        self.due = Due::default();
    }

    pub(crate) fn customer_ids(&self) -> Vec<Uuid> {
        self.arrivals.clone()
    }

    /// Adds an order as the service would write it, with the subscriptions that its lines name.
    pub(crate) fn add_order(&mut self, customer: Uuid, mut order: Order, settings: &Settings, now: DateTime<Utc>) {
        self.add_customer(Customer::new(customer));
        let Some(customer) = self.customers.get_mut(&customer) else { return };
        if order.reference_customer_id.is_empty() {
            order.reference_customer_id = customer.id.to_string();
        }
        let record = OrderRecord::seeded(order, now);
        provisioning::seed_subscriptions(customer, &record, &self.catalog, &mut self.random, settings);
        customer.orders.put(record);
    }

    /// Brings the state up to date with the clock.
    pub(crate) fn settle(&mut self, settings: &Settings, now: DateTime<Utc>) {
        for (at, customer, order) in self.due.take(now) {
            let Some(customer) = self.customers.get_mut(&customer) else { continue };
            let Customer { orders, subscriptions, country, .. } = customer;
            // An order whose time has changed since is due again then.
            let Some(record) = orders.get_mut(&order).filter(|record| record.provisioned_at == Some(at)) else {
                continue;
            };
            record.provisioned_at = None;
            if record.order.status.as_deref() == Some("pending") {
                record.order.status = Some("completed".to_owned());
            }
            for (index, coming) in std::mem::take(&mut record.coming_subscriptions).into_iter().enumerate() {
                let Some(id) = coming else { continue };
                let offer = record.order.line_items.get(index).map(|line| line.offer_id.clone()).unwrap_or_default();
                let Some(item) = self.catalog.find_or_derive(&offer) else { continue };
                let line_provisioning =
                    LineProvisioning { index, id: &id, item: &item, country, at, provisioned_at: at, settings };
                provisioning::provision_line(record, subscriptions, &line_provisioning, &mut self.random);
            }
        }
        for (at, customer, subscription) in self.due.take_changes(now) {
            let customer = self.customers.get_mut(&customer);
            let record = customer.and_then(|customer| customer.subscriptions.get_mut(&subscription));
            // Another change may have come first.
            let is_due =
                |record: &&mut SubscriptionRecord| record.pending.as_ref().is_some_and(|pending| pending.at == at);
            if let Some(record) = record.filter(is_due) {
                record.make_pending_change();
            }
        }
    }
}
