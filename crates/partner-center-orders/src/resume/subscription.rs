//! Whether a subscription is as a patch wants it.

use partner_center_orders_api::types::{Subscription, SubscriptionPatch};
use serde_json::Value;

use super::agree::member;

/// Members of a patch that a subscription shows as soon as the change took place: it didn't where they differ.
const SHOWN: [&str; 6] = ["status", "quantity", "friendlyName", "autoRenewEnabled", "billingCycle", "partnerId"];

/// Members that the service sets itself. They are passed over in a patch, and may have changed since it was made.
const OF_THE_SERVICE: [&str; 24] = [
    "id",
    "orderId",
    "entitlementId",
    "offerId",
    "offerName",
    "productType",
    "isMicrosoftProduct",
    "publisherName",
    "unitType",
    "parentSubscriptionId",
    "hasPurchasableAddons",
    "creationDate",
    "effectiveStartDate",
    "commitmentEndDate",
    "cancellationAllowedUntilDate",
    "isTrial",
    "billingType",
    "renewalTermDuration",
    "refundOptions",
    "contractType",
    "actions",
    "suspensionReasons",
    "links",
    "attributes",
];

/// What a subscription shows of a patch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shown {
    /// It is as wanted, whoever changed it.
    Change,
    /// It isn't.
    NoChange,
    /// The patch sets what a subscription may show later, or not at all: a term, instructions for the next one, or a member
    /// that the contract doesn't know.
    Nothing,
}

/// Compares every member that the patch sets.
pub(crate) fn shown(subscription: &Subscription, patch: &SubscriptionPatch) -> Shown {
    fn differs<T: PartialEq>(wanted: Option<&T>, found: Option<&T>) -> bool {
        wanted.is_some_and(|wanted| found != Some(wanted))
    }
    let is_contradicted = differs(patch.status.as_ref(), Some(&subscription.status))
        || differs(patch.quantity.as_ref(), Some(&subscription.quantity))
        || differs(patch.friendly_name.as_ref(), subscription.friendly_name.as_ref())
        || differs(patch.auto_renew_enabled.as_ref(), subscription.auto_renew_enabled.as_ref())
        || differs(patch.billing_cycle.as_ref(), subscription.billing_cycle.as_ref())
        || differs(patch.partner_id.as_ref(), subscription.partner_id.as_ref());
    if is_contradicted {
        return Shown::NoChange;
    }
    let (Ok(Value::Object(patch)), Ok(Value::Object(found))) =
        (serde_json::to_value(patch), serde_json::to_value(subscription))
    else {
        return Shown::Nothing;
    };
    let is_one_of = |names: &[&str], name: &str| names.iter().any(|known| known.eq_ignore_ascii_case(name));
    let wanted: Vec<_> =
        patch.iter().filter(|(name, wanted)| !wanted.is_null() && !is_one_of(&OF_THE_SERVICE, name)).collect();
    let is_there = |name: &str, wanted: &Value| member(&found, name).is_some_and(|found| holds(found, wanted));
    let is_shown =
        !wanted.is_empty() && wanted.iter().all(|(name, wanted)| is_one_of(&SHOWN, name) || is_there(name, wanted));
    if is_shown { Shown::Change } else { Shown::Nothing }
}

/// Whether the one value has all that the other one has. The service may add members to an object.
fn holds(found: &Value, wanted: &Value) -> bool {
    match (found, wanted) {
        (Value::Object(found), Value::Object(wanted)) => wanted
            .iter()
            .filter(|(_, wanted)| !wanted.is_null())
            .all(|(name, wanted)| member(found, name).is_some_and(|found| holds(found, wanted))),
        _ => found == wanted,
    }
}
