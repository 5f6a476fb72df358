//! A fault with the requests that it applies to.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::kind::FaultKind;

/// An injected fault and the requests that it applies to.
///
/// A fault applies to every matching request, unless [`Fault::skip`], [`Fault::times`] or [`Fault::chance`] limit it.
///
/// ```
/// use partner_center_emulator::{Fault, FaultKind};
///
/// // The first checkout has its effect, but its response is lost.
/// let fault = Fault::new(FaultKind::lost_response()).on("checkout_cart").times(1);
/// let same: Fault = serde_json::from_str(r#"{"kind":"reset","at":"before","effect":true,"operation":"checkout_cart","times":1}"#)?;
/// assert_eq!(fault, same);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(into = "Map<String, Value>", try_from = "Map<String, Value>")]
pub struct Fault {
    pub(super) kind: FaultKind,
    pub(super) scope: Scope,
}

/// The requests that a fault applies to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Scope {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) operation: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) customer: Option<Uuid>,
    /// A text that the path contains.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) path: Option<String>,
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(super) skip: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) times: Option<u32>,
    #[serde(default = "certain", skip_serializing_if = "is_certain")]
    pub(super) chance: f64,
}

/// The members of a fault's JSON that select its requests.
const SCOPE_MEMBERS: [&str; 6] = ["operation", "customer", "path", "skip", "times", "chance"];

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
fn is_zero(number: &u32) -> bool {
    *number == 0
}

fn certain() -> f64 {
    1.0
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
fn is_certain(chance: &f64) -> bool {
    *chance >= 1.0
}

impl Fault {
    /// Returns a fault that applies to every request.
    pub fn new(kind: FaultKind) -> Self {
        let scope = Scope { operation: None, customer: None, path: None, skip: 0, times: None, chance: certain() };
        Self { kind, scope }
    }

    /// Returns what the fault does.
    ///
    /// ```
    /// use partner_center_emulator::{Fault, FaultKind};
    ///
    /// let fault = Fault::new(FaultKind::Delay { seconds: 2.5 }).on("create_order");
    /// assert!(matches!(fault.kind(), FaultKind::Delay { seconds: 2.5 }));
    /// ```
    pub fn kind(&self) -> &FaultKind {
        &self.kind
    }

    /// Limits the fault to an operation, by the contract's operation id. Those of the identity platform are `token`,
    /// `authorize`, `device_code`, `discovery` and `keys`.
    #[must_use]
    pub fn on(mut self, operation: impl Into<String>) -> Self {
        self.scope.operation = Some(operation.into());
        self
    }

    /// Limits the fault to requests for this customer.
    #[must_use]
    pub fn of_customer(mut self, customer: Uuid) -> Self {
        self.scope.customer = Some(customer);
        self
    }

    /// Limits the fault to requests whose path contains this text.
    #[must_use]
    pub fn at_path(mut self, part: impl Into<String>) -> Self {
        self.scope.path = Some(part.into());
        self
    }

    /// Skips this many matching requests first.
    #[must_use]
    pub fn skip(mut self, requests: u32) -> Self {
        self.scope.skip = requests;
        self
    }

    /// Limits the fault to this many requests.
    #[must_use]
    pub fn times(mut self, requests: u32) -> Self {
        self.scope.times = Some(requests);
        self
    }

    /// Applies to a matching request with this probability, derived from the emulator's seed.
    #[must_use]
    pub fn chance(mut self, probability: f64) -> Self {
        self.scope.chance = probability;
        self
    }
}

impl From<Fault> for Map<String, Value> {
    fn from(fault: Fault) -> Self {
        let mut members = Map::new();
        for part in [serde_json::to_value(fault.kind), serde_json::to_value(fault.scope)] {
            if let Ok(Value::Object(part)) = part {
                members.extend(part);
            }
        }
        members
    }
}

impl TryFrom<Map<String, Value>> for Fault {
    type Error = serde_json::Error;

    fn try_from(members: Map<String, Value>) -> Result<Self, serde_json::Error> {
        let (scope, kind): (Map<_, _>, Map<_, _>) =
            members.into_iter().partition(|(name, _)| SCOPE_MEMBERS.contains(&name.as_str()));
        let members = kind.len();
        let kind: FaultKind = serde_json::from_value(Value::Object(kind))?;
        // Serde ignores additional members of variants without members.
        let has_no_members = matches!(serde_json::to_value(&kind)?, Value::Object(written) if written.len() == 1);
        if has_no_members && members > 1 && !matches!(kind, FaultKind::Truncate { .. }) {
            return Err(serde::de::Error::custom(format!("the fault `{}` has no such member", kind.name())));
        }
        Ok(Self { kind, scope: serde_json::from_value(Value::Object(scope))? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_round_trip_through_json() {
        for fault in [
            Fault::new(FaultKind::throttled(7)).on("get_order").times(1),
            Fault::new(FaultKind::Drip { bytes: 3, seconds: 0.5 }).skip(2),
            Fault::new(FaultKind::status_after_effect(503)).of_customer(Uuid::from_u128(3)).chance(0.25),
        ] {
            let json = serde_json::to_string(&fault).unwrap();
            assert_eq!(serde_json::from_str::<Fault>(&json).unwrap(), fault, "{json}");
        }
    }

    #[test]
    fn malformed_faults_are_rejected() {
        for json in [r#"{"kind":"reset"}"#, r#"{"kind":"garble","time":1}"#, r#"{"kind":"gremlin"}"#, r#"{"times":1}"#]
        {
            assert!(serde_json::from_str::<Fault>(json).is_err(), "{json}");
        }
    }
}
