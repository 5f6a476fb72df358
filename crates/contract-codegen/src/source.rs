//! What files are generated from.

use std::path::Path;

use contract::load::{self, MemberOrder};
use contract::{CONTRACT, ERROR_CODES};
use serde_json::Value;

/// A contract and its table of error codes.
#[derive(Clone, Debug, PartialEq)]
pub struct Source {
    /// The contract.
    pub contract: Value,
    /// The order of the contract's members.
    pub order: MemberOrder,
    /// The table of error codes, as CSV.
    pub error_codes: String,
}

/// A file can't be read.
#[derive(Debug, thiserror::Error)]
#[error("can't read {0}: {1}")]
pub struct ReadError(pub &'static str, pub String);

impl Source {
    /// The contract of a workspace.
    ///
    /// # Errors
    /// When it can't be read.
    pub fn of(root: &Path) -> Result<Self, ReadError> {
        let document = load::load(&root.join(CONTRACT)).map_err(|report| ReadError(CONTRACT, report.to_string()))?;
        let error_codes = std::fs::read_to_string(root.join(ERROR_CODES))
            .map_err(|error| ReadError(ERROR_CODES, error.to_string()))?;
        Ok(Self { contract: document.to_json(), order: document.member_order(), error_codes })
    }
}
