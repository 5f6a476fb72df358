//! The comparison of contracts: its verdicts on single edits, and what it makes of any contract.

#![allow(clippy::unwrap_used, reason = "a test may fail")]

mod any_contract;
mod single_edits;

use contract::{edit, load};
use contract_diff::{Comparison, Contract, compare};
use serde_json::Value;

/// A fixture's contract, as a value.
fn fixture(text: &str) -> Value {
    load::parse("contract.yaml", text).unwrap().to_json()
}

/// What changed between two contracts; `None` where one of them has no meaning to compare.
fn difference(old: &Value, new: &Value) -> Option<Comparison> {
    let contract = |contract: &Value| {
        load::parse("contract.yaml", &edit::to_yaml(contract))
            .and_then(|document| Contract::new("a contract", document, None, contract_lint::comparable))
            .ok()
    };
    Some(compare(&contract(old)?, &contract(new)?))
}
