//! The typed crate and the validator agree on what a payload is.
//!
//! The types can read what the validator accepts in lenient mode, and what they write of it is valid. If they read more than
//! that, they write it back without new findings.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

#[path = "../../crates/partner-center-orders-schema/tests/common/mod.rs"]
mod common;

use partner_center_orders_api::types;
use partner_center_orders_schema::{Described, Finding, Validator};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Valid, but not readable for the types: `3.0` is an integer to JSON Schema, and requests match names in any letter case.
const TOO_MUCH: [&str; 2] = ["a whole number with a fraction", "with its names in upper case"];

/// Checks every change of one member of this example against type and schema.
#[track_caller]
fn check<T: DeserializeOwned + Serialize + Described>(example: &str) {
    check_rejecting::<T>(example, 20);
}

/// As [`check`], for a type that rejects at least so many changes.
#[track_caller]
fn check_rejecting<T: DeserializeOwned + Serialize + Described>(example: &str, least: usize) {
    let mut validator = Validator::of::<T>();
    if example.contains(".request.") {
        validator = validator.request();
    }
    let (mut read, mut rejected) = (0, 0);
    for mutation in common::mutations(&common::example(example)) {
        let text = serde_json::to_vec(&mutation.payload).unwrap();
        let before = validator.validate(&text).unwrap();
        match serde_json::from_slice::<T>(&text) {
            Ok(typed) => {
                read += 1;
                let after = validator.validate_typed(&typed).unwrap();
                let was_there = |finding: &Finding| {
                    before.findings.iter().any(|known| (known.code, &known.pointer) == (finding.code, &finding.pointer))
                };
                assert!(after.findings.iter().all(was_there), "{example} {}: written with\n{after}", mutation.what);
            }
            Err(_) if TOO_MUCH.iter().any(|what| mutation.what.ends_with(what)) => {}
            Err(error) => {
                rejected += 1;
                assert!(!before.is_valid(), "{example} {}: valid, but {error}", mutation.what);
            }
        }
    }
    assert!(read > 20 && rejected >= least, "{example}: {read} read, {rejected} rejected");
}

#[test]
fn orders() {
    for name in ["reservation", "legacy", "new_commerce"] {
        check::<types::Order>(&format!("get_order.response.{name}.json"));
    }
    check::<types::OrderCollection>("list_orders.response.priced.json");
}

#[test]
fn order_requests() {
    check::<types::NewOrder>("create_order.request.reservation.json");
    check::<types::NewOrder>("create_order.request.savings_plan.json");
    check::<types::OrderPatch>("update_order.request.add_on.json");
}

#[test]
fn carts() {
    check::<types::Cart>("create_cart.response.line_error.json");
    check::<types::NewCart>("create_cart.request.add_ons.json");
    check::<types::Cart>("create_cart.response.priced.json");
    check::<types::NewCart>("create_cart.request.savings_plan.json");
    check::<types::CartCheckoutResult>("checkout_cart.response.partly_failed.json");
    check::<types::CartCheckoutResult>("checkout_cart.response.priced.json");
}

#[test]
fn subscriptions() {
    check::<types::Subscription>("get_subscription.response.json");
    check::<types::Subscription>("get_subscription.response.savings_plan.json");
    check::<types::Subscription>("get_subscription.response.waiting.json");
    check::<types::SubscriptionPatch>("update_subscription.request.json");
    check::<types::SubscriptionPatch>("update_subscription.request.schedule.json");
}

#[test]
fn faults() {
    // Only its code must be readable.
    check_rejecting::<types::Fault>("fault.shape_of_2017.json", 3);
    check_rejecting::<types::Fault>("fault.agreement.json", 3);
}
