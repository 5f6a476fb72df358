//! `cargo xtask growth`: how time and memory grow with the contract. The program is a bench of `contract-codegen`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use contract::command::cargo;

use crate::start::start;

/// Measures how long contracts of growing size take, and how much memory.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Operations of the largest contract.
    #[arg(long, default_value_t = 300)]
    operations: usize,
    /// Schemas of the largest contract.
    #[arg(long, default_value_t = 600)]
    schemas: usize,
    /// Writes the largest contract to this file, and measures nothing.
    #[arg(long)]
    write: Option<PathBuf>,
}

/// Measures and shows the growth; fails where a limit is passed.
pub(crate) fn run(root: &Path, arguments: &Arguments) -> ExitCode {
    let mut command = cargo();
    command.args(["bench", "--quiet", "--profile", "dev", "--package", "contract-codegen", "--bench", "growth", "--"]);
    command.current_dir(root).args(["--operations", &arguments.operations.to_string()]);
    command.args(["--schemas", &arguments.schemas.to_string()]);
    if let Some(file) = &arguments.write {
        // Cargo starts benches in the folder of their package.
        command.arg("--write").arg(std::path::absolute(file).unwrap_or_else(|_| file.clone()));
    }
    start(&mut command)
}
