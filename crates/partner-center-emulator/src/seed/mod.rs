//! Initial data.

mod generated;

use chrono::{DateTime, Utc};
use serde::Deserialize;

use crate::settings::Settings;
use crate::state::orders::Order;
use crate::state::{Customer, State};

pub(crate) use generated::generated;

/// The built-in customers: the documented one, and one with orders of every other format.
#[derive(Deserialize)]
struct BuiltIn {
    customers: Vec<BuiltInCustomer>,
}

#[derive(Deserialize)]
struct BuiltInCustomer {
    #[serde(flatten)]
    customer: CustomerHead,
    orders: Vec<Order>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct CustomerHead {
    id: uuid::Uuid,
    country: String,
    currency_code: String,
    currency_symbol: String,
}

/// Adds the built-in customers.
pub(crate) fn built_in(state: &mut State, settings: &Settings, now: DateTime<Utc>) {
    #[expect(clippy::expect_used, reason = "the file is part of the crate, and every test reads it")]
    let built_in: BuiltIn = serde_json::from_str(include_str!("built_in.json")).expect("the built-in data is valid");
    for BuiltInCustomer { customer: head, orders } in built_in.customers {
        state.add_customer(Customer {
            country: head.country,
            currency_code: head.currency_code,
            currency_symbol: head.currency_symbol,
            ..Customer::new(head.id)
        });
        for order in orders {
            state.add_order(head.id, order, settings, now);
        }
    }
}
