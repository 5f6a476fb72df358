//! `cargo xtask release`: whether the version is one that the contract's changes allow, and the changelog's section on
//! them.

use std::path::Path;
use std::process::ExitCode;

use contract_diff::release::{ReleaseError, Task, release};

/// Rejects a version that the contract's changes forbid, and drafts the changelog's section from them.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Writes nothing: shows the draft instead of putting it into the changelog.
    #[arg(long)]
    check: bool,
    /// Writes nothing: fails unless the crates can be published as they are.
    #[arg(long, conflicts_with = "check")]
    publishable: bool,
}

/// Checks the release, and drafts the changelog's section or inserts it.
pub(crate) fn run(root: &Path, arguments: &Arguments) -> ExitCode {
    let task = match arguments {
        Arguments { publishable: true, .. } => Task::Publishable,
        Arguments { check: true, .. } => Task::Check,
        Arguments { .. } => Task::Draft,
    };
    match release(root, task, contract_lint::comparable) {
        Ok(text) => {
            println!("{text}");
            ExitCode::SUCCESS
        }
        Err(ReleaseError::Input(error)) => {
            crate::diff::print_error(&error);
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}
