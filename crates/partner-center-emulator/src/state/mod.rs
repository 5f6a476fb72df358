//! What the emulator remembers: customers and all that is theirs.

pub(crate) mod carts;
pub(crate) mod orders;
pub(crate) mod provisioning;
pub(crate) mod subscriptions;

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::catalog::Catalog;
use crate::random::Random;
use crate::settings::Settings;
use carts::CartRecord;
use orders::{Order, OrderRecord};
use provisioning::Due;
use subscriptions::SubscriptionRecord;

/// Everything that requests read and change. One lock guards it, so each request sees and leaves it whole.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) customers: BTreeMap<Uuid, Customer>,
    /// The customers' ids in the order in which they came.
    arrivals: Vec<Uuid>,
    pub(crate) catalog: Catalog,
    pub(crate) random: Random,
    pub(crate) due: Due,
    pub(crate) effects: Effects,
    /// The carts and orders that a write is at work on.
    pub(crate) busy: HashSet<String>,
}

/// A customer of the partner.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Customer {
    pub(crate) id: Uuid,
    /// The country, which links to products name.
    #[serde(default = "Customer::default_country")]
    pub(crate) country: String,
    #[serde(default = "Customer::default_currency")]
    pub(crate) currency_code: String,
    #[serde(default = "Customer::default_symbol")]
    pub(crate) currency_symbol: String,
    #[serde(default)]
    pub(crate) orders: Orders,
    #[serde(default)]
    pub(crate) subscriptions: Subscriptions,
    #[serde(default)]
    pub(crate) carts: BTreeMap<Uuid, CartRecord>,
}

impl Customer {
    pub(crate) fn new(id: Uuid) -> Self {
        Self {
            id,
            country: Self::default_country(),
            currency_code: Self::default_currency(),
            currency_symbol: Self::default_symbol(),
            orders: Orders::default(),
            subscriptions: Subscriptions::default(),
            carts: BTreeMap::new(),
        }
    }

    fn default_country() -> String {
        "US".to_owned()
    }

    fn default_currency() -> String {
        "USD".to_owned()
    }

    fn default_symbol() -> String {
        "$".to_owned()
    }
}

/// Records in the order of their arrival, found by a key of their own.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(from = "Vec<T>", into = "Vec<T>")]
#[serde(bound(serialize = "T: Keyed + Clone + Serialize", deserialize = "T: Keyed + Deserialize<'de>"))]
pub(crate) struct Records<T: Keyed> {
    records: Vec<T>,
    by_key: HashMap<String, usize>,
}

/// What a record is found by.
pub(crate) trait Keyed {
    /// The form of an id under which records are kept.
    fn key(id: &str) -> String;
    fn id(&self) -> &str;
}

pub(crate) type Orders = Records<OrderRecord>;
pub(crate) type Subscriptions = Records<SubscriptionRecord>;

impl Keyed for OrderRecord {
    /// Letter case counts, but for GUIDs (documented: upper case is accepted in paths).
    fn key(id: &str) -> String {
        if id.len() == 36 && Uuid::try_parse(id).is_ok() { id.to_ascii_lowercase() } else { id.to_owned() }
    }

    fn id(&self) -> &str {
        &self.order.id
    }
}

impl Keyed for SubscriptionRecord {
    fn key(id: &str) -> String {
        id.to_ascii_lowercase()
    }

    fn id(&self) -> &str {
        &self.subscription.id
    }
}

impl<T: Keyed> Default for Records<T> {
    fn default() -> Self {
        Self { records: Vec::new(), by_key: HashMap::new() }
    }
}

impl<T: Keyed> From<Vec<T>> for Records<T> {
    fn from(records: Vec<T>) -> Self {
        let mut kept = Self::default();
        for record in records {
            kept.put(record);
        }
        kept
    }
}

impl<T: Keyed> From<Records<T>> for Vec<T> {
    fn from(records: Records<T>) -> Self {
        records.records
    }
}

impl<T: Keyed> Records<T> {
    /// Adds a record, or replaces the one with its id.
    pub(crate) fn put(&mut self, record: T) -> &mut T {
        let next = self.records.len();
        let index = *self.by_key.entry(T::key(record.id())).or_insert(next);
        if index == next {
            self.records.push(record);
        } else {
            self.records[index] = record;
        }
        &mut self.records[index]
    }

    pub(crate) fn get(&self, id: &str) -> Option<&T> {
        self.by_key.get(&T::key(id)).map(|index| &self.records[*index])
    }

    pub(crate) fn get_mut(&mut self, id: &str) -> Option<&mut T> {
        self.by_key.get(&T::key(id)).map(|index| &mut self.records[*index])
    }

    pub(crate) fn iter(&self) -> std::slice::Iter<'_, T> {
        self.records.iter()
    }
}

/// How often requests changed something, by what they did.
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

    /// Forgets all customers.
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
}
