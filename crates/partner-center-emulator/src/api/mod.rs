//! What the operations do. Each reads and changes the state at one moment; nothing waits in here.

mod billing_cycle;
mod orders;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use http::HeaderMap;
use serde::Serialize;
use uuid::Uuid;

use crate::catalog::Catalog;
use crate::identity::tokens::Caller;
use crate::random::Random;
use crate::refusal::Refusal;
use crate::route::Operation;
use crate::settings::Settings;
use crate::state::orders::{Attributes, Link, Links};
use crate::state::{Customer, World};
use crate::wire::answer::Answer;
use crate::wire::path::Pairs;

/// A call of an operation, past all that concerns every call alike.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Call<'a> {
    pub(crate) operation: Operation,
    /// What stands in the address in place of the names in braces.
    pub(crate) parameters: &'a [String],
    pub(crate) query: &'a Pairs,
    pub(crate) headers: &'a HeaderMap,
    pub(crate) body: &'a Bytes,
    pub(crate) caller: &'a Caller,
    pub(crate) settings: &'a Settings,
    pub(crate) now: DateTime<Utc>,
}

impl Call<'_> {
    /// A parameter of the address by its position.
    fn parameter(&self, position: usize) -> &str {
        self.parameters.get(position).map_or("", String::as_str)
    }
}

/// What a call about one customer works with.
struct Shop<'a> {
    customer: &'a mut Customer,
    catalog: &'a Catalog,
    random: &'a mut Random,
}

/// Does what an operation does.
pub(crate) fn answer(world: &mut World, call: &Call<'_>) -> Result<Answer, Refusal> {
    world.settle(call.settings, call.now);
    let World { customers, catalog, random, .. } = world;
    let id = customer_id(call.parameter(0))?;
    let customer = customers.get_mut(&id).ok_or_else(Refusal::no_relationship)?;
    let shop = Shop { customer, catalog, random };
    match call.operation {
        Operation::ListOrders => orders::list(&shop, call),
        Operation::GetOrder => orders::get(&shop, call),
        _ => Err(Refusal::nothing_here()),
    }
}

fn customer_id(text: &str) -> Result<Uuid, Refusal> {
    Some(text)
        .filter(|text| text.len() == 36)
        .and_then(|text| Uuid::try_parse(text).ok())
        .ok_or_else(|| Refusal::bad_request(900_118, "The customer id is not valid."))
}

/// A collection as the service writes it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Collection<T> {
    total_count: usize,
    items: Vec<T>,
    #[serde(skip_serializing_if = "Option::is_none")]
    links: Option<Links>,
    attributes: Attributes,
}

impl<T> Collection<T> {
    fn new(items: Vec<T>) -> Self {
        Self { total_count: items.len(), items, links: None, attributes: Attributes::of("Collection") }
    }

    fn with_self(mut self, uri: String) -> Self {
        self.links = Some(Links::from([("self".to_owned(), Link::get(uri))]));
        self
    }
}
