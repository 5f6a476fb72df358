//! The order in which schemas name their members.

use std::collections::HashMap;

use super::{Document, Value};

/// The order of the members of each named schema: that of the contract, which is the one that the service writes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MemberOrder(HashMap<String, HashMap<String, usize>>);

impl MemberOrder {
    pub(super) fn of(document: &Document) -> Self {
        let Some(Value::Map(schemas)) = document.pointer("/components/schemas").map(|node| &node.value) else {
            return Self::default();
        };
        let orders = schemas.iter().filter_map(|schema| {
            let Value::Map(keywords) = &schema.value.value else { return None };
            let Value::Map(members) = &keywords.get("properties")?.value else { return None };
            let positions = members.iter().enumerate().map(|(position, member)| (member.key.text.clone(), position));
            Some((schema.key.text.clone(), positions.collect()))
        });
        Self(orders.collect())
    }

    /// The position of a member among those of its schema; behind all others where that isn't known.
    pub fn position(&self, schema: &str, member: &str) -> usize {
        self.0.get(schema).and_then(|members| members.get(member)).copied().unwrap_or(usize::MAX)
    }
}
