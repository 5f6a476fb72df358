//! `cargo xtask rules`: the pages on lint's rules.

use std::error::Error;
use std::path::Path;
use std::process::ExitCode;

use contract::escaped::EscapedLines;
use contract_codegen::output::{self, Artifact};
use contract_lint::pages::{PAGES, pages};

use crate::report::or_failure;

/// Writes the pages, or checks them.
pub(crate) fn run(root: &Path, check: bool) -> ExitCode {
    or_failure(write(root, check))
}

fn write(root: &Path, check: bool) -> Result<ExitCode, Box<dyn Error>> {
    let pages: Vec<_> = pages(root)?.into_iter().map(|(path, text)| Artifact { path, text }).collect();
    if !check {
        let changed = output::write(root, &pages)?;
        println!("{} of {} files in {PAGES} changed", changed.len(), pages.len());
        return Ok(ExitCode::SUCCESS);
    }
    let differences = output::differences(root, &pages)?;
    if differences.is_empty() {
        println!("all {} files in {PAGES} match the catalogue", pages.len());
        return Ok(ExitCode::SUCCESS);
    }
    print!("{}", EscapedLines(differences));
    eprintln!("error: {PAGES} doesn't match the catalogue; run `cargo xtask rules`");
    Ok(ExitCode::FAILURE)
}
