//! What the emulator remembers: customers and all that is theirs.

pub(crate) mod orders;

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::catalog::Catalog;
use crate::random::Random;
use crate::settings::Settings;
use orders::{Order, OrderRecord};

/// Everything that requests read and change. One lock guards it, so each request sees and leaves it whole.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) customers: BTreeMap<Uuid, Customer>,
    /// The customers' ids in the order in which they came.
    arrivals: Vec<Uuid>,
    pub(crate) catalog: Catalog,
    pub(crate) random: Random,
}

/// A customer of the partner.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Customer {
    pub(crate) id: Uuid,
    /// The country, which links to products name.
    #[serde(default = "Customer::usual_country")]
    pub(crate) country: String,
    #[serde(default = "Customer::usual_currency")]
    pub(crate) currency_code: String,
    #[serde(default = "Customer::usual_symbol")]
    pub(crate) currency_symbol: String,
    #[serde(default)]
    pub(crate) orders: Orders,
}

impl Customer {
    pub(crate) fn new(id: Uuid) -> Self {
        Self {
            id,
            country: Self::usual_country(),
            currency_code: Self::usual_currency(),
            currency_symbol: Self::usual_symbol(),
            orders: Orders::default(),
        }
    }

    fn usual_country() -> String {
        "US".to_owned()
    }

    fn usual_currency() -> String {
        "USD".to_owned()
    }

    fn usual_symbol() -> String {
        "$".to_owned()
    }
}

/// The orders of a customer, in the order of their arrival, and found by id.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(from = "Vec<OrderRecord>", into = "Vec<OrderRecord>")]
pub(crate) struct Orders {
    records: Vec<OrderRecord>,
    by_id: HashMap<String, usize>,
}

impl From<Vec<OrderRecord>> for Orders {
    fn from(records: Vec<OrderRecord>) -> Self {
        let mut orders = Self::default();
        records.into_iter().for_each(|record| orders.put(record));
        orders
    }
}

impl From<Orders> for Vec<OrderRecord> {
    fn from(orders: Orders) -> Self {
        orders.records
    }
}

impl Orders {
    /// Adds an order, or replaces the one with its id.
    pub(crate) fn put(&mut self, record: OrderRecord) {
        let key = order_key(&record.order.id);
        match self.by_id.get(&key) {
            Some(index) => self.records[*index] = record,
            None => {
                self.by_id.insert(key, self.records.len());
                self.records.push(record);
            }
        }
    }

    pub(crate) fn get(&self, id: &str) -> Option<&OrderRecord> {
        self.by_id.get(&order_key(id)).map(|index| &self.records[*index])
    }

    pub(crate) fn get_mut(&mut self, id: &str) -> Option<&mut OrderRecord> {
        self.by_id.get(&order_key(id)).map(|index| &mut self.records[*index])
    }

    pub(crate) fn iter(&self) -> std::slice::Iter<'_, OrderRecord> {
        self.records.iter()
    }
}

/// What an order is found by: letter case counts, but for GUIDs (documented: upper case is accepted in paths).
fn order_key(id: &str) -> String {
    if id.len() == 36 && Uuid::try_parse(id).is_ok() { id.to_ascii_lowercase() } else { id.to_owned() }
}

impl World {
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            customers: BTreeMap::new(),
            arrivals: Vec::new(),
            catalog: Catalog::built_in(),
            random: Random::stream(seed, "world"),
        }
    }

    /// Adds a customer, unless there is one with its id.
    pub(crate) fn add_customer(&mut self, customer: Customer) {
        if !self.customers.contains_key(&customer.id) {
            self.arrivals.push(customer.id);
            self.customers.insert(customer.id, customer);
        }
    }

    pub(crate) fn customer_ids(&self) -> Vec<Uuid> {
        self.arrivals.clone()
    }

    pub(crate) fn add_order(&mut self, customer: Uuid, mut order: Order, now: DateTime<Utc>) {
        self.add_customer(Customer::new(customer));
        let Some(customer) = self.customers.get_mut(&customer) else { return };
        if order.reference_customer_id.is_empty() {
            order.reference_customer_id = customer.id.to_string();
        }
        customer.orders.put(OrderRecord::seeded(order, now));
    }

    /// Brings the state up to date with the clock.
    pub(crate) fn settle(&mut self, _settings: &Settings, _now: DateTime<Utc>) {}
}
