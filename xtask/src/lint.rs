//! `cargo xtask lint`: what is wrong with a contract.

use std::path::Path;
use std::process::ExitCode;

use contract::CONTRACT;
use contract::load;
use contract_lint::{Scope, lint};

use crate::report::show;

/// Checks a file, and prints what was found.
pub(crate) fn run(file: &Path, conventions: bool, short: bool) -> ExitCode {
    let scope = if conventions || is_contract(file) { Scope::Project } else { Scope::Generation };
    let report = load::load(file).map_or_else(|report| report, |document| lint(&document, scope));
    show(file, &report, short)
}

/// Whether a file is this project's own contract.
fn is_contract(file: &Path) -> bool {
    match (file.canonicalize(), Path::new(CONTRACT).canonicalize()) {
        (Ok(file), Ok(contract)) => file == contract,
        _ => file == Path::new(CONTRACT),
    }
}
