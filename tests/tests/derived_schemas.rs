//! The JSON Schemas that the types derive agree with the contract: presence, type, optional or required, enum, format.

#![allow(clippy::unwrap_used, reason = "a test may fail")]

use std::collections::{BTreeMap, BTreeSet};

use partner_center_orders_api::{enums, types};
use schemars::{Schema, schema_for};
use serde_json::Value;
use test_support::listed::assert_complete;

const CONTRACT: &str = include_str!("../../crates/partner-center-orders-schema/src/generated/response.json");

macro_rules! derived {
    ($module:ident: $($name:ident)*) => {
        [$((stringify!($name), schema_for!($module::$name))),*]
    };
}

fn derived() -> BTreeMap<&'static str, Schema> {
    let objects = derived![types:
        AttachmentMetadata Cart CartCheckoutResult CartError CartErrorInformation CartLineItem CartLinks
        CartParticipant ClientContext CollectionLinks Fault ItemType Link LinkHeader NewCart NewCartLineItem NewOrder
        NewOrderLineItem NextChargeInstructions OAuthError OAuthToken Order OrderAttachment OrderAttachmentCollection
        OrderCollection OrderError OrderLineItem OrderLineItemActivationLink OrderLineItemActivationLinkCollection
        OrderLineItemLinks OrderLineItemPatch OrderLineItemProvisioningStatus
        OrderLineItemProvisioningStatusCollection OrderLinks OrderPatch OtherError Pricing ProductTerm
        PurchaseCommitment QuantityProvisioningInformation RefundOption RefundableQuantity RefundableQuantityDetail
        RenewsTo ResourceAttributes ScheduledNextTermInstructions Subscription SubscriptionActivationResult
        SubscriptionCollection SubscriptionLineItem SubscriptionLinks SubscriptionPatch SubscriptionProvisioningStatus
        SubscriptionScope
    ];
    let open_enums = derived![enums:
        AttachmentType BillingCycle BillingCycleFilter BillingType CartStatus ContractType FulfillmentStatus
        OrderLineTransactionType OrderRecordType OrderStatus OrderTransactionType ParticipantRole
        SubscriptionProvisioningState SubscriptionStatus
    ];
    objects.into_iter().chain(open_enums).collect()
}

/// The properties that both kinds of schema have.
#[derive(Debug, PartialEq, Eq)]
struct Shape {
    kinds: BTreeSet<String>,
    format: Option<String>,
    target: Option<String>,
    items: Option<Box<Shape>>,
}

impl Shape {
    /// A format that the contract doesn't specify may be narrowed: a plain integer is read as 64 bits.
    fn agrees_with(&self, contract: &Self) -> bool {
        self.kinds == contract.kinds
            && self.target == contract.target
            && (contract.format.is_none() || self.format == contract.format)
            && match (&self.items, &contract.items) {
                (Some(items), Some(of_contract)) => items.agrees_with(of_contract),
                (one, other) => one == other,
            }
    }
}

/// Reads a schema of either kind; `null` is ignored, as an optional member may be null or absent to a reader.
fn shape(root: &Value, schema: &Value) -> Shape {
    let mut shape = Shape { kinds: BTreeSet::new(), format: None, target: None, items: None };
    collect(root, schema, &mut shape);
    shape.kinds.remove("null");
    shape
}

fn collect(root: &Value, schema: &Value, shape: &mut Shape) {
    if let Some(target) = schema.get("$ref").and_then(Value::as_str) {
        // A recursive type refers to its own root.
        let (name, definition) = match target.rsplit('/').next().unwrap() {
            "#" => (root["title"].as_str().unwrap(), root),
            name => (name, &root["$defs"][name]),
        };
        assert!(!definition.is_null(), "{target} leads nowhere");
        if definition.get("properties").is_some() {
            shape.kinds.insert("object".to_owned());
            shape.target = Some(name.to_owned());
        } else {
            collect(root, definition, shape);
        }
    }
    match schema.get("type") {
        Some(Value::String(kind)) => drop(shape.kinds.insert(kind.clone())),
        Some(Value::Array(kinds)) => shape.kinds.extend(kinds.iter().map(|kind| kind.as_str().unwrap().to_owned())),
        _ => {}
    }
    for keyword in ["allOf", "anyOf", "oneOf"] {
        for inner in schema.get(keyword).and_then(Value::as_array).into_iter().flatten() {
            collect(root, inner, shape);
        }
    }
    if let Some(format) = schema.get("format").and_then(Value::as_str) {
        shape.format = Some(format.to_owned());
    }
    if let Some(items) = schema.get("items") {
        shape.items = Some(Box::new(self::shape(root, items)));
    }
}

fn names(schema: &Value, keyword: &str) -> BTreeSet<String> {
    match &schema[keyword] {
        Value::Array(names) => names.iter().map(|name| name.as_str().unwrap().to_owned()).collect(),
        Value::Object(members) => members.keys().cloned().collect(),
        _ => BTreeSet::new(),
    }
}

fn contract() -> Value {
    serde_json::from_str(CONTRACT).unwrap()
}

#[test]
fn every_schema_of_the_contract_has_its_type() {
    let wire_types = ["CartErrorCode", "FaultCode", "NumberOrText"];
    let contract = names(&contract(), "$defs");
    let in_contract = contract.iter().map(String::as_str).filter(|name| !wire_types.contains(name));
    assert_complete("the list in `derived`", derived().into_keys(), in_contract);
}

#[test]
fn members_and_what_is_required_agree() {
    let contract = contract();
    for (name, schema) in derived() {
        let (derived, written) = (schema.to_value(), &contract["$defs"][name]);
        assert_eq!(names(&derived, "properties"), names(written, "properties"), "members of {name}");
        assert_eq!(names(&derived, "required"), names(written, "required"), "required members of {name}");
    }
}

#[test]
fn types_and_formats_of_members_agree() {
    let contract = contract();
    let mut compared = 0;
    for (name, schema) in derived() {
        let derived = schema.to_value();
        for (member, written) in contract["$defs"][name]["properties"].as_object().into_iter().flatten() {
            let found = shape(&derived, &derived["properties"][member]);
            let expected = shape(&contract, written);
            // A member of any type has no type to compare.
            if !expected.kinds.is_empty() {
                assert!(found.agrees_with(&expected), "{name}.{member}: {found:?}, but the contract says {expected:?}");
                compared += 1;
            }
        }
    }
    assert!(compared > 200, "only {compared} members were compared");
}

#[test]
fn enums_know_the_same_values() {
    let contract = contract();
    for (name, schema) in derived() {
        if let Some(expected) = contract["$defs"][name].get("enum") {
            assert_eq!(&schema.to_value()["anyOf"][0]["enum"], expected, "{name}");
        }
    }
}
