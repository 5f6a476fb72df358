//! A payload that can be read, written and read again is the same; the first line names its type.

use partner_center_orders_api::runtime::decode;
use partner_center_orders_api::types;
use serde::Serialize;
use serde::de::DeserializeOwned;

fn agree<T: DeserializeOwned + Serialize + PartialEq + std::fmt::Debug>(payload: &[u8]) {
    let first = match decode::<T>(payload) {
        Ok(first) => first,
        Err(error) => {
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
}

pub type Check = fn(&[u8]);

macro_rules! types {
    ($($type:ident)*) => { &[$((stringify!($type), agree::<types::$type>)),*] };
}

/// Every type of the contract.
pub const TYPES: &[(&str, Check)] = types! {
    AttachmentMetadata Cart CartCheckoutResult CartError CartLineItem CartLinks CartParticipant ClientContext CollectionLinks
    Fault ItemType Link LinkHeader NewCart NewCartLineItem NewOrder NewOrderLineItem OAuthError OAuthToken Order
    OrderAttachment OrderAttachmentCollection OrderCollection OrderError OrderLineItem OrderLineItemActivationLink
    OrderLineItemActivationLinkCollection OrderLineItemLinks OrderLineItemPatch OrderLineItemProvisioningStatus
    OrderLineItemProvisioningStatusCollection OrderLinks OrderPatch OtherError Pricing ProductTerm
    QuantityProvisioningInformation RefundOption RenewsTo ResourceAttributes ScheduledNextTermInstructions Subscription
    SubscriptionActivationResult SubscriptionCollection SubscriptionLinks SubscriptionPatch SubscriptionProvisioningStatus
};

/// Reads, writes and reads again.
pub fn check(input: &[u8]) {
    let Some(end) = input.iter().position(|byte| *byte == b'\n') else { return };
    let (name, payload) = (&input[..end], &input[end + 1..]);
    if let Some((_, agree)) = TYPES.iter().find(|(known, _)| known.as_bytes() == name) {
        agree(payload);
    }
}
