//! Comparison of a subscription with a patch.

use partner_center_orders_api::types::{Subscription, SubscriptionPatch};
use serde_json::Value;

use crate::agree::{holds, member};

/// Members of a patch that a subscription shows as soon as the change took place: if they differ, it didn't.
const SHOWN: [&str; 6] = ["status", "quantity", "friendlyName", "autoRenewEnabled", "billingCycle", "partnerId"];

/// Members that the service sets itself. They are ignored in a patch, and may have changed since it was made.
const SET_BY_SERVICE: [&str; 35] = [
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
    "productOrderId",
    "migratedFromSubscriptionId",
    "commitmentEndDateTime",
    "billingCycleEndDate",
    "billingCycleEndDateTime",
    "refundableQuantity",
    "promotionId",
    "lineItems",
    "consumptionType",
    "attentionNeeded",
    "actionTaken",
];

/// The part of a patch that a subscription shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shown {
    /// It is as requested, whichever call changed it.
    Change,
    /// It isn't as requested.
    NoChange,
    /// The patch sets what a subscription may show later, or not at all: a term, instructions for the next one, or a member
    /// that the contract doesn't know.
    Nothing,
}

/// Compares every member that the patch sets.
pub(crate) fn shown(subscription: &Subscription, patch: &SubscriptionPatch) -> Shown {
    let (Ok(Value::Object(patch)), Ok(Value::Object(found))) =
        (serde_json::to_value(patch), serde_json::to_value(subscription))
    else {
        return Shown::Nothing;
    };
    let is_one_of = |names: &[&str], name: &str| names.iter().any(|known| known.eq_ignore_ascii_case(name));
    let wanted = patch.iter().filter(|(name, wanted)| !wanted.is_null() && !is_one_of(&SET_BY_SERVICE, name));
    let is_there = |name: &str, wanted: &Value| member(&found, name).is_some_and(|found| holds(found, wanted));
    let (there, missing): (Vec<_>, Vec<_>) = wanted.partition(|(name, wanted)| is_there(name, wanted));
    if missing.iter().any(|(name, _)| is_one_of(&SHOWN, name)) {
        return Shown::NoChange;
    }
    if missing.is_empty() && !there.is_empty() { Shown::Change } else { Shown::Nothing }
}
