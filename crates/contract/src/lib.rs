//! The contract as data: its text with positions, the tree that is read from it, and what both lint and the generator know
//! of what becomes of it in Rust.
//!
//! Everything else builds on this crate: `contract-lint`, `contract-codegen` and `contract-diff`, and none of them on
//! another.

pub mod bundle;
pub mod command;
pub mod diagnostic;
pub mod edit;
pub mod escaped;
pub mod files;
pub mod forms;
pub mod load;
pub mod naming;
pub mod operations;
pub mod pointer;
pub mod rust;
pub mod scale;
pub mod schema;
pub mod shapes;
pub mod site;
pub mod source;
pub mod transport_headers;

/// Where the contract lies, from the root of the workspace.
pub const CONTRACT: &str = "spec/partner-center-orders.yaml";
/// Where the table of error codes lies.
pub const ERROR_CODES: &str = "spec/error-codes.csv";
