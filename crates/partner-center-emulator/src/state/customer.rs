//! Customers of the partner.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::carts::CartRecord;
use super::records::{Orders, Subscriptions};

/// A customer of the partner.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Customer {
    pub(crate) id: Uuid,
    /// The country in links to products.
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
