//! Collections as the service writes them.

use serde::Serialize;

use crate::state::orders::{Attributes, Link, Links};

/// A collection as the service writes it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Collection<T> {
    total_count: usize,
    items: Vec<T>,
    #[serde(skip_serializing_if = "Option::is_none")]
    links: Option<Links>,
    attributes: Attributes,
}

impl<T> Collection<T> {
    pub(super) fn new(items: Vec<T>) -> Self {
        Self { total_count: items.len(), items, links: None, attributes: Attributes::of("Collection") }
    }

    pub(super) fn with_self(mut self, uri: String) -> Self {
        self.links = Some(Links::from([("self".to_owned(), Link::get(uri))]));
        self
    }
}
