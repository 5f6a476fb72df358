//! `cargo xtask generate`: client, mocks and schemas from the contract.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use contract::escaped::{Escaped, EscapedLines};
use contract::{CONTRACT, ERROR_CODES, files, load};
use contract_codegen::{output, pipeline};
use contract_diff::since_last_release;
use contract_lint::{Scope, comparable, lint};

use crate::report::{or_failure, show};
use crate::workspace::workspace_root;

/// Generates, or checks what was generated.
pub(crate) fn run(root: Option<PathBuf>, check: bool, verbose: bool) -> ExitCode {
    let Some(root) = root.or_else(workspace_root) else {
        eprintln!("no {CONTRACT} here or in a folder above; call it from inside the workspace, or name it with --root");
        return ExitCode::FAILURE;
    };
    or_failure(generate(&root, check, verbose))
}

fn generate(root: &Path, check: bool, verbose: bool) -> Result<ExitCode, Box<dyn std::error::Error>> {
    let contract = root.join(CONTRACT);
    let document = match load::load(&contract) {
        Ok(document) => document,
        Err(report) => return Ok(show(Path::new(CONTRACT), &report, false)),
    };
    let report = lint(&document, Scope::Project);
    if report.has_errors() {
        return Ok(show(Path::new(CONTRACT), &report, false));
    }
    let error_codes =
        files::read_to_string(&root.join(ERROR_CODES)).map_err(|error| format!("can't read {ERROR_CODES}: {error}"))?;
    let generated = pipeline::run(&document, &error_codes)?;
    if verbose {
        for lowering in &generated.lowerings {
            println!("lowered {}: {}", lowering.name, lowering.why);
            for change in &lowering.changes {
                println!("    {}", Escaped(change));
            }
        }
    }
    let count = generated.artifacts.len();
    if check {
        let differences = output::differences(root, &generated.artifacts)?;
        if differences.is_empty() {
            println!("all {count} generated files match {CONTRACT}");
            println!("{}", since_last_release(root, comparable));
            return Ok(ExitCode::SUCCESS);
        }
        print!("{}", EscapedLines(differences));
        eprintln!("error: generated files don't match {CONTRACT}; `cargo xtask generate` updates them");
        return Ok(ExitCode::FAILURE);
    }
    let changed = output::write(root, &generated.artifacts)?;
    if verbose {
        for path in &changed {
            println!("wrote {}", path.display());
        }
    }
    println!("{} of {count} generated files changed", changed.len());
    println!("{}", since_last_release(root, comparable));
    Ok(ExitCode::SUCCESS)
}
