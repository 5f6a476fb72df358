//! What changed between two contracts, by meaning: on the wire, and in the generated Rust API.
//!
//! Two contracts are compared operation by operation and schema by schema. Each difference is reported with its
//! locations in both files, the direction in which it travels, and what it asks of the next version. `docs/contract-changes.md`
//! explains how the verdicts are found. What a release asks for is decided here too, from these verdicts and from the public
//! surfaces of the crates.

#![expect(clippy::single_match_else, reason = "found in the other contract or new: the arms weigh the same")]

pub mod api_changes;
pub mod changelog;
pub mod manifests;
pub mod release;
pub mod surface;

mod arguments;
mod bodies;
mod change;
mod comparable;
mod compare;
mod comparer;
mod document;
mod error_codes;
mod inputs;
mod operations;
mod parameters;
mod renames;
mod render;
mod schemas;
mod since;
mod verdict;

pub use change::{Change, Comparison};
pub use comparable::{Check, Contract};
pub use compare::compare;
pub use contract::site::Location;
pub use inputs::{InputError, Inputs, last_change, last_release};
pub use render::{Format, render, summary};
pub use since::since_last_release;
pub use verdict::{Direction, Effect, Verdict};
