//! What files are generated from.

use std::path::Path;

use contract::edit::{self, Edit};
use contract::load::{self, Document};
use contract::{CONTRACT, ERROR_CODES};

/// A contract and its table of error codes.
#[derive(Clone, Debug)]
pub struct Source {
    /// The contract.
    pub contract: Document,
    /// The table of error codes, as CSV.
    pub error_codes: String,
}

/// A file can't be read.
#[derive(Debug, thiserror::Error)]
#[error("can't read {0}: {1}")]
pub struct ReadError(pub &'static str, pub String);

/// A contract can't be edited.
#[derive(Debug, thiserror::Error)]
pub enum EditError {
    /// An edit's position doesn't exist.
    #[error(transparent)]
    Position(#[from] edit::NoSuchPlace),
    /// The edited contract can't be read.
    #[error("the edited contract can't be read: {0}")]
    Text(String),
}

impl Source {
    /// The contract of a workspace.
    ///
    /// # Errors
    /// When it can't be read.
    pub fn of(root: &Path) -> Result<Self, ReadError> {
        let contract = load::load(&root.join(CONTRACT)).map_err(|report| ReadError(CONTRACT, report.to_string()))?;
        let error_codes = std::fs::read_to_string(root.join(ERROR_CODES))
            .map_err(|error| ReadError(ERROR_CODES, error.to_string()))?;
        Ok(Self { contract, error_codes })
    }

    /// The same with edits of the contract, whose members then stand in the order of their names.
    ///
    /// # Errors
    /// When the position of an edit doesn't exist.
    pub fn edited(&self, edits: &[Edit]) -> Result<Self, EditError> {
        let mut contract = self.contract.to_json();
        edit::apply(&mut contract, edits)?;
        let contract =
            load::parse(CONTRACT, &edit::to_yaml(&contract)).map_err(|report| EditError::Text(report.to_string()))?;
        Ok(Self { contract, error_codes: self.error_codes.clone() })
    }
}
