//! What changed between two contracts, by meaning: on the wire, and in the generated Rust API.
//!
//! Two contracts are walked side by side, operation by operation and schema by schema. Each difference is told by its
//! places in both files, by which way it travels, and by what it asks of the next version. `docs/contract-changes.md`
//! says how the verdicts are found.

#![expect(clippy::single_match_else, reason = "found in the other contract or new: the arms weigh the same")]

mod bodies;
pub mod command;
mod comparer;
mod contract;
mod document;
mod error_codes;
mod inputs;
mod operations;
mod parameters;
mod renames;
mod render;
pub(crate) mod rust;
mod schemas;
mod verdict;

use std::collections::BTreeSet;
use std::path::Path;

use serde::Serialize;

pub(crate) use contract::Site;
pub use contract::{Contract, Place};
pub use inputs::{InputError, Inputs, last_change, last_release};
pub use render::{Format, render, summary};
pub use verdict::{Direction, Effect, Verdict};

use crate::escaped::Escaped;

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
    /// Where it stands in the old contract, or would.
    pub old: Place,
    /// Where it stands in the new contract, or would.
    pub new: Place,
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
    /// The differences, those with the greatest verdict first, then by place.
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

/// What changed since the last release, in one line, and the command that shows more.
pub fn since_last_release(root: &Path) -> String {
    let inputs = Inputs::new(root);
    let contracts = inputs.last_release().and_then(|old| Ok((old, inputs.working_tree()?)));
    match contracts {
        Ok((old, new)) => format!("{}; `cargo xtask diff` shows more", summary(&compare(&old, &new))),
        Err(error) => format!("{}; `cargo xtask diff OLD NEW` compares any two contracts", Escaped(error)),
    }
}

/// Compares two contracts.
pub fn compare(old: &Contract, new: &Contract) -> Comparison {
    let mut comparer = comparer::Comparer::new(old, new);
    comparer.document();
    comparer.operations();
    comparer.schemas();
    comparer.unused_components();
    comparer.error_codes();
    let mut changes = comparer.finish();
    changes.sort_by(|left, right| {
        (right.verdict, left.new.line, &left.pointer, left.kind, &left.summary).cmp(&(
            left.verdict,
            right.new.line,
            &right.pointer,
            right.kind,
            &right.summary,
        ))
    });
    Comparison {
        old: old.title().to_owned(),
        new: new.title().to_owned(),
        verdict: changes.iter().map(|change| change.verdict).max().unwrap_or_default(),
        changes,
    }
}
