//! `cargo xtask api-changes`: whether the version suits what changed in the Rust API of the published crates since the last
//! release.

use std::path::Path;
use std::process::ExitCode;

use contract::command::exit_code;
use contract_diff::api_changes;

/// Compares the APIs; fails where the version is too small for their changes.
pub(crate) fn run(root: &Path) -> ExitCode {
    exit_code(api_changes::check(root).map(|text| {
        println!("{text}");
        true
    }))
}
