//! `cargo xtask diff-accuracy`: the accuracy table of `diff`, measured. The program is a bench of `contract-diff`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use contract::command::cargo;

use crate::start::start;

/// Measures what single edits of the contract do to the generated Rust API, and compares the verdicts of `diff` with it.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Only these rows; otherwise all of them.
    rows: Vec<String>,
    /// Only ten rows, of every kind.
    #[arg(long, conflicts_with = "rows")]
    sample: bool,
    /// Asks rustdoc alone, and not cargo-semver-checks too, which is installed where it isn't there.
    #[arg(long)]
    rustdoc_only: bool,
    /// Where to generate and compile; otherwise a folder below the target folder, which is kept for the next time.
    #[arg(long)]
    folder: Option<PathBuf>,
}

/// Measures and shows the rows; fails where one doesn't agree.
pub(crate) fn run(root: &Path, arguments: &Arguments) -> ExitCode {
    let mut command = cargo();
    command.args(["bench", "--quiet", "--profile", "dev", "--package", "contract-diff", "--bench", "accuracy", "--"]);
    command.current_dir(root).args(&arguments.rows);
    if arguments.sample {
        command.arg("--sample");
    }
    if arguments.rustdoc_only {
        command.arg("--rustdoc-only");
    }
    if let Some(folder) = &arguments.folder {
        // Cargo starts benches in the folder of their package.
        command.arg("--folder").arg(std::path::absolute(folder).unwrap_or_else(|_| folder.clone()));
    }
    start(&mut command)
}
