//! Members that the service resets where a request leaves them out.

use std::collections::BTreeMap;

use serde::de::IgnoredAny;
use serde_json::Value;

use crate::finding::{Code, Finding, Location};
use crate::operation::Operation;
use crate::schema::Schema;

/// A request that has to be the whole of a resource, as it was read.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct WholeResource {
    operation: &'static str,
    /// The members that every such resource has. A request without one of them is not the whole.
    always: &'static [&'static str],
    /// The members that are reset where they are left out. The first is on every resource too; the others are absent where they
    /// have no value.
    reset: &'static [&'static str],
}

/// Documented 2023: a change of a subscription without these switches renewal off, or deletes what is scheduled.
static WHOLE_RESOURCES: [WholeResource; 1] = [WholeResource {
    operation: "update_subscription",
    always: &["id", "quantity", "status", "autoRenewEnabled"],
    reset: &["autoRenewEnabled", "scheduledNextTermInstructions", "nextChargeInstructions"],
}];

impl WholeResource {
    /// Returns the rule for an operation's request.
    pub(crate) fn of(operation: &Operation) -> Option<&'static Self> {
        WHOLE_RESOURCES.iter().find(|rule| rule.operation == operation.id())
    }

    /// Returns the members that a text resets by accident. Text that isn't an object resets nothing.
    pub(crate) fn reset_by(&self, text: &[u8]) -> Vec<&'static str> {
        match serde_json::from_slice::<BTreeMap<String, Option<IgnoredAny>>>(text) {
            Ok(members) => self.reset_without(|name| {
                members.iter().any(|(own, value)| value.is_some() && own.eq_ignore_ascii_case(name))
            }),
            Err(_) => Vec::new(),
        }
    }

    /// Returns the members that a value resets by accident.
    pub(crate) fn reset_by_value(&self, value: &Value) -> Vec<&'static str> {
        match value {
            Value::Object(members) => self.reset_without(|name| {
                members.iter().any(|(own, value)| !value.is_null() && own.eq_ignore_ascii_case(name))
            }),
            _ => Vec::new(),
        }
    }

    /// A request with every member that the resource always has leaves out the others because they have no value.
    fn reset_without(&self, has: impl Fn(&str) -> bool) -> Vec<&'static str> {
        if self.always.iter().all(|name| has(name)) {
            return Vec::new();
        }
        self.reset.iter().copied().filter(|name| !has(name)).collect()
    }
}

/// Returns the finding about a member that is reset.
pub(crate) fn finding(schema: Schema, member: &'static str, location: Option<Location>) -> Finding {
    let known = schema.0.members.as_ref().and_then(|members| members.find(member.as_bytes(), true, 0));
    Finding {
        code: Code::ResetByOmission,
        pointer: format!("/{member}"),
        pattern: format!("/{member}"),
        location,
        length: usize::from(location.is_some()),
        schema: schema.name(),
        expected: format!("the member `{member}`, which the service resets if it is left out"),
        found: "none".to_owned(),
        description: known.and_then(|(_, member)| member.slot.about()),
        suggestion: Some("read the resource, change it, and send all of it back".to_owned()),
    }
}
