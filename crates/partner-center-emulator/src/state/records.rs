//! Records in the order in which they were added, found by id.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::orders::OrderRecord;
use super::subscriptions::SubscriptionRecord;

/// Records in the order in which they were added, found by key.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(from = "Vec<T>", into = "Vec<T>")]
#[serde(bound(serialize = "T: Keyed + Clone + Serialize", deserialize = "T: Keyed + Deserialize<'de>"))]
pub(crate) struct Records<T: Keyed> {
    records: Vec<T>,
    by_key: HashMap<String, usize>,
}

/// A record with a key.
pub(crate) trait Keyed {
    /// Returns the key of an id.
    fn key(id: &str) -> String;
    fn id(&self) -> &str;
}

pub(crate) type Orders = Records<OrderRecord>;
pub(crate) type Subscriptions = Records<SubscriptionRecord>;

impl Keyed for OrderRecord {
    /// Case-sensitive, except for GUIDs (documented: upper case is accepted in paths).
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
