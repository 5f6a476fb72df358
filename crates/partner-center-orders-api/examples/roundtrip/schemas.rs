//! The types of the contract by the names of their schemas.

use partner_center_orders_api::runtime::{DecodeError, decode};
use partner_center_orders_api::types;
use partner_center_orders_schema::{Schema, UnknownSchema};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// There is no type of this name.
#[derive(Debug, thiserror::Error)]
#[error("unknown schema `{name}`: expected one of {}", ENTRIES.iter().map(|entry| entry.name).collect::<Vec<_>>().join(", "))]
pub(crate) struct UnknownName {
    name: String,
}

/// A payload could not be read, or not written again.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// It can't be read as this type.
    #[error("not readable as {schema}: {error}")]
    Unreadable { schema: &'static str, error: DecodeError },
    /// It can't be read as this type; lines and columns are unknown, since its members were renamed.
    #[error("not readable as {schema}: {} at `{}`", error.problem(), error.path())]
    UnreadableRenamed { schema: &'static str, error: DecodeError },
    /// The value can't be written.
    #[error("not writable: {0}")]
    Unwritable(#[from] serde_json::Error),
    /// The contract doesn't know the type's schema.
    #[error(transparent)]
    OutsideTheContract(#[from] UnknownSchema),
}

/// One type: its schema's name, its other names, and its conversion.
struct Entry {
    name: &'static str,
    other_names: &'static [&'static str],
    write: fn(&[u8]) -> Result<Written, DecodeError>,
}

type Written = serde_json::Result<String>;

fn convert<T: Serialize + DeserializeOwned>(payload: &[u8]) -> Result<Written, DecodeError> {
    decode::<T>(payload).map(|value| serde_json::to_string_pretty(&value))
}

macro_rules! entries {
    ($($type:ident $(= $other:literal)*,)*) => {
        &[$(Entry { name: stringify!($type), other_names: &[$($other),*], write: convert::<types::$type> }),*]
    };
}

/// Every schema of a whole payload; the other names are those of the service and its documentation.
const ENTRIES: &[Entry] = entries! {
    AttachmentMetadata = "AttachmentMetadata + files (multipart)",
    Cart,
    CartCheckoutResult,
    Fault = "ApiFault" = "gateway error / audit collection",
    NewCart,
    NewOrder,
    OAuthError = "OAuth error",
    OAuthToken = "OAuth token",
    Order = "Order (partial)",
    OrderAttachment,
    OrderAttachmentCollection = "ResourceCollection<OrderAttachment>",
    OrderCollection = "ResourceCollection<Order>",
    OrderLineItem,
    OrderLineItemActivationLinkCollection = "ResourceCollection<OrderLineItemActivationLink>",
    OrderLineItemProvisioningStatusCollection = "ResourceCollection<OrderLineItemProvisioningStatus>",
    OrderPatch,
    Subscription,
    SubscriptionActivationResult,
    SubscriptionCollection = "ResourceCollection<Subscription>",
    SubscriptionPatch,
    SubscriptionProvisioningStatus,
};

/// The schemas of resources in requests.
const WRITE_FORMS: &[(&str, &str)] = &[
    ("Order", "NewOrder"),
    ("Order (partial)", "OrderPatch"),
    ("Cart", "NewCart"),
    ("Subscription", "SubscriptionPatch"),
];

/// Reads a payload as a type and writes it again.
#[derive(Clone, Copy)]
pub(crate) struct Conversion {
    entry: &'static Entry,
    is_request: bool,
}

impl Conversion {
    /// The conversion for this schema, or for its form in requests.
    pub(crate) fn named(schema: &str, is_request: bool) -> Result<Self, UnknownName> {
        let write_form = WRITE_FORMS.iter().find(|(resource, _)| is_request && *resource == schema);
        let name = write_form.map_or(schema, |(_, form)| form);
        let entry = ENTRIES.iter().find(|entry| entry.name == name || entry.other_names.contains(&name));
        entry.map(|entry| Self { entry, is_request }).ok_or_else(|| UnknownName { name: schema.to_owned() })
    }

    /// Reads a payload and writes it again. Members of a request may be named in any letter case.
    ///
    /// So may those of a response whose own names begin with capital letters: pages of 2022 print one like the request before it.
    pub(crate) fn apply(self, payload: &[u8]) -> Result<String, Failure> {
        let schema = self.entry.name;
        let unreadable = |error| Failure::Unreadable { schema, error };
        if self.is_request || is_named_like_a_request(payload) {
            let sent: Value = decode(payload).map_err(unreadable)?;
            let renamed = Schema::named(schema)?.canonical_names(sent.clone());
            if renamed != sent {
                let payload = serde_json::to_vec(&renamed)?;
                let written = (self.entry.write)(&payload);
                return Ok(written.map_err(|error| Failure::UnreadableRenamed { schema, error })??);
            }
        }
        Ok((self.entry.write)(payload).map_err(unreadable)??)
    }
}

/// Whether the names of an object begin with capital letters, all of them. The service's responses never do.
pub(crate) fn is_named_like_a_request(payload: &[u8]) -> bool {
    let is_capital = |name: &String| name.starts_with(|letter: char| letter.is_ascii_uppercase());
    decode::<Value>(payload)
        .ok()
        .and_then(|value| value.as_object().map(|object| !object.is_empty() && object.keys().all(is_capital)))
        .unwrap_or(false)
}
