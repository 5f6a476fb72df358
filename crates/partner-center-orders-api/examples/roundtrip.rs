//! Reads a JSON payload as a type of the contract, and prints it written again.
//!
//! ```sh
//! cargo run -p partner-center-orders-api --example roundtrip -- Order < order.json
//! cargo run -p partner-center-orders-api --example roundtrip -- Order --request < order.json   # as NewOrder
//! ```
//!
//! Exit status: 0 when it was read, 1 when the payload can't be read as that type, 2 when the call is wrong.

use std::io::Read as _;
use std::process::ExitCode;

use partner_center_orders_api::runtime::decode;
use partner_center_orders_api::types;
use serde::Serialize;
use serde::de::DeserializeOwned;

type Roundtrip = fn(&[u8]) -> Result<String, Box<dyn std::error::Error>>;

fn through<T: Serialize + DeserializeOwned>(payload: &[u8]) -> Result<String, Box<dyn std::error::Error>> {
    let value: T = decode(payload)?;
    Ok(serde_json::to_string_pretty(&value)?)
}

/// The schemas by name; a second name is how the documentation speaks of them.
const SCHEMAS: &[(&[&str], Roundtrip)] = &[
    (&["AttachmentMetadata", "AttachmentMetadata + files (multipart)"], through::<types::AttachmentMetadata>),
    (&["Cart"], through::<types::Cart>),
    (&["CartCheckoutResult"], through::<types::CartCheckoutResult>),
    (&["Fault", "ApiFault", "gateway error / audit collection"], through::<types::Fault>),
    (&["NewCart"], through::<types::NewCart>),
    (&["NewOrder"], through::<types::NewOrder>),
    (&["OAuthError", "OAuth error"], through::<types::OAuthError>),
    (&["OAuthToken", "OAuth token"], through::<types::OAuthToken>),
    (&["Order", "Order (partial)"], through::<types::Order>),
    (&["OrderAttachment"], through::<types::OrderAttachment>),
    (
        &["OrderAttachmentCollection", "ResourceCollection<OrderAttachment>"],
        through::<types::OrderAttachmentCollection>,
    ),
    (&["OrderCollection", "ResourceCollection<Order>"], through::<types::OrderCollection>),
    (&["OrderLineItem"], through::<types::OrderLineItem>),
    (
        &["OrderLineItemActivationLinkCollection", "ResourceCollection<OrderLineItemActivationLink>"],
        through::<types::OrderLineItemActivationLinkCollection>,
    ),
    (
        &["OrderLineItemProvisioningStatusCollection", "ResourceCollection<OrderLineItemProvisioningStatus>"],
        through::<types::OrderLineItemProvisioningStatusCollection>,
    ),
    (&["OrderPatch"], through::<types::OrderPatch>),
    (&["Subscription"], through::<types::Subscription>),
    (&["SubscriptionActivationResult"], through::<types::SubscriptionActivationResult>),
    (&["SubscriptionCollection", "ResourceCollection<Subscription>"], through::<types::SubscriptionCollection>),
    (&["SubscriptionPatch"], through::<types::SubscriptionPatch>),
    (&["SubscriptionProvisioningStatus"], through::<types::SubscriptionProvisioningStatus>),
];

/// What a resource's name means in a request.
const WRITE_FORMS: &[(&str, &str)] = &[
    ("Order", "NewOrder"),
    ("Order (partial)", "OrderPatch"),
    ("Cart", "NewCart"),
    ("Subscription", "SubscriptionPatch"),
];

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let request = arguments.iter().any(|argument| argument == "--request");
    let names: Vec<&String> = arguments.iter().filter(|argument| *argument != "--request").collect();
    let [name] = names[..] else {
        eprintln!("usage: roundtrip SCHEMA [--request] < payload.json");
        return ExitCode::from(2);
    };
    let meant = WRITE_FORMS
        .iter()
        .find(|(resource, _)| request && resource == name)
        .map_or(name.as_str(), |(_, write_form)| write_form);
    let Some((_, roundtrip)) = SCHEMAS.iter().find(|(names, _)| names.contains(&meant)) else {
        let known: Vec<&str> = SCHEMAS.iter().map(|(names, _)| names[0]).collect();
        eprintln!("no schema is named `{name}`; there are: {}", known.join(", "));
        return ExitCode::from(2);
    };
    let mut payload = Vec::new();
    if let Err(error) = std::io::stdin().lock().read_to_end(&mut payload) {
        eprintln!("can't read the standard input: {error}");
        return ExitCode::from(2);
    }
    match roundtrip(&payload) {
        Ok(text) => {
            println!("{text}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("not readable as {meant}: {error}");
            ExitCode::FAILURE
        }
    }
}
