//! A difference, and all of them.

use std::collections::BTreeSet;

use contract::site::Location;
use serde::Serialize;

use crate::verdict::{Direction, Effect, Verdict};

/// One difference.
#[derive(Clone, Debug, Serialize)]
pub struct Change {
    /// What kind of difference it is, such as `member-added`.
    pub kind: &'static str,
    /// The greater of the two verdicts.
    pub verdict: Verdict,
    /// What it is about: an operation, a schema, or the contract itself.
    pub subject: String,
    /// What changed, in words.
    pub summary: String,
    /// The ids of the operations that it reaches.
    pub operations: BTreeSet<String>,
    /// Which way the changed part travels.
    pub direction: Direction,
    /// JSON pointer of the changed part: in the new contract, or in the old one where the new one no longer has it.
    pub pointer: String,
    /// Where it is in the old contract, or would be.
    pub old: Location,
    /// Where it is in the new contract, or would be.
    pub new: Location,
    /// What it does on the wire.
    pub wire: Effect,
    /// What it does to the generated Rust API.
    pub rust: Effect,
}

/// All differences between two contracts.
#[derive(Clone, Debug, Serialize)]
pub struct Comparison {
    /// What people call the old contract.
    pub old: String,
    /// What people call the new contract.
    pub new: String,
    /// The greatest verdict of all changes.
    pub verdict: Verdict,
    /// The differences, those with the greatest verdict first, then by location.
    pub changes: Vec<Change>,
}

impl Comparison {
    /// How many changes have this verdict.
    pub fn count(&self, verdict: Verdict) -> usize {
        self.changes.iter().filter(|change| change.verdict == verdict).count()
    }

    /// The greatest verdict on the Rust API.
    pub fn rust_verdict(&self) -> Verdict {
        self.changes.iter().map(|change| change.rust.verdict).max().unwrap_or_default()
    }

    /// The greatest verdict on the wire.
    pub fn wire_verdict(&self) -> Verdict {
        self.changes.iter().map(|change| change.wire.verdict).max().unwrap_or_default()
    }
}
