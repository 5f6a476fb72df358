//! `cargo xtask diff`: its verdicts on single edits, what it makes of any contract, and how the command behaves.

#![allow(clippy::unwrap_used, reason = "a test may fail")]

mod any_contract;
mod command;
mod single_edits;
#[path = "../support/mod.rs"]
mod support;

use serde_json::Value;
use xtask::diff::{Comparison, Contract, compare};
use xtask::{edit, load};

/// A fixture's contract, as a value.
fn fixture(text: &str) -> Value {
    load::parse("contract.yaml", text).unwrap().to_json()
}

/// What changed between two contracts; `None` where one of them has no meaning to compare.
fn difference(old: &Value, new: &Value) -> Option<Comparison> {
    let contract = |contract: &Value| {
        load::parse("contract.yaml", &edit::to_yaml(contract))
            .and_then(|document| Contract::new("a contract", document, None))
            .ok()
    };
    Some(compare(&contract(old)?, &contract(new)?))
}
