//! A payload that can be read, written and read again is the same, and the crate's own reader agrees with `serde_json` on
//! it; the first line names its type.

use partner_center_orders_api::runtime::{Payload, decode, decode_payload};
use partner_center_orders_api::types;
use serde::Serialize;

use super::nested::unfolded;

fn agree<T: Payload + Serialize + PartialEq + std::fmt::Debug>(payload: &[u8]) {
    let own = decode_payload::<T>(payload);
    let first = match decode::<T>(payload) {
        Ok(first) => first,
        Err(error) => {
            assert_eq!(own.expect_err("serde_json can't read it").to_string(), error.to_string());
            assert!(!error.problem().is_empty());
            let lines = payload.split(|byte| *byte == b'\n').count();
            assert!(error.line() <= lines, "{error}");
            return;
        }
    };
    let written = serde_json::to_vec(&first).expect("what was read can be written");
    let second = decode::<T>(&written).expect("what was written can be read");
    assert_eq!(first, second);
    assert_eq!(serde_json::to_vec(&second).expect("it was written before"), written);
    // Written text is stricter than equality: amounts with different spellings are equal.
    let own = own.expect("serde_json can read it");
    assert_eq!(serde_json::to_vec(&own).expect("it is the same"), written);
}

pub type Check = fn(&[u8]);

macro_rules! types {
    ($($type:ident)*) => { &[$((stringify!($type), agree::<types::$type>)),*] };
}

/// Every type of the contract.
pub const TYPES: &[(&str, Check)] = types! {
    AttachmentMetadata Cart CartCheckoutResult CartError CartErrorInformation CartLineItem CartLinks CartParticipant
    ClientContext CollectionLinks Fault ItemType Link LinkHeader NewCart NewCartLineItem NewOrder NewOrderLineItem
    NextChargeInstructions OAuthError OAuthToken Order OrderAttachment OrderAttachmentCollection OrderCollection
    OrderError OrderLineItem OrderLineItemActivationLink OrderLineItemActivationLinkCollection OrderLineItemLinks
    OrderLineItemPatch OrderLineItemProvisioningStatus OrderLineItemProvisioningStatusCollection OrderLinks OrderPatch
    OtherError Pricing ProductTerm PurchaseCommitment QuantityProvisioningInformation RefundOption RefundableQuantity
    RefundableQuantityDetail RenewsTo ResourceAttributes ScheduledNextTermInstructions Subscription
    SubscriptionActivationResult SubscriptionCollection SubscriptionLineItem SubscriptionLinks SubscriptionPatch
    SubscriptionProvisioningStatus SubscriptionScope
};

/// Reads, writes and reads again.
pub fn check(input: &[u8]) {
    let input = &*unfolded(input);
    let Some(end) = input.iter().position(|byte| *byte == b'\n') else { return };
    let (name, payload) = (&input[..end], &input[end + 1..]);
    if let Some((_, agree)) = TYPES.iter().find(|(known, _)| known.as_bytes() == name) {
        agree(payload);
    }
}
