//! `cargo xtask api-changes`: whether the version suits what changed in the Rust API of the published crates since the last
//! release.

use std::path::Path;
use std::process::ExitCode;

use contract_diff::api_changes;

/// Compares the APIs; fails where the version is too small for their changes.
pub(crate) fn run(root: &Path) -> ExitCode {
    match api_changes::check(root) {
        Ok(text) => {
            println!("{text}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}
